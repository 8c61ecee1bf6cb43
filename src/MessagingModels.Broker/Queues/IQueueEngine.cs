namespace MessagingModels.Broker.Queues;

/// <summary>
/// What a queue's loop drives: a work queue, from which messages go when they are settled, or a stream, in which they stay. Every member
/// is called by the loop, one at a time, but for the counters.
/// </summary>
internal interface IQueueEngine
{
    /// <summary>Read by any thread.</summary>
    QueueCounters Counters { get; }

    /// <summary>When the loop has to make a turn of its own accord (Unix milliseconds); <see cref="long.MaxValue"/> for never.</summary>
    long NextDeadlineMs { get; }

    /// <summary>Takes messages, in order; each origin is told.</summary>
    void Publish(ReadOnlySpan<QueuePublish> publishes, long nowMs);

    void Settle(ReadOnlySpan<QueueSettlement> settlements, long nowMs);

    void ReturnCredit(ReadOnlySpan<QueueConsumer> consumers);

    /// <exception cref="ChannelException">The queue refuses the consumer.</exception>
    void AddConsumer(QueueConsumer consumer, long nowMs);

    void RemoveConsumer(QueueConsumer consumer, long nowMs);

    /// <exception cref="ChannelException">The queue has no get.</exception>
    QueueDelivery? Get(bool autoAck, long nowMs);

    long Purge(long nowMs);

    /// <summary>Takes a transaction's part; the origin is told once all of it is durable.</summary>
    void Commit(ReadOnlySpan<Message> publishes, ReadOnlySpan<QueueSettlement> settlements, IPublishOrigin origin, long nowMs);

    void Apply(QueueSettings settings, long nowMs);

    /// <summary>Does what is due: delivers, expires, drops, confirms, writes acknowledgements. True where there is more to do at once.</summary>
    bool Pump(long nowMs);

    /// <summary>Somebody used the queue: its life begins anew.</summary>
    void Touch(long nowMs);

    /// <summary>Why the queue wants to end, or null.</summary>
    QueueEnd? Ended { get; }

    /// <summary>The queue ends: files are closed, and consumers cancelled where there is a reason to give.</summary>
    /// <param name="isDeleted">True where <see cref="DeleteFiles"/> follows, so that nothing need be kept for a next opening.</param>
    /// <param name="cancelReason">What the consumers are told, or null.</param>
    void End(bool isDeleted, string? cancelReason);

    /// <summary>Deletes the files of a queue that has ended. Called once and last, by anyone.</summary>
    /// <exception cref="IOException">One of them cannot be deleted.</exception>
    void DeleteFiles();

    /// <summary>The engine failed: whoever waits for it is told, and nothing is written any more.</summary>
    void Abandon(Exception error);
}

/// <summary>A queue's counts, written by its loop and read by anyone: each is exact, together they may be a turn apart.</summary>
internal sealed class QueueCounters
{
    private long _readyMessages;
    private long _readyBytes;
    private long _unackedMessages;
    private long _deadLettering;
    private long _publishedTotal;
    private long _deliveredTotal;
    private long _settledTotal;
    private int _consumers;

    public long ReadyMessages { get => Volatile.Read(ref _readyMessages); set => Volatile.Write(ref _readyMessages, value); }

    public long ReadyBytes { get => Volatile.Read(ref _readyBytes); set => Volatile.Write(ref _readyBytes, value); }

    public long UnackedMessages { get => Volatile.Read(ref _unackedMessages); set => Volatile.Write(ref _unackedMessages, value); }

    public long DeadLettering { get => Volatile.Read(ref _deadLettering); set => Volatile.Write(ref _deadLettering, value); }

    public long PublishedTotal { get => Volatile.Read(ref _publishedTotal); set => Volatile.Write(ref _publishedTotal, value); }

    public long DeliveredTotal { get => Volatile.Read(ref _deliveredTotal); set => Volatile.Write(ref _deliveredTotal, value); }

    public long SettledTotal { get => Volatile.Read(ref _settledTotal); set => Volatile.Write(ref _settledTotal, value); }

    public int Consumers { get => Volatile.Read(ref _consumers); set => Volatile.Write(ref _consumers, value); }

    public QueueStatistics ToStatistics() =>
        new(ReadyMessages, ReadyBytes, UnackedMessages, DeadLettering, Consumers, PublishedTotal, DeliveredTotal, SettledTotal);
}
