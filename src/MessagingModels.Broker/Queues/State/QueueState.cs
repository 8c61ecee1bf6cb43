namespace MessagingModels.Broker.Queues;

/// <summary>What the log says about the message at the front of a queue.</summary>
/// <param name="BodyBytes">The size of its body.</param>
/// <param name="EnqueuedAtMs">When the queue took it.</param>
/// <param name="ExpirationMs">Its own time to live, or <see cref="Message.NoExpiration"/>.</param>
internal readonly record struct HeadFacts(int BodyBytes, long EnqueuedAtMs, long ExpirationMs);

/// <summary>What is to become of the message at the front.</summary>
internal enum HeadAction : byte
{
    /// <summary>Nothing for now: it stays.</summary>
    Keep,

    /// <summary>It goes to a consumer.</summary>
    Deliver,

    /// <summary>Its time is over: it left the queue.</summary>
    Expire,

    /// <summary>The queue is too long: it left it.</summary>
    Drop,
}

/// <summary>What became of a delivery that was settled.</summary>
internal enum SettleAction : byte
{
    /// <summary>There is no such delivery.</summary>
    Unknown,

    /// <summary>It left the queue.</summary>
    Remove,

    /// <summary>It left the queue as a dead letter: it was rejected.</summary>
    Reject,

    /// <summary>It left the queue as a dead letter: it came back too often.</summary>
    ExceedLimit,

    /// <summary>It waits again.</summary>
    Return,
}

/// <summary>
/// A queue without its messages: which are ready and in which order, which are delivered to whom, and what is due. Takes commands and the
/// time and says what is to be done; knows no clock, no thread and no file. Called by the queue's loop alone.
/// </summary>
internal sealed partial class QueueState
{
    private readonly UnackedTable _unacked = new();
    private readonly PriorityQueue<DelayedMessage, long> _delayed = new();
    private readonly ReadyMessages[] _levels;
    private QueueSettings _settings;
    private int _highest;

    public QueueState(QueueSettings settings)
    {
        _settings = settings;
        _levels = NewLevels(settings.MaxPriority);
        Consumers = new ConsumerRing { YieldsToHigher = settings.Kind == QueueKind.Quorum, IsSingleActive = settings.SingleActiveConsumer };
    }

    public ConsumerRing Consumers { get; }

    /// <summary>Offsets below were delivered before a crash, or may have been.</summary>
    public long DeliveredBefore { get; set; }

    public long ReadyCount { get; private set; }

    public long ReadyBytes { get; private set; }

    /// <summary>Whether a message came that has a time to live of its own.</summary>
    public bool MayExpire { get; private set; }

    public int UnackedCount => _unacked.Count;

    /// <summary>The first offset that was not read for delivery yet; only meaningful without priorities.</summary>
    public long FirstFresh => _levels[0].FirstFresh;

    private bool IsOverLength => ReadyCount > (_settings.MaxLength ?? long.MaxValue) || ReadyBytes > (_settings.MaxLengthBytes ?? long.MaxValue);

    /// <summary>Changes what a policy may change; the number of priorities stays.</summary>
    public void Apply(QueueSettings settings)
    {
        _settings = settings;
        Consumers.IsSingleActive = settings.SingleActiveConsumer;
        foreach (ReadyMessages level in _levels)
            level.HeadExpiresAtMs = null;
    }

    /// <summary>Whether a message is refused for the queue's length, with others on their way in before it.</summary>
    public bool Refuses(long pendingCount, long pendingBytes, int bodyBytes) =>
        _settings.Overflow != QueueOverflow.DropHead
        && (ReadyCount + pendingCount >= (_settings.MaxLength ?? long.MaxValue)
            || ReadyBytes + pendingBytes + bodyBytes > (_settings.MaxLengthBytes ?? long.MaxValue));

    /// <summary>Messages came in.</summary>
    /// <param name="start">The offset of the first.</param>
    /// <param name="count">How many.</param>
    /// <param name="bytes">The size of their bodies.</param>
    /// <param name="priority">The priority of all of them.</param>
    /// <param name="mayExpire">Whether one of them has a time to live of its own.</param>
    public void Enqueue(long start, long count, long bytes, byte priority, bool mayExpire)
    {
        int level = LevelOf(priority);
        _levels[level].Add(start, count);
        _highest = Math.Max(_highest, level);
        ReadyCount += count;
        ReadyBytes += bytes;
        MayExpire |= mayExpire;
    }

    /// <summary>A message of an earlier run that had come back.</summary>
    public void RestoreReturned(in ReturnedToQueue message, byte priority, bool mayExpire)
    {
        ReturnToLevel(message, (byte)LevelOf(priority));
        ReadyCount++;
        ReadyBytes += message.BodyBytes;
        MayExpire |= mayExpire;
    }

