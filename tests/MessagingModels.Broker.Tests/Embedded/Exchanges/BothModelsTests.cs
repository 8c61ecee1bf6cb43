namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class BothModelsTests
{
    [Fact]
    public async Task One_message_is_a_work_item_and_a_record_that_can_be_read_again()
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: patience.Token);
        await broker.Log.CreateTopicAsync(new TopicSpecification("orders"), patience.Token);
        await broker.Exchanges.DeclareExchangeAsync("events", ExchangeType.Topic, patience.Token);
        await broker.Exchanges.DeclareQueueAsync("audit", cancellationToken: patience.Token);
        await broker.Exchanges.BindQueueAsync("audit", "events", "order.#", cancellationToken: patience.Token);
        await broker.Exchanges.BindTopicAsync("orders", "events", "order.placed", cancellationToken: patience.Token);
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync(cancellationToken: patience.Token);
        MessageProperties properties = new() { MessageId = "m-1", Headers = new Dictionary<string, object?> { ["who"] = "alice" } };
        await channel.PublishAsync("events", "order.placed", "1 tea", properties, cancellationToken: patience.Token);
        Delivery delivery = (await channel.GetAsync("audit", autoAck: true, patience.Token))!.Value;
        Assert.Equal(("1 tea", "alice"), (delivery.Text, delivery.Properties.Headers["who"]));
        foreach (string group in (string[])["billing", "shipping"])
        {
            await using ILogConsumer consumer = await broker.Log.JoinGroupAsync(group, "orders");
            await foreach (LogRecord record in consumer.ReadAsync(patience.Token))
            {
                Assert.Equal((0L, "order.placed", "1 tea"), (record.Offset.Value, record.KeyText, record.ValueText));
                Assert.Equal(
                    [("amqp.exchange", "events"), ("amqp.message-id", "m-1"), ("who", "alice")],
                    record.Headers.Select(header => (header.Key, header.Text)));
                break;
            }
        }
    }
}
