using System.Globalization;

namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// To one destination, chosen by a hash of the routing key, of the header that <c>hash-header</c> names or of the property that
/// <c>hash-property</c> names (<c>message_id</c>, <c>correlation_id</c>, <c>timestamp</c>). The binding key is the destination's weight, 1 to
/// <see cref="MaxWeight"/>: each unit puts <see cref="PointsPerUnit"/> points on a ring, and a message goes to the owner of the next point.
/// A new binding therefore takes over its share of the keys and moves no others.
/// </summary>
internal sealed class ConsistentHashExchange : IExchangeType
{
    public const int MaxWeight = 4096;
    public const int PointsPerUnit = 128;

    private const string HeaderArgument = "hash-header";
    private const string PropertyArgument = "hash-property";

    public string Name => ExchangeType.ConsistentHash;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange)
    {
        string? header = exchange.Arguments.GetValueOrDefault(HeaderArgument) as string;
        string? property = exchange.Arguments.GetValueOrDefault(PropertyArgument) as string;
        if (header is not null && property is not null)
            throw new ArgumentException("hash-header and hash-property are mutually exclusive");
        if (property is not (null or "message_id" or "correlation_id" or "timestamp"))
            throw new ArgumentException($"Unsupported property: {property}");
        return new Router(header, property);
    }

    private sealed class Router(string? header, string? property) : IBuiltInRouter
    {
        private readonly HashRing _ring = new();

        public bool ReadsProperties => header is not null || property is not null;

        public bool RoutesEachKey => false;

        public void Add(Binding binding)
        {
            if (!TryGetWeight(binding, out int weight))
                throw new ArgumentException($"The binding key must be an integer: <<\"{binding.RoutingKey}\">>");
            if (weight <= 0)
                throw new ArgumentException("The binding key must be greater than 0");
            if (weight > MaxWeight)
                throw new ArgumentException($"The binding key must be at most {MaxWeight}: {binding.RoutingKey}");
            _ring.Add(PointsOf(binding, weight), binding);
        }

        public void Remove(Binding binding)
        {
            if (TryGetWeight(binding, out int weight))
                _ring.Remove(PointsOf(binding, weight), binding);
        }

        public void Route(in RoutedMessage message, RouteMatches matches)
        {
            if (_ring.Find(StableHash.Compute(HashedText(message))) is { } owner)
                matches.Add(owner);
        }

        private string HashedText(in RoutedMessage message)
        {
            if (header is not null)
                return HeaderValue.ToText(message.Headers.GetValueOrDefault(header));
            return property switch
            {
                null => message.RoutingKey,
                "message_id" => message.Properties.MessageId ?? "",
                "correlation_id" => message.Properties.CorrelationId ?? "",
                _ => message.Properties.Timestamp?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) ?? "",
            };
        }

        private static bool TryGetWeight(Binding binding, out int weight)
            => int.TryParse(binding.RoutingKey, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out weight);

        private static ulong[] PointsOf(Binding binding, int weight)
        {
            ulong[] points = new ulong[weight * PointsPerUnit];
            for (int point = 0; point < points.Length; point++)
                points[point] = StableHash.Compute(binding.Destination, (ulong)(point + 1) * 0x9e3779b97f4a7c15);
            return points;
        }
    }
}