    /// <summary>Whether something is to be done with the front, so that the log must be asked about it. Then <see cref="TakeHead"/>.</summary>
    public bool TryGetHead(long nowMs, out QueueHead head)
    {
        head = default;
        if (ReadyCount == _delayed.Count)
            return false;
        SettleHighest();
        int level = _highest;
        if (!IsOverLength && !Consumers.TryPeek(out _) && !TryFindExpiring(nowMs, out level))
            return false;
        head = _levels[level].Peek(DeliveredBefore);
        return true;
    }

    /// <summary>The front whatever is to be done with it, for a get.</summary>
    public bool TryPeek(out QueueHead head)
    {
        head = default;
        if (ReadyCount == _delayed.Count)
            return false;
        SettleHighest();
        head = _levels[_highest].Peek(DeliveredBefore);
        return true;
    }

    /// <summary>Decides about the front. What is delivered is then <see cref="Deliver"/>ed, or <see cref="DenyCredit"/> says why not.</summary>
    public HeadAction TakeHead(in QueueHead head, in HeadFacts facts, long nowMs, out QueueConsumer? consumer, bool forGet = false)
    {
        consumer = null;
        long expiresAt = ExpiresAt(facts);
        bool hasTaker = forGet || Consumers.TryPeek(out consumer);
        // A message whose time is over this very moment still goes to whoever waits for it: that is what a time to live of zero means.
        if (expiresAt < nowMs || (expiresAt == nowMs && !hasTaker))
        {
            Leave(head, facts);
            return HeadAction.Expire;
        }

        if (hasTaker && head.Priority == _highest)
            return HeadAction.Deliver;
        if (!IsOverLength)
        {
            _levels[head.Priority].HeadExpiresAtMs = expiresAt;
            return HeadAction.Keep;
        }

        Leave(head, facts);
        return HeadAction.Drop;
    }

    /// <summary>The front goes out, to a consumer or (null) to a get, to be settled later.</summary>
    /// <returns>The delivery's id.</returns>
    public long Deliver(in QueueHead head, in HeadFacts facts, QueueConsumer? consumer, long nowMs)
    {
        Leave(head, facts);
        long id = _unacked.Add(head, facts.BodyBytes, consumer, nowMs);
        if (consumer is not null)
        {
            consumer.Unacked++;
            Consumers.Rotate(consumer);
        }

        return id;
    }

    /// <summary>The front goes out and needs no settlement.</summary>
    public void DeliverAcked(in QueueHead head, in HeadFacts facts, QueueConsumer? consumer)
    {
        Leave(head, facts);
        if (consumer is not null)
            Consumers.Rotate(consumer);
    }

    /// <summary>The consumer's sink has no room.</summary>
    public void DenyCredit(QueueConsumer consumer)
    {
        consumer.IsSinkFull = true;
        Consumers.Rotate(consumer);
    }

    /// <summary>The consumer's sink has room again.</summary>
    public void ReturnCredit(QueueConsumer consumer)
    {
        consumer.IsSinkFull = false;
        if (consumer.IsAttached)
            Consumers.Offer(consumer);
    }

    /// <summary>Takes everything that is ready.</summary>
    public List<OffsetRange> Purge()
    {
        List<OffsetRange> taken = [];
        foreach (ReadyMessages level in _levels)
            level.TakeAll(taken);
        while (_delayed.TryDequeue(out DelayedMessage delayed, out _))
            taken.Add(new OffsetRange(delayed.Message.Offset, delayed.Message.Offset + 1));
        ReadyCount = 0;
        ReadyBytes = 0;
        MayExpire = false;
        return taken;
    }

    private void Leave(in QueueHead head, in HeadFacts facts)
    {
        _levels[head.Priority].Take();
        ReadyCount--;
        ReadyBytes -= facts.BodyBytes;
    }

    private long ExpiresAt(in HeadFacts facts)
    {
        long ttl = _settings.MessageTtl is { } queueTtl ? (long)queueTtl.TotalMilliseconds : long.MaxValue;
        if (facts.ExpirationMs >= 0)
            ttl = Math.Min(ttl, facts.ExpirationMs);
        return ttl > long.MaxValue - facts.EnqueuedAtMs ? long.MaxValue : facts.EnqueuedAtMs + ttl;
    }

    private void SettleHighest()
    {
        while (_highest > 0 && _levels[_highest].IsEmpty)
            _highest--;
    }

    private bool TryFindExpiring(long nowMs, out int level)
    {
        level = _highest;
        if (!MayExpire && _settings.MessageTtl is null)
            return false;
        for (; level >= 0; level--)
        {
            if (!_levels[level].IsEmpty && (_levels[level].HeadExpiresAtMs ?? long.MinValue) <= nowMs)
                return true;
        }

        return false;
    }

    private int LevelOf(byte priority) => Math.Min(priority, _levels.Length - 1);

    private static ReadyMessages[] NewLevels(byte maxPriority)
    {
        ReadyMessages[] levels = new ReadyMessages[maxPriority + 1];
        for (int i = 0; i < levels.Length; i++)
            levels[i] = new ReadyMessages((byte)i);
        return levels;
    }

    private readonly record struct DelayedMessage(ReturnedToQueue Message, byte Priority);
}
