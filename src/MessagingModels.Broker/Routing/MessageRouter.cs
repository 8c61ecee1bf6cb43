using MessagingModels.Broker.Queues;
using MessagingModels.Broker.Routing.ExchangeTypes;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// Follows a message through exchanges and collects where it ends up, each destination once. One message at a time: every channel and every
/// source of dead letters has a router of its own, whose arrays are used again and again.
/// </summary>
internal sealed class MessageRouter(VirtualHost host)
{
    /// <summary>So many destinations are looked through one by one; with more, they are stamped.</summary>
    private const int SmallCount = 8;

    private readonly VirtualHost _host = host;
    private readonly RouteMatches _matches = new();
    private readonly List<Exchange> _exchanges = [];
    private readonly List<string> _keys = [];
    private Destination[] _destinations = new Destination[SmallCount];
    private int _count;
    private ulong[] _stamps = [];
    private ulong _generation;

    /// <summary>Where the message of the last <see cref="Route"/> ends up. Valid until the next.</summary>
    public ReadOnlySpan<Destination> Destinations => _destinations.AsSpan(0, _count);

    /// <summary>True where the last <see cref="Route"/> found a destination, even one that was dropped since.</summary>
    public bool WasRouted { get; private set; }

    /// <summary>Routes a message from an exchange on.</summary>
    /// <param name="exchange">The exchange; null for the default one.</param>
    /// <param name="message">The message.</param>
    /// <param name="properties">Its decoded properties where they are at hand; else they are decoded where an exchange needs them.</param>
    public void Route(Exchange? exchange, in Message message, MessageProperties? properties)
    {
        Clear();
        CollectKeys(message);
        int slot = _host.Gate.EnterRoute();
        try
        {
            if (exchange is null)
                RouteToNamedQueues();
            else
                RouteThroughExchanges(exchange, message, properties);
        }
        finally
        {
            _host.Gate.ExitRoute(slot);
        }

        WasRouted = _count > 0;
    }

    /// <summary>A queue among the destinations that publishers should give time, or null.</summary>
    public Queue? FindCrowdedQueue()
    {
        foreach (Destination destination in Destinations)
        {
            if (destination is QueueDestination { Queue: { HasRoom: false } crowded })
                return crowded;
        }

        return null;
    }

    /// <summary>Posts the message to every destination. A large body is written once for all the durable queues that get it.</summary>
    public void PublishToAll(in Message message, IPublishOrigin? origin, ulong sequence)
    {
        if (_count > 1 && message.Persistent && message.Body.Length >= _host.SharedPayloadThresholdBytes && CountDurableQueues() is > 1 and var sharing)
        {
            PublishShared(message, _host.Payloads.Share(message.Body.Span, sharing), origin, sequence);
            return;
        }

        foreach (Destination destination in Destinations)
            destination.Publish(message, origin, sequence);
    }

    private void PublishShared(in Message message, PayloadReference payload, IPublishOrigin? origin, ulong sequence)
    {
        Message shared = message with { Payload = payload };
        foreach (Destination destination in Destinations)
        {
            if (destination.StoresBodies)
                destination.Publish(shared, origin, sequence);
            else
                destination.Publish(message, origin, sequence);
        }
    }

    private int CountDurableQueues()
    {
        int count = 0;
        foreach (Destination destination in Destinations)
            count += destination.StoresBodies ? 1 : 0;
        return count;
    }

    /// <summary>Drops destinations from those collected.</summary>
    public void RemoveWhere<TState>(Func<Destination, TState, bool> mustGo, TState state)
    {
        int kept = 0;
        foreach (Destination destination in Destinations)
        {
            if (!mustGo(destination, state))
                _destinations[kept++] = destination;
        }

        Array.Clear(_destinations, kept, _count - kept);
        _count = kept;
    }

