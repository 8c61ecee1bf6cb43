namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// To the destinations whose pattern matches the routing key (AMQP 0-9-1, 3.1.3.3): words are separated by dots, <c>*</c> is one word,
/// <c>#</c> is any number of words. As in RabbitMQ an empty key has no words at all, and a pattern may have <c>#</c> twice at the most.
/// </summary>
internal sealed class TopicExchange : IExchangeType
{
    private const int MaxAnyWords = 2;

    public string Name => ExchangeType.Topic;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

    private sealed class Router : IBuiltInRouter
    {
        private readonly TopicTrie _trie = new();

        public bool ReadsProperties => false;

        public bool RoutesEachKey => true;

        public void Add(Binding binding)
        {
            int anyWords = binding.RoutingKey.Split('.').Count(static word => word == "#");
            if (anyWords > MaxAnyWords)
            {
                throw new ArgumentException(
                    $"Topic binding key '{binding.RoutingKey}' uses {anyWords} '#' wildcards, at most {MaxAnyWords} are allowed");
            }

            _trie.Add(binding);
        }

        public void Remove(Binding binding) => _trie.Remove(binding);

        public void Route(in RoutedMessage message, RouteMatches matches) => _trie.Match(message.RoutingKey, matches);
    }
}
