namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>The exchange types that a broker knows: the built-in ones and the user's.</summary>
internal sealed class ExchangeTypeRegistry
{
    private readonly Dictionary<string, IExchangeType> _types = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">A type has the name of another.</exception>
    public ExchangeTypeRegistry(IEnumerable<IExchangeType> userTypes)
    {
        IExchangeType[] builtIn =
        [
            new DirectExchange(), new FanoutExchange(), new TopicExchange(), new HeadersExchange(), new ConsistentHashExchange(),
            new ModulusHashExchange(), new RandomExchange(), new RecentHistoryExchange(), new DelayedMessageExchange(Find),
        ];
        foreach (IExchangeType type in builtIn.Concat(userTypes))
        {
            if (!_types.TryAdd(type.Name, type))
                throw new ArgumentException($"There are two exchange types named '{type.Name}'; rename yours.", nameof(userTypes));
        }
    }

    public IExchangeType? Find(string name) => _types.GetValueOrDefault(name);
}
