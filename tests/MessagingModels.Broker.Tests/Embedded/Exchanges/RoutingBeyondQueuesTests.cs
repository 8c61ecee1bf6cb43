namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class RoutingBeyondQueuesTests
{
    [Fact]
    public async Task One_message_goes_to_a_queue_and_to_a_topic()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("audit", 0);
        await harness.Topics.CreateAsync(new TopicSpecification("orders", 3));
        await harness.Broker.BindQueueAsync("audit", "amq.topic", "order.#");
        await harness.Broker.BindTopicAsync("orders", "amq.topic", "order.placed");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("amq.topic", "order.placed", "1 tea", new MessageProperties { MessageId = "m-1" });
        await channel.PublishAsync("amq.topic", "order.shipped", "1 tea");
        ProducerRecord record = Assert.Single(harness.Producer.Records);
        Assert.Equal(("orders", "order.placed", "1 tea"), (record.Topic, Text(record.Key), Text(record.Value)));
        Assert.Equal([("amqp.exchange", "amq.topic"), ("amqp.message-id", "m-1")], record.Headers!.Select(header => (header.Key, header.Text)));
        Assert.Equal(2, ConsumingTests.Ready(harness, "audit"));
    }

    [Fact]
    public async Task A_publish_is_confirmed_only_when_the_topic_has_it()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", 0);
        await harness.Topics.CreateAsync(new TopicSpecification("t"));
        await harness.Broker.BindQueueAsync("q", "amq.fanout");
        await harness.Broker.BindTopicAsync("t", "amq.fanout");
        harness.Producer.HoldsAcknowledgements = true;
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        Task<PublishOutcome> publish = channel.PublishAsync("amq.fanout", "", "m").AsTask();
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Ready(harness, "q") == 1);
        Assert.False(publish.IsCompleted);
        harness.Producer.AcknowledgeAll();
        Assert.Equal(PublishOutcome.Confirmed, await publish);
    }

    [Fact]
    public async Task Bindings_to_a_topic_survive_a_restart_and_go_with_the_topic()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Topics.CreateAsync(new TopicSpecification("t"));
        await harness.Broker.BindTopicAsync("t", "amq.fanout");
        await harness.RestartAsync();
        Assert.Equal(BindingTarget.Topic, Assert.Single(await harness.Broker.ListBindingsAsync()).Target);
        await harness.Topics.DeleteAsync("t");
        await ExchangeHarness.UntilAsync(() => harness.Host.ListBindingsAsync(CancellationToken.None).AsTask().Result.Count == 0);
    }

    [Fact]
    public async Task A_delayed_message_arrives_when_its_time_has_come()
    {
        await using ExchangeHarness harness = await OpenDelayedAsync();
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("later", "k", "second", Delayed(2000));
        await channel.PublishAsync("later", "k", "first", Delayed(1000));
        await channel.PublishAsync("later", "k", "at once");
        Assert.Equal("at once", (await channel.GetAsync("q"))!.Value.Text);
        Assert.Equal(2, harness.Host.Delayed.Count);
        harness.Time.Advance(TimeSpan.FromMilliseconds(1000));
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Ready(harness, "q") == 1);
        harness.Time.Advance(TimeSpan.FromMilliseconds(1000));
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Ready(harness, "q") == 2);
        Delivery delivery = (await channel.GetAsync("q"))!.Value;
        Assert.Equal(("first", "later", "k", -1000L), (delivery.Text, delivery.Exchange, delivery.RoutingKey, delivery.Properties.Headers["x-delay"]));
        await ExchangeHarness.UntilAsync(() => harness.Host.Delayed.Count == 0);
    }

    [Fact]
    public async Task Delayed_messages_survive_a_restart_and_come_once()
    {
        await using ExchangeHarness harness = await OpenDelayedAsync();
        await using (IExchangeChannel channel = await harness.Broker.OpenChannelAsync())
        {
            for (int i = 0; i < 10; i++)
                await channel.PublishAsync("later", "k", $"{i}", Delayed(1000 * (i + 1)));
        }

        harness.Time.Advance(TimeSpan.FromSeconds(3));
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Ready(harness, "q") == 3 && harness.Host.Delayed.Count == 7);
        await harness.RestartAsync();
        Assert.Equal(7, harness.Host.Delayed.Count);
        harness.Time.Advance(TimeSpan.FromSeconds(7));
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Ready(harness, "q") == 10);
        await using IExchangeChannel next = await harness.Broker.OpenChannelAsync();
        for (int i = 0; i < 10; i++)
            Assert.Equal($"{i}", (await next.GetAsync("q"))!.Value.Text);
    }

    [Fact]
    public async Task A_direct_reply_comes_back_on_the_asking_channel()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("rpc", 0);
        await using IExchangeChannel client = await harness.Broker.OpenChannelAsync();
        await using IExchangeChannel server = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer replies = await client.ConsumeAsync("amq.rabbitmq.reply-to", new QueueConsumerOptions { AutoAck = true });
        await client.PublishAsync("", "rpc", "2+2", new MessageProperties { ReplyTo = "amq.rabbitmq.reply-to", CorrelationId = "1" });
        Delivery request = (await server.GetAsync("rpc", autoAck: true))!.Value;
        Assert.StartsWith("amq.rabbitmq.reply-to.", request.Properties.ReplyTo, StringComparison.Ordinal);
        await server.PublishAsync("", request.Properties.ReplyTo!, "4", new MessageProperties { CorrelationId = request.Properties.CorrelationId });
        Delivery reply = Assert.Single(await ExchangeHarness.ReadAsync(replies, 1));
        Assert.Equal(("4", "1"), (reply.Text, reply.Properties.CorrelationId));
        await client.DisposeAsync();
        List<ReturnedMessage> returned = [];
        await using IExchangeChannel late = await harness.Broker.OpenChannelAsync(new ChannelOptions { OnReturned = returned.Add });
        await late.PublishAsync("", request.Properties.ReplyTo!, "5", mandatory: true);
        Assert.Single(returned);
    }

    [Fact]
    public async Task Direct_replies_are_refused_without_a_reply_consumer_or_with_acknowledgements()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await using IExchangeChannel one = await harness.Broker.OpenChannelAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - fast reply consumer does not exist",
            async () => await one.PublishAsync("", "q", "m", new MessageProperties { ReplyTo = "amq.rabbitmq.reply-to" }));
        await using IExchangeChannel two = await harness.Broker.OpenChannelAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - reply consumer cannot acknowledge",
            async () => await two.ConsumeAsync("amq.rabbitmq.reply-to"));
    }

    private static async Task<ExchangeHarness> OpenDelayedAsync()
    {
        ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", 0);
        await harness.Broker.DeclareExchangeAsync(new ExchangeDeclaration("later", ExchangeType.DelayedMessage)
        {
            Arguments = new Dictionary<string, object?> { ["x-delayed-type"] = "direct" },
        });
        await harness.Broker.BindQueueAsync("q", "later", "k");
        return harness;
    }

    private static MessageProperties Delayed(int milliseconds)
        => new() { Persistent = true, Headers = new Dictionary<string, object?> { ["x-delay"] = milliseconds } };

    private static string Text(ReadOnlyMemory<byte>? bytes) => System.Text.Encoding.UTF8.GetString(bytes!.Value.Span);
}
