using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>What a publish came to at once.</summary>
internal enum PublishResult
{
    /// <summary>There is no room: wait (<see cref="ChannelCore.WaitForRoomAsync"/>) and try again.</summary>
    NoRoom,

    /// <summary>It is on its way; the listener hears of it.</summary>
    Pending,

    /// <summary>It had nowhere to go, and was not mandatory.</summary>
    Dropped,

    /// <summary>It had nowhere to go and was mandatory: give it back.</summary>
    Returned,

    /// <summary>It waits for the transaction's commit.</summary>
    Collected,
}

/// <summary>Where a publish goes.</summary>
/// <param name="Exchange">The exchange; empty for the default one.</param>
/// <param name="RoutingKey">The routing key.</param>
/// <param name="Mandatory">True to get it back where it has nowhere to go.</param>
/// <param name="CopyBody">True where the caller may change the body before the publish is settled.</param>
internal readonly record struct PublishAddress(string Exchange, string RoutingKey, bool Mandatory, bool CopyBody);

internal sealed partial class ChannelCore
{
    private readonly Lock _publishing = new();
    private readonly MessageRouter _router;
    private Exchange? _lastExchange;
    private Queue? _crowded;

    /// <summary>Publishes a message: routes it and posts it to where it goes.</summary>
    /// <param name="address">Where it goes.</param>
    /// <param name="body">Its body.</param>
    /// <param name="properties">Its properties.</param>
    /// <param name="state">Given to the listener when the publish is settled.</param>
    /// <exception cref="ChannelException">There is no such exchange, it is internal, or a property is not legal.</exception>
    /// <exception cref="ArgumentException">The exchange's name or the routing key is too long.</exception>
    public PublishResult TryPublish(in PublishAddress address, ReadOnlyMemory<byte> body, PublishedProperties properties, object? state)
    {
        lock (_publishing)
        {
            ThrowIfClosed();
            if (_transaction is null && (!Confirms.HasRoom || _crowded is { HasRoom: false }))
                return PublishResult.NoRoom;
            ShortText.Check(address.Exchange, "exchange name");
            ShortText.Check(address.RoutingKey, "routing key");
            Exchange? exchange = FindExchange(address.Exchange);
            if (properties.AsksForDirectReply)
                properties = properties.WithReplyTo(_replies?.Name ?? throw ChannelErrors.Failed("fast reply consumer does not exist"));
            Message message = new()
            {
                Exchange = address.Exchange,
                RoutingKey = address.RoutingKey,
                Body = body,
                Properties = properties.Bytes,
                Persistent = properties.Persistent,
                Priority = properties.Priority,
                ExpirationMs = properties.ExpirationMs,
                PublishedAtMs = _host.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            };
            _router.Route(exchange, message, properties.Decoded);
            if (properties.HasBlindCopies)
                message = message with { Properties = properties.WithoutBlindCopies() };
            return _transaction is { } transaction
                ? transaction.Publish(message, _router.Destinations, address.Mandatory)
                : Post(message, address, state);
        }
    }

    /// <summary>Completes when there is room for another publish.</summary>
    public async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _crowded) is { } queue)
            await queue.WaitForRoomAsync(cancellationToken);
        await Confirms.WaitForRoomAsync(cancellationToken);
    }

    private PublishResult Post(in Message message, in PublishAddress address, object? state)
    {
        int count = _router.Destinations.Length;
        if (count == 0)
            return address.Mandatory ? PublishResult.Returned : PublishResult.Dropped;
        _crowded = _router.FindCrowdedQueue();
        if (address.CopyBody)
            _router.PublishToAll(message with { Body = Confirms.CopyForNext(message.Body.Span) }, Confirms, Confirms.Begin(count, state));
        else
            _router.PublishToAll(message, Confirms, Confirms.Begin(count, state));
        return PublishResult.Pending;
    }

    private Exchange? FindExchange(string name)
    {
        if (name.Length == 0)
            return null;
        if (_lastExchange is { IsLive: true } last && last.Name == name)
            return last;
        Exchange exchange = _host.FindExchange(name) ?? throw ChannelErrors.NoExchange(name, _host.Name);
        if (exchange.Declaration.Internal)
            throw ChannelErrors.InternalExchange(name, _host.Name);
        _lastExchange = exchange;
        return exchange;
    }
}
