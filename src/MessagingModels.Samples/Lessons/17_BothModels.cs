using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class BothModels() : Lesson(
    17, "both-models", "One published message: work for competing consumers, and a record that groups can replay.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);

        // The exchange routes by pattern to a queue and to a topic alike.
        await broker.Log.CreateTopicAsync("orders", partitions: 3, stopping);
        await broker.Exchanges.DeclareExchangeAsync("events", ExchangeType.Topic, stopping);
        await broker.Exchanges.DeclareQueueAsync("kitchen", cancellationToken: stopping);
        await broker.Exchanges.BindQueueAsync("kitchen", "events", "order.placed", cancellationToken: stopping);
        await broker.Exchanges.BindTopicAsync("orders", "events", "order.#", cancellationToken: stopping);

        await using IExchangeChannel publisher = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);
        MessageProperties properties = new()
        {
            Persistent = true,
            Headers = new Dictionary<string, object?> { ["customer"] = "alice" },
        };
        await publisher.PublishAsync("events", "order.placed", "1 tea", properties, cancellationToken: stopping);
        await publisher.PublishAsync("events", "order.paid", "3 EUR", properties, cancellationToken: stopping);
        output.WriteLine("Published order.placed and order.paid; confirmed when both models had them.");

        // As work: one of the consumers gets it, and it is gone once acknowledged.
        await using IQueueConsumer cook = await broker.Exchanges.ConsumeAsync("kitchen", cancellationToken: stopping);
        Delivery work = await cook.ReadAsync(stopping).FirstAsync(stopping);
        output.WriteLine($"The kitchen works on: {work.Text} for {work.Properties.Headers["customer"]}");
        await work.AckAsync(cancellationToken: stopping);

        // As a log: every group reads all of it, now or later, with the same body, properties and headers.
        foreach (string group in new[] { "billing", "statistics" })
        {
            await using ILogConsumer reader = await broker.Log.JoinGroupAsync(group, "orders");
            List<LogRecord> records = await reader.ReadAsync(stopping).Take(2).ToListAsync(stopping);
            foreach (LogRecord record in records.OrderByDescending(record => record.KeyText, StringComparer.Ordinal))
            {
                record.Headers.TryGetLast("customer", out RecordHeader customer);
                output.WriteLine($"{group} reads: {record.KeyText}: {record.ValueText}, customer: {customer.Text}");
            }
        }
    }
}
