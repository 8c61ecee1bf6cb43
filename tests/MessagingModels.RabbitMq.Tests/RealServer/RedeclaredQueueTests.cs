namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>A queue that somebody else deletes and declares anew with another type, of which RabbitMQ tells nobody.</summary>
public sealed class RedeclaredQueueTests(RealRabbitMq rabbit) : IAsyncLifetime
{
    private static readonly QueueArguments s_classic = new() { QueueType = QueueType.Classic };
    private static readonly QueueArguments s_stream = new() { QueueType = QueueType.Stream };
    private static readonly QueueConsumerOptions s_automatic = new() { AutoAck = true };

    private readonly string _queue = RealRabbitMq.NewName();
    private RabbitMqExchangeBroker _elsewhere = null!;
    private RabbitMqExchangeBroker _here = null!;

    public async ValueTask InitializeAsync()
    {
        _elsewhere = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        _here = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_here is null)
            return;
        await _here.DisposeAsync();
        await _elsewhere.DeleteQueueAsync(_queue);
        await _elsewhere.DisposeAsync();
    }

    [Fact]
    public async Task What_was_a_stream_is_used_as_the_classic_queue_that_it_is()
    {
        await _here.DeclareQueueAsync(_queue, s_stream);
        await RefusedAsync(_here);
        await RedeclareAsync(s_classic);

        await using IExchangeChannel channel = await _here.OpenChannelAsync();
        Assert.Null(await channel.GetAsync(_queue));
        Assert.Equal(0, await _here.PurgeQueueAsync(_queue));
        await using IQueueConsumer consumer = await _here.ConsumeAsync(_queue, s_automatic);
    }

    [Fact]
    public async Task What_became_a_stream_is_refused_after_a_while()
    {
        await _here.DeclareQueueAsync(_queue, s_classic);
        await using IExchangeChannel channel = await _here.OpenChannelAsync();
        Assert.Null(await channel.GetAsync(_queue));
        await RedeclareAsync(s_stream);
        await Task.Delay(TimeSpan.FromSeconds(6));

        await RefusedAsync(_here);
        await Assert.ThrowsAsync<ChannelException>(async () => await _here.PurgeQueueAsync(_queue));
        await Assert.ThrowsAsync<ChannelException>(async () => await _here.ConsumeAsync(_queue, s_automatic));
        Assert.True(channel.IsOpen);
    }

    [Fact]
    public async Task A_consumer_that_is_cancelled_shows_that_its_queue_may_be_another_one()
    {
        await _here.DeclareQueueAsync(_queue, s_classic);
        await using IQueueConsumer consumer = await _here.ConsumeAsync(_queue);
        await RedeclareAsync(s_stream);
        await Assert.ThrowsAsync<ConsumerCancelledException>(async () => await consumer.ReadAsync().GetAsyncEnumerator().MoveNextAsync());

        await RefusedAsync(_here);
    }

    [Fact]
    public async Task A_queue_that_was_missed_is_looked_at_anew()
    {
        await _here.DeclareQueueAsync(_queue, s_classic);
        await _elsewhere.DeleteQueueAsync(_queue);
        await using IExchangeChannel channel = await _here.OpenChannelAsync();
        ChannelException missing = await Assert.ThrowsAsync<ChannelException>(async () => await channel.GetAsync(_queue));
        Assert.Equal(ReplyCode.NotFound, missing.ReplyCode);
        await _elsewhere.DeclareQueueAsync(_queue, s_stream);

        await RefusedAsync(_here);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_RabbitMQ_closes_for_a_stream_is_not_closed_for_it_again(bool withManagement)
    {
        await using RabbitMqExchangeBroker here = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync(withManagement));
        Exception? failure;
        do
        {
            await _elsewhere.DeleteQueueAsync(_queue);
            await here.DeclareQueueAsync(_queue, s_classic);
            await RedeclareAsync(s_stream);
            IExchangeChannel channel = await here.OpenChannelAsync();
            failure = await Record.ExceptionAsync(async () => await channel.GetAsync(_queue));
        }
        while (failure is ChannelException); // On a busy machine it may be time to ask for the type again.
        Assert.Equal(ReplyCode.NotImplemented, Assert.IsType<ConnectionException>(failure).ReplyCode);
        await RealRabbitMq.UntilAsync(async () => await Record.ExceptionAsync(async () => await here.OpenChannelAsync()) is null, "the connection is back");

        await RefusedAsync(here);
    }

    [Fact]
    public async Task Without_a_management_a_declaration_that_does_not_fit_shows_that_the_queue_is_another_one()
    {
        await using RabbitMqExchangeBroker here = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync(withManagement: false));
        await here.DeclareQueueAsync(_queue, s_stream);
        await RefusedAsync(here);
        await RedeclareAsync(s_classic);
        await Assert.ThrowsAsync<ChannelException>(async () => await here.DeclareQueueAsync(_queue, s_stream));

        await using IExchangeChannel channel = await here.OpenChannelAsync();
        Assert.Null(await channel.GetAsync(_queue));
    }

    private async Task RedeclareAsync(QueueArguments arguments)
    {
        await _elsewhere.DeleteQueueAsync(_queue);
        await _elsewhere.DeclareQueueAsync(_queue, arguments);
    }

    /// <summary>Getting is refused, and only the channel is closed for it.</summary>
    private async Task RefusedAsync(RabbitMqExchangeBroker broker)
    {
        await using IExchangeChannel witness = await broker.OpenChannelAsync();
        IExchangeChannel channel = await broker.OpenChannelAsync();
        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(async () => await channel.GetAsync(_queue));
        Assert.Equal(ReplyCode.NotImplemented, refused.ReplyCode);
        Assert.False(channel.IsOpen);
        await witness.PublishAsync("", RealRabbitMq.NewName(), "the connection is open");
    }
}
