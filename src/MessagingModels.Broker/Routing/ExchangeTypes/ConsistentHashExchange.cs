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
        private readonly List<(Binding Binding, int Weight)> _bindings = [];
        private ulong[] _points = [];
        private Binding[] _owners = [];

        public bool ReadsProperties => header is not null || property is not null;

        public bool RoutesEachKey => false;

        public void Add(Binding binding)
        {
            if (!int.TryParse(binding.RoutingKey, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int weight))
                throw new ArgumentException($"The binding key must be an integer: <<\"{binding.RoutingKey}\">>");
            if (weight <= 0)
                throw new ArgumentException("The binding key must be greater than 0");
            if (weight > MaxWeight)
                throw new ArgumentException($"The binding key must be at most {MaxWeight}: {binding.RoutingKey}");
            _bindings.Add((binding, weight));
            PlacePoints();
        }

        public void Remove(Binding binding)
        {
            _bindings.RemoveAll(bound => ReferenceEquals(bound.Binding, binding));
            PlacePoints();
        }

        public void Route(in RoutedMessage message, RouteMatches matches)
        {
            if (_points.Length == 0)
                return;
            int index = Array.BinarySearch(_points, StableHash.Compute(HashedText(message)));
            if (index < 0)
                index = ~index;
            matches.Add(_owners[index == _points.Length ? 0 : index]);
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

        private void PlacePoints()
        {
            int count = _bindings.Sum(bound => bound.Weight) * PointsPerUnit;
            _points = new ulong[count];
            _owners = new Binding[count];
            int next = 0;
            foreach ((Binding binding, int weight) in _bindings)
            {
                for (uint point = 0; point < weight * PointsPerUnit; point++)
                {
                    _points[next] = StableHash.Compute(binding.Destination, (ulong)(point + 1) * 0x9e3779b97f4a7c15);
                    _owners[next++] = binding;
                }
            }

            Array.Sort(_points, _owners);
        }
    }
}
