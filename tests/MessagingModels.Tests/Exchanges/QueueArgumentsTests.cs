namespace MessagingModels.Tests.Exchanges;

public sealed class QueueArgumentsTests
{
    [Fact]
    public void Properties_are_the_arguments_under_their_names()
    {
        QueueArguments arguments = new()
        {
            QueueType = QueueType.Quorum,
            MessageTtl = TimeSpan.FromSeconds(1.5),
            MaxLength = 10,
            MaxPriority = 5,
            SingleActiveConsumer = true,
        };

        Assert.Equal("quorum", arguments["x-queue-type"]);
        Assert.Equal(1500L, arguments["x-message-ttl"]);
        Assert.Equal(10L, arguments["x-max-length"]);
        Assert.Equal(true, arguments["x-single-active-consumer"]);
        Assert.Equal(TimeSpan.FromSeconds(1.5), arguments.MessageTtl);
        Assert.Equal(5, arguments.MaxPriority);
        Assert.Null(arguments.Expires);
        Assert.Null(arguments.DeadLetterExchange);
    }

    [Fact]
    public void Null_removes_an_argument()
    {
        QueueArguments arguments = new() { MaxLength = 10, Overflow = "drop-head" };

        arguments.MaxLength = null;
        arguments.Overflow = null;

        Assert.Empty(arguments);
    }

    [Fact]
    public void Numbers_of_every_width_are_read()
    {
        QueueArguments arguments = new() { ["x-max-length"] = 7, ["x-message-ttl"] = (short)20, ["x-expires"] = "soon" };

        Assert.Equal(7, arguments.MaxLength);
        Assert.Equal(TimeSpan.FromMilliseconds(20), arguments.MessageTtl);
        Assert.Null(arguments.Expires);
    }
}
