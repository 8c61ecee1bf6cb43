namespace MessagingModels.Broker.Queues;

/// <summary>A consumer of a queue: what it asked for. Its state belongs to the queue's loop.</summary>
internal sealed class QueueConsumer
{
    public required string Tag { get; init; }

    public required IDeliverySink Sink { get; init; }

    /// <summary>How many deliveries may be unacknowledged; 0 for no limit.</summary>
    public ushort Prefetch { get; init; }

    /// <summary>Higher ones are served first.</summary>
    public int Priority { get; init; }

    public bool AutoAck { get; init; }

    public bool Exclusive { get; init; }

    /// <summary>Where a stream's consumer starts; null for the next message.</summary>
    public StreamOffset? StreamOffset { get; init; }
}
