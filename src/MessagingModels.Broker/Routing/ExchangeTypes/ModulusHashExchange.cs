namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// To one destination: the hash of the routing key modulo the number of bindings (RabbitMQ's <c>rabbitmq_sharding</c>). Bindings are counted
/// in the order of their destinations' names, so that a restart changes nothing; one binding more or less moves nearly every key.
/// </summary>
internal sealed class ModulusHashExchange : IExchangeType
{
    public string Name => ExchangeType.ModulusHash;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

    private sealed class Router : IBuiltInRouter
    {
        private readonly List<Binding> _bindings = [];

        public bool ReadsProperties => false;

        public bool RoutesEachKey => false;

        public void Add(Binding binding)
        {
            int index = _bindings.FindIndex(other => Compare(binding, other) < 0);
            _bindings.Insert(index < 0 ? _bindings.Count : index, binding);
        }

        public void Remove(Binding binding) => _bindings.Remove(binding);

        public void Route(in RoutedMessage message, RouteMatches matches)
        {
            if (_bindings.Count > 0)
                matches.Add(_bindings[(int)(StableHash.Compute(message.RoutingKey) % (ulong)_bindings.Count)]);
        }

        private static int Compare(Binding left, Binding right)
        {
            int order = string.CompareOrdinal(left.Destination, right.Destination);
            return order != 0 ? order : string.CompareOrdinal(left.RoutingKey, right.RoutingKey);
        }
    }
}
