namespace MessagingModels.Broker.Queues;

/// <summary>
/// A message on its way through exchanges and queues. Properties are AMQP's bytes as they came; what routing and queues need of them
/// is read once, where the message enters the broker. Passed by reference, copied into a queue's own storage, never boxed.
/// </summary>
internal readonly record struct Message
{
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

    /// <summary>The message's own time to live; -1 where it has none.</summary>
    public long ExpirationMs { get; init; }

    /// <summary>When it was published: milliseconds since 1970-01-01 UTC.</summary>
    public long PublishedAtMs { get; init; }
}
