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

    /// <summary>Written by the loop: whether the queue has it.</summary>
    internal bool IsAttached { get; set; }

    /// <summary>Written by the loop: deliveries not settled yet.</summary>
    internal int Unacked { get; set; }

    /// <summary>Written by the loop: its sink said that it has no room.</summary>
    internal bool IsSinkFull { get; set; }

    /// <summary>Written by the loop: it waits its turn among those that can take a delivery.</summary>
    internal bool IsInRing { get; set; }

    /// <summary>Written by the loop: its channel was told to close.</summary>
    internal bool HasTimedOut { get; set; }

    /// <summary>Whether its prefetch allows one more.</summary>
    internal bool HasCredit => !IsSinkFull && (AutoAck || Prefetch == 0 || Unacked < Prefetch);
}
