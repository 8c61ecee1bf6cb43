using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class OwnExchangeType() : Lesson(18, "own-exchange-type", "A routing rule of your own: to the bindings whose number range holds the message's.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        EmbeddedBrokerOptions options = new() { ExchangeTypes = { new RangeExchangeType() } };
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(options, cancellationToken: stopping);

        await broker.Exchanges.DeclareExchangeAsync("payments", "x-range", stopping);
        foreach ((string queue, string range) in new[] { ("small", "0-99"), ("large", "100-1000000"), ("audited", "50-5000") })
        {
            await broker.Exchanges.DeclareQueueAsync(queue, cancellationToken: stopping);
            await broker.Exchanges.BindQueueAsync(queue, "payments", range, cancellationToken: stopping);
            output.WriteLine($"{queue} is bound with {range}.");
        }

        // What CreateRouter and Add refuse, the broker refuses: error 406.
        try
        {
            await broker.Exchanges.BindQueueAsync("small", "payments", "little", cancellationToken: stopping);
        }
        catch (ChannelException error)
        {
            output.WriteLine($"Binding with 'little': {(int)error.ReplyCode} {error.ReplyCode}");
        }

        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync(cancellationToken: stopping);
        foreach (string amount in new[] { "20", "70", "300", "70000" })
            await channel.PublishAsync("payments", amount, amount, cancellationToken: stopping);
        foreach (string queue in new[] { "small", "large", "audited" })
        {
            List<string> amounts = [];
            while (await channel.GetAsync(queue, autoAck: true, stopping) is { } delivery)
                amounts.Add(delivery.Text);
            output.WriteLine($"{queue}: {string.Join(", ", amounts)}");
        }
    }

    private sealed class RangeExchangeType : IExchangeType
    {
        public string Name => "x-range";

        public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

        /// <summary>Routes by a number in the routing key. A real one with many bindings would use an interval tree.</summary>
        private sealed class Router : IExchangeRouter
        {
            private readonly List<(long From, long To, Binding Binding)> _ranges = [];

            public void Add(Binding binding)
            {
                string[] ends = binding.RoutingKey.Split('-');
                if (ends.Length != 2 || !long.TryParse(ends[0], out long from) || !long.TryParse(ends[1], out long to))
                    throw new ArgumentException($"The binding key '{binding.RoutingKey}' is no range like 10-20.");
                _ranges.Add((from, to, binding));
            }

            public void Remove(Binding binding) => _ranges.RemoveAll(range => range.Binding == binding);

            public void Route(in RoutedMessage message, RouteMatches matches)
            {
                if (!long.TryParse(message.RoutingKey, out long number))
                    return;
                foreach ((long from, long to, Binding binding) in _ranges)
                {
                    if (number >= from && number <= to)
                        matches.Add(binding);
                }
            }
        }
    }
}
