using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class DirectReplyContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private const string Replies = "amq.rabbitmq.reply-to";

    private static readonly QueueConsumerOptions s_replies = new() { AutoAck = true };

    [Fact]
    public async Task A_reply_comes_straight_to_the_channel_that_asked()
    {
        IExchangeChannel client = await OpenClientAsync();
        IQueueConsumer replies = await client.ConsumeAsync(Replies, s_replies);
        await client.PublishAsync("", "server", "question", new MessageProperties { ReplyTo = Replies, CorrelationId = "1" });
        Delivery request = await TakeAsync("server");
        Assert.StartsWith(Replies + ".", request.Properties.ReplyTo, StringComparison.Ordinal);
        await PublishAsync("", request.Properties.ReplyTo!, "answer", new MessageProperties { CorrelationId = request.Properties.CorrelationId });
        Delivery reply = (await ReadAsync(replies, 1))[0];
        Assert.Equal(("answer", "1", ""), (reply.Text, reply.Properties.CorrelationId, reply.Exchange));
    }

    [Fact]
    public async Task Several_replies_come_in_order()
    {
        IExchangeChannel client = await OpenClientAsync();
        IQueueConsumer replies = await client.ConsumeAsync(Replies, s_replies);
        await client.PublishAsync("", "server", "question", new MessageProperties { ReplyTo = Replies });
        string address = (await TakeAsync("server")).Properties.ReplyTo!;
        for (int i = 0; i < 5; i++)
            await PublishAsync("", address, $"{i}");
        Assert.Equal(["0", "1", "2", "3", "4"], await ReadTextsAsync(replies, 5));
    }

    [Fact]
    public async Task A_request_without_a_consumer_for_its_replies_is_refused()
    {
        IExchangeChannel client = await OpenClientAsync();
        await FailedAsync(
            "fast reply consumer does not exist",
            async () => await client.PublishAsync("", "server", "question", new MessageProperties { ReplyTo = Replies }));
    }

    [Fact]
    public async Task Replies_cannot_be_acknowledged()
    {
        IExchangeChannel client = await OpenClientAsync();
        await FailedAsync("reply consumer cannot acknowledge", async () => await client.ConsumeAsync(Replies));
    }

    [Fact]
    public async Task A_channel_has_one_consumer_for_replies()
    {
        IExchangeChannel client = await OpenClientAsync();
        await client.ConsumeAsync(Replies, s_replies);
        await FailedAsync("reply consumer already set", async () => await client.ConsumeAsync(Replies, s_replies));
    }

    [Fact]
    public async Task A_reply_is_routed_and_an_address_that_was_never_given_out_is_not()
    {
        IExchangeChannel client = await OpenClientAsync();
        await client.ConsumeAsync(Replies, s_replies);
        await client.PublishAsync("", "server", "question", new MessageProperties { ReplyTo = Replies });
        string address = (await TakeAsync("server")).Properties.ReplyTo!;
        IExchangeChannel server = await OpenAsync();
        Assert.Equal(PublishOutcome.Confirmed, await server.PublishAsync("", address, "answer", mandatory: true));
        Assert.Equal(PublishOutcome.Returned, await server.PublishAsync("", Replies + ".nobody", "answer", mandatory: true));
    }

    [Fact]
    public async Task Another_reply_address_is_left_alone()
    {
        IExchangeChannel client = await OpenClientAsync();
        await client.PublishAsync("", "server", "question", new MessageProperties { ReplyTo = "somewhere" });
        Assert.Equal("somewhere", (await TakeAsync("server")).Properties.ReplyTo);
    }

    private async Task<IExchangeChannel> OpenClientAsync()
    {
        Needs(ExchangeFeature.DirectReplyTo);
        await Broker.DeclareQueueAsync("server");
        return await OpenAsync();
    }
}

public sealed class DirectReply_on_native(NativeExchanges provider) : DirectReplyContract(provider);

public sealed class DirectReply_on_native_disk(NativeExchangesOnDisk provider) : DirectReplyContract(provider);

public sealed class DirectReply_on_rabbitmq(RabbitMqExchanges provider) : DirectReplyContract(provider);
