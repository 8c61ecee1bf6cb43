using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class TopicExchange() : Lesson(10, "topic", "Patterns over words: * is one word, # any number of them.")
{
    private static readonly (string Queue, string Pattern)[] Bindings =
    [
        ("all orders", "order.#"),
        ("all payments", "payment.*.*"),
        ("germany", "*.de.#"),
        ("refunds", "#.refund"),
        ("everything", "#"),
    ];

    private static readonly string[] RoutingKeys =
        ["order.de.placed", "order.fr.placed", "order", "payment.de.refund", "payment.us.card", "stock.de"];

    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Exchanges.DeclareExchangeAsync("events", ExchangeType.Topic, stopping);
        foreach ((string queue, string pattern) in Bindings)
        {
            await broker.Exchanges.DeclareQueueAsync(queue, cancellationToken: stopping);
            await broker.Exchanges.BindQueueAsync(queue, "events", pattern, cancellationToken: stopping);
        }

        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);
        foreach (string routingKey in RoutingKeys)
            await channel.PublishAsync("events", routingKey, "", cancellationToken: stopping);
        output.WriteLine($"Published: {string.Join(", ", RoutingKeys)}");

        foreach ((string queue, string pattern) in Bindings)
        {
            List<string> routingKeys = [];
            while (await channel.GetAsync(queue, autoAck: true, stopping) is { } delivery)
                routingKeys.Add(delivery.RoutingKey);
            output.WriteLine($"{queue} ({pattern}): {string.Join(", ", routingKeys)}");
        }
    }
}
