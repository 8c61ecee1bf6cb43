using System.Globalization;
using MessagingModels.Broker;

namespace MessagingModels.Fault.Child;

/// <summary>Publishes numbered persistent messages with confirms to a durable queue and acknowledges about half of what it consumes.</summary>
internal static class QueueWorkload
{
    private const string Queue = "load";
    private const int InFlight = 64;

    public static async Task RunAsync(EmbeddedBroker broker, AcknowledgedLines lines, string round)
    {
        await broker.Exchanges.DeclareExchangeAsync("events", ExchangeType.Fanout);
        await broker.Exchanges.DeclareQueueAsync(Queue);
        await broker.Exchanges.DeclareQueueAsync("copy");
        await broker.Exchanges.BindQueueAsync(Queue, "events");
        await broker.Exchanges.BindQueueAsync("copy", "events");
        await Task.WhenAll(PublishAsync(broker, lines, $"q{round}"), ConsumeAsync(broker, lines));
    }

    private static async Task PublishAsync(EmbeddedBroker broker, AcknowledgedLines lines, string name)
    {
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync();
        Queue<(string Id, Task<PublishOutcome> Outcome)> outstanding = new();
        for (long n = 0; ; n++)
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"{name}:{n}");

            // Every eighth body is above the threshold from which queues share it.
            string body = id + new string('.', n % 8 == 0 ? 6000 : (int)(n % 200));
            outstanding.Enqueue((id, channel.PublishAsync("events", "", body, MessageProperties.PersistentOnly).AsTask()));
            if (outstanding.Count < InFlight)
                continue;
            (string oldest, Task<PublishOutcome> pending) = outstanding.Dequeue();
            await pending;
            lines.Write($"confirmed {oldest}");
        }
    }

    private static async Task ConsumeAsync(EmbeddedBroker broker, AcknowledgedLines lines)
    {
        await using IQueueConsumer consumer = await broker.Exchanges.ConsumeAsync(Queue, new QueueConsumerOptions { Prefetch = 50 });
        long count = 0;
        await foreach (Delivery delivery in consumer.ReadAsync())
        {
            string id = delivery.Text.TrimEnd('.');
            if (count++ % 2 == 0)
            {
                // Said before the acknowledgement: from here on the message may be gone, and may still come again.
                lines.Write($"acking {id}");
                await delivery.AckAsync();
            }
            else if (count % 50 == 0)
            {
                await delivery.NackAsync(requeue: true, multiple: true);
            }
        }
    }
}
