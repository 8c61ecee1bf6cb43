namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// To the destinations whose pattern matches the routing key (AMQP 0-9-1, 3.1.3.3): words are separated by dots, <c>*</c> is one word,
/// <c>#</c> is any number of words. As in RabbitMQ an empty key has no words at all.
/// </summary>
internal sealed class TopicExchange : IExchangeType
{
    public string Name => ExchangeType.Topic;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

    private sealed class Router : IBuiltInRouter
    {
        private readonly TopicTrie _trie = new();

        public bool ReadsProperties => false;

        public bool RoutesEachKey => true;

        public void Add(Binding binding) => _trie.Add(binding);

        public void Remove(Binding binding) => _trie.Remove(binding);

        public void Route(in RoutedMessage message, RouteMatches matches) => _trie.Match(message.RoutingKey, matches);
    }
}
