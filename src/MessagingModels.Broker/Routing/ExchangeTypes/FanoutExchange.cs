namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>To every destination bound (AMQP 0-9-1, 3.1.3.2).</summary>
internal sealed class FanoutExchange : IExchangeType
{
    public string Name => ExchangeType.Fanout;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

    private sealed class Router : IBuiltInRouter
    {
        private readonly List<Binding> _bindings = [];

        public bool ReadsProperties => false;

        public bool RoutesEachKey => false;

        public void Add(Binding binding) => _bindings.Add(binding);

        public void Remove(Binding binding) => _bindings.Remove(binding);

        public void Route(in RoutedMessage message, RouteMatches matches)
        {
            foreach (Binding binding in _bindings)
                matches.Add(binding);
        }
    }
}
