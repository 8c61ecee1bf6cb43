using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>AMQP's short strings hold 255 bytes of UTF-8. What is longer is refused in the same words everywhere, and nothing closes.</summary>
public abstract class TextLengthContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    /// <summary>128 characters, 256 bytes.</summary>
    private static readonly string s_long = new('é', 128);

    /// <summary>What is done with the long text, and what the error calls it.</summary>
    private static readonly Dictionary<string, (string What, Func<IExchangeBroker, Task> Do)> s_onBroker = new()
    {
        ["declare a queue"] = ("queue name", async broker => await broker.DeclareQueueAsync(s_long)),
        ["declare a queue with an argument"] = ("argument name", async broker => await broker.DeclareQueueAsync("q", new QueueArguments { [s_long] = 1 })),
        ["delete a queue"] = ("queue name", async broker => await broker.DeleteQueueAsync(s_long)),
        ["purge a queue"] = ("queue name", async broker => await broker.PurgeQueueAsync(s_long)),
        ["describe a queue"] = ("queue name", async broker => await broker.DescribeQueueAsync(s_long)),
        ["declare an exchange"] = ("exchange name", async broker => await broker.DeclareExchangeAsync(s_long, ExchangeType.Direct)),
        ["declare an exchange of a type"] = ("exchange type", async broker => await broker.DeclareExchangeAsync("x", s_long)),
        ["delete an exchange"] = ("exchange name", async broker => await broker.DeleteExchangeAsync(s_long)),
        ["describe an exchange"] = ("exchange name", async broker => await broker.DescribeExchangeAsync(s_long)),
        ["bind a queue"] = ("queue name", async broker => await broker.BindQueueAsync(s_long, "amq.direct", "k")),
        ["bind to an exchange"] = ("exchange name", async broker => await broker.BindQueueAsync("q", s_long, "k")),
        ["bind with a key"] = ("routing key", async broker => await broker.BindQueueAsync("q", "amq.direct", s_long)),
        ["bind with an argument"] = (
            "argument name", async broker => await broker.BindQueueAsync("q", "amq.headers", "", new Dictionary<string, object?> { [s_long] = 1 })),
        ["bind an exchange"] = ("exchange name", async broker => await broker.BindExchangeAsync(s_long, "amq.direct", "k")),
        ["unbind with a key"] = (
            "routing key", async broker => await broker.UnbindAsync(new Binding("amq.direct", BindingTarget.Queue, "q", s_long))),
    };

    private static readonly Dictionary<string, (string What, Func<IExchangeChannel, Task> Do)> s_onChannel = new()
    {
        ["publish to an exchange"] = ("exchange name", async channel => await channel.PublishAsync(s_long, "k", "m")),
        ["publish with a key"] = ("routing key", async channel => await channel.PublishAsync("amq.direct", s_long, "m")),
        ["enqueue with a key"] = ("routing key", async channel => await channel.EnqueueAsync("amq.direct", s_long, "m"u8.ToArray())),
        ["publish with a header"] = ("header name", channel => PublishAsync(channel, new() { Headers = Table((s_long, 1)) })),
        ["publish with a header in a header"] = ("header name", channel => PublishAsync(channel, new() { Headers = Table(("h", Table((s_long, 1)))) })),
        ["publish with a content type"] = ("ContentType", channel => PublishAsync(channel, new() { ContentType = s_long })),
        ["publish with a correlation id"] = ("CorrelationId", channel => PublishAsync(channel, new() { CorrelationId = s_long })),
        ["publish with an address to reply to"] = ("ReplyTo", channel => PublishAsync(channel, new() { ReplyTo = s_long })),
        ["publish with a message id"] = ("MessageId", channel => PublishAsync(channel, new() { MessageId = s_long })),
        ["publish with a type"] = ("Type", channel => PublishAsync(channel, new() { Type = s_long })),
        ["publish with an app id"] = ("AppId", channel => PublishAsync(channel, new() { AppId = s_long })),
        ["consume from a queue"] = ("queue name", async channel => await channel.ConsumeAsync(s_long)),
        ["consume with a tag"] = ("consumer tag", async channel => await channel.ConsumeAsync("q", new QueueConsumerOptions { ConsumerTag = s_long })),
        ["consume with an argument"] = (
            "argument name", async channel => await channel.ConsumeAsync("q", new QueueConsumerOptions { Arguments = Table((s_long, 1)) })),
        ["get from a queue"] = ("queue name", async channel => await channel.GetAsync(s_long)),
    };

    public static TheoryData<string> OnBroker => [.. s_onBroker.Keys];

    public static TheoryData<string> OnChannel => [.. s_onChannel.Keys];

    [Theory]
    [MemberData(nameof(OnBroker))]
    public async Task A_text_of_256_bytes_is_refused_by_its_name(string step)
    {
        await Broker.DeclareQueueAsync("q");
        (string what, Func<IExchangeBroker, Task> action) = s_onBroker[step];
        await RefusedAsTooLongAsync(what, () => action(Broker));
    }

    [Theory]
    [MemberData(nameof(OnChannel))]
    public async Task A_text_of_256_bytes_is_refused_and_the_channel_stays_open(string step)
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        (string what, Func<IExchangeChannel, Task> action) = s_onChannel[step];
        await RefusedAsTooLongAsync(what, () => action(channel));
        Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("", "q", "m"));
    }

    [Fact]
    public async Task A_text_of_255_bytes_arrives()
    {
        string longest = new string('é', 127) + "k";
        MessageProperties sent = new() { MessageId = longest, CorrelationId = longest, Headers = Table((longest, longest)) };
        await Broker.DeclareExchangeAsync(longest, ExchangeType.Direct);
        await Broker.DeclareQueueAsync(longest);
        await Broker.BindQueueAsync(longest, longest, longest);
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync(longest, new QueueConsumerOptions { ConsumerTag = longest });
        await channel.PublishAsync(longest, longest, "m", sent);
        Delivery delivery = (await ReadAsync(consumer, 1))[0];
        Assert.Equal((longest, longest, longest), (delivery.Exchange, delivery.RoutingKey, consumer.ConsumerTag));
        Assert.Equal((longest, longest), (delivery.Properties.MessageId, delivery.Properties.CorrelationId));
        Assert.Equal(longest, delivery.Properties.Headers[longest]);
    }

    private static async Task RefusedAsTooLongAsync(string what, Func<Task> action)
        => Assert.Equal(
            $"The {what} '{s_long[..16]}...' has 256 bytes in UTF-8; 255 are the most.",
            (await Assert.ThrowsAsync<ArgumentException>(action)).Message);

    private static async Task PublishAsync(IExchangeChannel channel, MessageProperties properties)
        => await channel.PublishAsync("", "q", "m", properties);
}

public sealed class TextLength_on_native(NativeExchanges provider) : TextLengthContract(provider);

public sealed class TextLength_on_rabbitmq(RabbitMqExchanges provider) : TextLengthContract(provider);
