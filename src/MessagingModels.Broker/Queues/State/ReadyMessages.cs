namespace MessagingModels.Broker.Queues;

/// <summary>A message that came back, or that waits to.</summary>
internal readonly record struct ReturnedToQueue(long Offset, int BodyBytes, int DeliveryCount, int Failures);

/// <summary>The front of a queue.</summary>
/// <param name="Offset">Where the message lies in the log.</param>
/// <param name="DeliveryCount">How often it was delivered before and came back.</param>
/// <param name="Failures">How many of these deliveries failed.</param>
/// <param name="Redelivered">Whether it may have been delivered before.</param>
/// <param name="Priority">Its level.</param>
internal readonly record struct QueueHead(long Offset, int DeliveryCount, int Failures, bool Redelivered, byte Priority);

/// <summary>
/// The ready messages of one priority in the order of their offsets: those never delivered as ranges, and those that came back, whose
/// offsets are all lower, one by one.
/// </summary>
internal sealed class ReadyMessages(byte priority)
{
    private readonly OffsetRunQueue _fresh = new();
    private readonly PriorityQueue<ReturnedToQueue, long> _returned = new();

    /// <summary>What is known about the front: when it expires, or null where it was not looked at yet.</summary>
    public long? HeadExpiresAtMs { get; set; }

    /// <summary>The first that was never delivered; <see cref="long.MaxValue"/> where there is none.</summary>
    public long FirstFresh => _fresh.IsEmpty ? long.MaxValue : _fresh.First;

    public bool IsEmpty => _fresh.IsEmpty && _returned.Count == 0;

    public void Add(long start, long count)
    {
        if (IsEmpty)
            HeadExpiresAtMs = null;
        _fresh.Add(start, count);
    }

    public void Return(in ReturnedToQueue message)
    {
        HeadExpiresAtMs = null;
        _returned.Enqueue(message, message.Offset);
    }

    /// <summary>The front. Offsets below the one given count as delivered before, whatever became of it.</summary>
    public QueueHead Peek(long deliveredBefore)
    {
        if (_returned.TryPeek(out ReturnedToQueue returned, out long offset) && (_fresh.IsEmpty || offset < _fresh.First))
            return new QueueHead(offset, returned.DeliveryCount, returned.Failures, true, priority);
        return new QueueHead(_fresh.First, 0, 0, _fresh.First < deliveredBefore, priority);
    }

    public void Take()
    {
        HeadExpiresAtMs = null;
        if (_returned.TryPeek(out _, out long offset) && (_fresh.IsEmpty || offset < _fresh.First))
            _returned.Dequeue();
        else
            _fresh.Take();
    }

    /// <summary>Takes everything.</summary>
    public void TakeAll(List<OffsetRange> taken)
    {
        HeadExpiresAtMs = null;
        while (_returned.TryDequeue(out _, out long offset))
            taken.Add(new OffsetRange(offset, offset + 1));
        while (_fresh.TryTakeRun(out OffsetRange run))
            taken.Add(run);
    }
}
