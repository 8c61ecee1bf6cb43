namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>To one of the destinations bound, at random; binding keys do not matter (RabbitMQ's <c>rabbitmq_random_exchange</c>).</summary>
internal sealed class RandomExchange : IExchangeType
{
    public string Name => ExchangeType.Random;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

    private sealed class Router : IBuiltInRouter
    {
        private readonly List<Binding> _bindings = [];

        public bool ReadsProperties => false;

        public bool RoutesEachKey => false;

        public void Add(Binding binding) => _bindings.Add(binding);

        public void Remove(Binding binding) => _bindings.Remove(binding);

#pragma warning disable CA5394 // A message's way is no secret.
        public void Route(in RoutedMessage message, RouteMatches matches)
        {
            if (_bindings.Count > 0)
                matches.Add(_bindings[Random.Shared.Next(_bindings.Count)]);
        }
#pragma warning restore CA5394
    }
}
