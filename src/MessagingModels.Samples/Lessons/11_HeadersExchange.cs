using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class HeadersExchange() : Lesson(11, "headers", "Routing by the message's headers: all of them, or any.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Exchanges.DeclareExchangeAsync("documents", ExchangeType.Headers, stopping);

        await BindAsync(broker.Exchanges, "german invoices", "all", stopping);
        await BindAsync(broker.Exchanges, "german or invoice", "any", stopping);

        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);
        await PublishAsync("invoice", "de");
        await PublishAsync("invoice", "fr");
        await PublishAsync("letter", "de");
        await PublishAsync("letter", "fr");

        foreach (string queue in new[] { "german invoices", "german or invoice" })
        {
            List<string> texts = [];
            while (await channel.GetAsync(queue, autoAck: true, stopping) is { } delivery)
                texts.Add(delivery.Text);
            output.WriteLine($"{queue}: {string.Join(", ", texts)}");
        }

        async Task PublishAsync(string kind, string language)
        {
            MessageProperties properties = new()
            {
                Headers = new Dictionary<string, object?> { ["kind"] = kind, ["language"] = language, ["pages"] = 2 },
            };
            // The routing key plays no part.
            await channel.PublishAsync("documents", "", $"{kind} ({language})", properties, cancellationToken: stopping);
            output.WriteLine($"Published a document with kind={kind}, language={language}, pages=2.");
        }
    }

    private static async Task BindAsync(IExchangeBroker exchanges, string queue, string match, CancellationToken stopping)
    {
        await exchanges.DeclareQueueAsync(queue, cancellationToken: stopping);
        Dictionary<string, object?> arguments = new() { ["x-match"] = match, ["kind"] = "invoice", ["language"] = "de" };
        await exchanges.BindQueueAsync(queue, "documents", arguments: arguments, cancellationToken: stopping);
    }
}