    /// <summary>Forgets the destinations collected.</summary>
    public void Clear()
    {
        Array.Clear(_destinations, 0, _count);
        _count = 0;
        _exchanges.Clear();
        _keys.Clear();
        _generation++;
    }

    /// <summary>The routing key, and those in the headers CC and BCC (RabbitMQ's "sender-selected distribution").</summary>
    private void CollectKeys(in Message message)
    {
        _keys.Add(message.RoutingKey);
        if (message.Properties.IsEmpty || message.IgnoresCopies)
            return;
        var properties = new BasicPropertiesReader(message.Properties.Span);
        if (!properties.Has(BasicPropertyFlags.Headers))
            return;
        CollectKeys(properties, "CC"u8);
        CollectKeys(properties, "BCC"u8);
    }

    private void CollectKeys(in BasicPropertiesReader properties, ReadOnlySpan<byte> header)
    {
        if (!properties.TryGetHeader(header, out FieldValueView value) || value.Kind != FieldKind.Array)
            return;
        if (!value.Decode().TryGetArray(out ReadOnlyMemory<FieldValue> items))
            return;
        foreach (FieldValue item in items.Span)
        {
            if (item.TryGetText(out string? key))
                _keys.Add(key);
        }
    }

    private void RouteToNamedQueues()
    {
        foreach (string key in _keys)
        {
            if (_host.FindDestination(key) is { } destination)
                Add(destination);
        }
    }

    private void RouteThroughExchanges(Exchange first, in Message message, MessageProperties? properties)
    {
        _exchanges.Add(first);
        for (int i = 0; i < _exchanges.Count; i++)
        {
            Exchange exchange = _exchanges[i];
            if (exchange.Delay is { } delay && DelayedMessageExchange.DelayOf(message.Properties.Span) > TimeSpan.Zero)
            {
                Add(delay);
                continue;
            }

            if (exchange.ReadsProperties)
                properties ??= PropertiesCodec.Decode(message.Properties.Span);
            _matches.Clear();
            int keys = exchange.RoutesEachKey ? _keys.Count : 1;
            for (int k = 0; k < keys; k++)
                exchange.Router.Route(new RoutedMessage(_keys[k], message.Body.Span, null, properties), _matches);
            exchange.History?.Remember(message);
            if (_matches.Count == 0)
                AddAlternate(exchange);
            foreach (Binding match in _matches.Bindings)
                Add((BoundBinding)match);
        }

        _matches.Clear();
    }

    private void AddAlternate(Exchange exchange)
    {
        if (exchange.Alternate is not { } name)
            return;
        if (name.Length == 0)
            RouteToNamedQueues();
        else if (_host.FindExchange(name) is { } alternate)
            Add(alternate);
    }

    private void Add(BoundBinding binding)
    {
        if (binding.End is { } destination)
            Add(destination);
        else
            Add(binding.Exchange!);
    }

    /// <summary>An exchange that the message has been through is not entered again, so cycles of bindings end.</summary>
    private void Add(Exchange exchange)
    {
        if (!_exchanges.Contains(exchange))
            _exchanges.Add(exchange);
    }

    private void Add(Destination destination)
    {
        if (_count < SmallCount)
        {
            if (Destinations.Contains(destination))
                return;
        }
        else
        {
            if (_count == SmallCount)
                StampCollected();
            if (!TryStamp(destination))
                return;
        }

        if (_count == _destinations.Length)
            Array.Resize(ref _destinations, _count * 2);
        _destinations[_count++] = destination;
    }

    private void StampCollected()
    {
        foreach (Destination destination in Destinations)
            TryStamp(destination);
    }

    private bool TryStamp(Destination destination)
    {
        if (destination.Index >= _stamps.Length)
            Array.Resize(ref _stamps, Math.Max(destination.Index + 1, _stamps.Length * 2));
        ref ulong stamp = ref _stamps[destination.Index];
        bool isNew = stamp != _generation;
        stamp = _generation;
        return isNew;
    }
}
