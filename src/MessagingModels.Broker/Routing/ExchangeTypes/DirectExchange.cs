namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>To the destinations bound with the message's routing key (AMQP 0-9-1, 3.1.3.1).</summary>
internal sealed class DirectExchange : IExchangeType
{
    public string Name => ExchangeType.Direct;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

    private sealed class Router : IBuiltInRouter
    {
        private readonly Dictionary<string, List<Binding>> _bindings = new(StringComparer.Ordinal);

        public bool ReadsProperties => false;

        public bool RoutesEachKey => true;

        public void Add(Binding binding)
        {
            if (!_bindings.TryGetValue(binding.RoutingKey, out List<Binding>? bound))
                _bindings.Add(binding.RoutingKey, bound = new List<Binding>(1));
            bound.Add(binding);
        }

        public void Remove(Binding binding)
        {
            if (_bindings.TryGetValue(binding.RoutingKey, out List<Binding>? bound) && bound.Remove(binding) && bound.Count == 0)
                _bindings.Remove(binding.RoutingKey);
        }

        public void Route(in RoutedMessage message, RouteMatches matches)
        {
            if (!_bindings.TryGetValue(message.RoutingKey, out List<Binding>? bound))
                return;
            foreach (Binding binding in bound)
                matches.Add(binding);
        }
    }
}
