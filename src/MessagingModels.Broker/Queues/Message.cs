namespace MessagingModels.Broker.Queues;

/// <summary>
/// A message on its way through exchanges and queues. Properties are AMQP's bytes as they came; what routing and queues need of them
/// is read once, where the message enters the broker. Passed by reference, copied into a queue's own storage, never boxed.
/// </summary>
internal readonly record struct Message
{
    public Message()
    {
        ExpirationMs = NoExpiration;
        Exchange = "";
        RoutingKey = "";
    }

    /// <summary>The value of <see cref="ExpirationMs"/> where a message has none.</summary>
    public const long NoExpiration = -1;

    /// <summary>The exchange it was published to; empty for the default one.</summary>
    public required string Exchange { get; init; }

    public required string RoutingKey { get; init; }

    /// <summary>AMQP basic properties: flags word and fields, as on the wire; empty for none.</summary>
    public ReadOnlyMemory<byte> Properties { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Delivery mode 2.</summary>
    public bool Persistent { get; init; }

    /// <summary>0 where the message has none.</summary>
    public byte Priority { get; init; }

    /// <summary>The message's own time to live; <see cref="NoExpiration"/> where it has none.</summary>
    public long ExpirationMs { get; init; }

    /// <summary>True where CC no longer counts: a dead letter that got its queue's own key.</summary>
    public bool IgnoresCopies { get; init; }

    /// <summary>True where the record of deaths in its headers is the broker's own. What a client wrote there is no record, as in RabbitMQ since 4.0.</summary>
    public bool HasDied { get; init; }

    /// <summary>When it was published, of a delivered message when it entered the queue: milliseconds since 1970-01-01 UTC.</summary>
    public long PublishedAtMs { get; init; }

    /// <summary>Where the body lies where several queues share it (<see cref="PayloadStore.Share"/>); each of these queues owns one reference.</summary>
    public PayloadReference Payload { get; init; }
}

/// <summary>The place of a shared body in the <see cref="PayloadStore"/> of a virtual host; the default value for none.</summary>
/// <param name="LogNumber">Which of the store's logs, from 1.</param>
/// <param name="Offset">Its offset in that log.</param>
internal readonly record struct PayloadReference(int LogNumber, long Offset)
{
    public bool IsNone => LogNumber == 0;
}
