using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class DirectExchange() : Lesson(8, "direct", "A message goes to the queues bound with exactly its routing key.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        IExchangeBroker exchanges = broker.Exchanges;

        await exchanges.DeclareExchangeAsync("logs", ExchangeType.Direct, stopping);
        await exchanges.DeclareQueueAsync("alarm", cancellationToken: stopping);
        await exchanges.DeclareQueueAsync("archive", cancellationToken: stopping);
        await exchanges.BindQueueAsync("alarm", "logs", "error", cancellationToken: stopping);
        foreach (string severity in new[] { "info", "warning", "error" })
            await exchanges.BindQueueAsync("archive", "logs", severity, cancellationToken: stopping);
        output.WriteLine("alarm is bound with error; archive with info, warning and error.");

        await using IExchangeChannel channel = await exchanges.OpenChannelAsync(cancellationToken: stopping);
        await channel.PublishAsync("logs", "info", "started", cancellationToken: stopping);
        await channel.PublishAsync("logs", "error", "disk full", cancellationToken: stopping);
        // Nobody asked for this one. It is dropped, or returned where it is mandatory.
        PublishOutcome outcome = await channel.PublishAsync("logs", "debug", "x = 1", mandatory: true, cancellationToken: stopping);
        output.WriteLine($"Published info, error and debug; the mandatory debug message was {outcome}.");

        foreach (string queue in new[] { "alarm", "archive" })
        {
            while (await channel.GetAsync(queue, autoAck: true, stopping) is { } delivery)
                output.WriteLine($"{queue}: {delivery.RoutingKey}: {delivery.Text}");
        }

        // The default exchange has the empty name and routes to the queue that is called like the routing key.
        await channel.PublishAsync("", "alarm", "straight to the queue", cancellationToken: stopping);
        output.WriteLine($"alarm: {(await channel.GetAsync("alarm", autoAck: true, stopping))!.Value.Text}");
    }
}
