using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>
/// A classic or quorum queue: performs what its state decides on its store, its consumers and its dead-letter target. Called by the
/// queue's loop alone.
/// </summary>
internal sealed partial class WorkQueue : IQueueEngine
{
    private const int DeliveriesPerTurn = 2048;
    private const long WriteRetryMs = 1000;

    private readonly Queue _queue;
    private readonly QueueHost _host;
    private readonly QueueStore _store;
    private readonly QueueState _state;
    private readonly FlushedConfirms _confirms;
    private readonly DeadLetterOutbox _outbox;
    private readonly Dictionary<long, PayloadReference> _unackedPayloads = [];
    private readonly byte _levels;
    private QueueSettings _settings;
    private QueueEntry[] _entries = new QueueEntry[16];
    private long _sharedPayloads;
    private long _lastUsedMs;
    private long _writeRetryAtMs;
    private bool _isAcknowledgementFlushDue;

    public WorkQueue(Queue queue, QueueHost host, QueueFiles files, QueueSettings settings)
    {
        _queue = queue;
        _host = host;
        _settings = settings;
        _levels = settings.MaxPriority;
        _state = new QueueState(settings);
        _store = QueueStore.Open(host, queue.Name, files, _levels, _state, out _sharedPayloads);
        _confirms = new FlushedConfirms(queue, _store.WaitDurableAsync);
        _outbox = new DeadLetterOutbox(queue, host, _store);
        _lastUsedMs = host.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Count();
    }

    public QueueCounters Counters { get; } = new();

    public QueueEnd? Ended { get; private set; }

    public long NextDeadlineMs
    {
        get
        {
            long due = Math.Min(_state.NextDeadlineMs, _outbox.NextDeadlineMs);
            if (_store.HasUnwritten)
                due = Math.Min(due, _writeRetryAtMs);
            return Math.Min(due, ExpiresAtMs);
        }
    }

    private long ExpiresAtMs => _settings.Expires is { } life && _state.Consumers.Attached.Count == 0
        ? _lastUsedMs + (long)life.TotalMilliseconds
        : long.MaxValue;

    public void Settle(ReadOnlySpan<QueueSettlement> settlements, long nowMs)
    {
        foreach (QueueSettlement settlement in settlements)
            Settle(settlement, nowMs);
    }

    public void ReturnCredit(ReadOnlySpan<QueueConsumer> consumers)
    {
        foreach (QueueConsumer consumer in consumers)
            _state.ReturnCredit(consumer);
    }

    public void AddConsumer(QueueConsumer consumer, long nowMs)
    {
        if (_state.Consumers.HasExclusive || (consumer.Exclusive && (_settings.SingleActiveConsumer || _state.Consumers.Attached.Count > 0)))
            throw QueueErrors.ExclusiveUse(_host, _queue.Name);
        _state.Consumers.Add(consumer);
        Count();
    }

    public void RemoveConsumer(QueueConsumer consumer, long nowMs)
    {
        if (!_state.Consumers.Remove(consumer))
            return;
        _lastUsedMs = nowMs;
        if (_queue.Declaration.AutoDelete && _state.Consumers.Attached.Count == 0)
            Ended = QueueEnd.AutoDeleted;
        Count();
    }

    public QueueDelivery? Get(bool autoAck, long nowMs)
    {
        if (_settings is { Kind: QueueKind.Quorum, SingleActiveConsumer: true })
            throw QueueErrors.GetBesideSingleActive(_host, _queue.Name);
        _lastUsedMs = nowMs;
        while (_state.TryPeek(out QueueHead head))
        {
            StoredMessage stored = _store.Read(head);
            HeadFacts facts = stored.Facts;
            if (_state.TakeHead(head, facts, nowMs, out _, forGet: true) == HeadAction.Expire)
            {
                Discard(stored, DeadLetterReason.Expired, head.DeliveryCount);
                continue;
            }

            Message message = _store.ToMessage(stored);
            QueueDelivery delivery = new(
                message, Hand(head, facts, stored, null, autoAck, nowMs), head.DeliveryCount, head.Redelivered, Failures: FailuresOf(head));
            Count();
            return delivery;
        }

        return null;
    }

    public long Purge(long nowMs)
    {
        long count = _state.ReadyCount;
        foreach (OffsetRange range in _state.Purge())
        {
            ReleasePayloads(range);
            _store.Remove(range);
        }

        Count();
        return count;
    }

    public void Apply(QueueSettings settings, long nowMs)
    {
        _settings = settings;
        _state.Apply(settings);
    }

    public void Touch(long nowMs) => _lastUsedMs = nowMs;

    public bool Pump(long nowMs)
    {
        _state.ReleaseDelayed(nowMs);
        bool hasMore = Serve(nowMs);
        while (_state.TryGetTimedOut(nowMs, out QueueConsumer? consumer))
            consumer!.Sink.OnConsumerTimeout(consumer, QueueErrors.ConsumerTimeout(_settings.ConsumerTimeout!.Value));
        _outbox.Send(nowMs);
        _confirms.Start(_store.NextOffset);
        WriteAcknowledgements(nowMs);
        Count();
        if (Ended is null && ExpiresAtMs <= nowMs)
            Ended = QueueEnd.Expired;
        return hasMore;
    }

    public void End(bool isDeleted, string? cancelReason)
    {
        foreach (QueueConsumer consumer in _state.Consumers.Attached.ToArray())
        {
            _state.Consumers.Remove(consumer);
            if (cancelReason is not null)
                consumer.Sink.OnCancelled(consumer, cancelReason);
        }

        if (isDeleted)
        {
            _confirms.ConfirmBelow(long.MaxValue);
            _store.Release();
        }
        else
        {
            Close();
        }

        Count();
    }

    public void DeleteFiles()
    {
        // After the files: a crash in between leaves bodies that nobody refers to, and no message without its body.
        _store.Delete();
        if (_sharedPayloads == 0)
            return;
        foreach (OffsetRange range in _state.Purge())
            ReleasePayloads(range);
        foreach (PayloadReference payload in _unackedPayloads.Values)
            _host.Payloads.Release(payload);
        _outbox.ReleasePayloads();
    }

    public void Abandon(Exception error)
    {
        _confirms.RefuseAll(error);
        foreach (QueueConsumer consumer in _state.Consumers.Attached.ToArray())
        {
            _state.Consumers.Remove(consumer);
            consumer.Sink.OnCancelled(consumer, error.Message);
        }

        Count();
        try
        {
            _store.Release();
        }
        catch (Exception failure) when (failure is StorageException or IOException)
        {
            QueueEvents.WriteFailed(_host.Logger, _queue.Name, _host.VirtualHost, failure);
        }
    }

    // Everything that is known of the messages of a queue without priorities, times to live or shared bodies is how many there are; then
    // the next opening need not read them. What is unsettled counts as waiting.
    private void Close()
    {
        if (_store.MustFlush)
            _store.WaitDurableAsync(_store.NextOffset, default).AsTask().GetAwaiter().GetResult();
        long unackedBytes = _outbox.Bytes;
        _state.VisitUnacked(message => unackedBytes += message.BodyBytes);
        bool isPlain = _levels == 0 && _sharedPayloads == 0 && !_store.HoldsTransient && !_store.HasReturned;
        _store.Close(isPlain ? new QueueSummary(_store.NextOffset, _state.ReadyBytes + unackedBytes, _state.MayExpire) : null);
        _confirms.ConfirmBelow(long.MaxValue);
    }

    private void WriteAcknowledgements(long nowMs)
    {
        if (_store.HasUnwritten && nowMs < _writeRetryAtMs)
            return;
        try
        {
            bool isWriting = _store.HasUnwritten;
            _store.WriteAcknowledgements();
            _store.Trim();
            _writeRetryAtMs = 0;
            if (isWriting && _store.MustFlush)
                FlushAcknowledgements();
        }
        catch (StorageFullException error)
        {
            // What was acknowledged stays known here and is written once there is room.
            _writeRetryAtMs = nowMs + WriteRetryMs;
            QueueEvents.WriteFailed(_host.Logger, _queue.Name, _host.VirtualHost, error);
        }
    }

    private void Count()
    {
        Counters.ReadyMessages = _state.ReadyCount;
        Counters.ReadyBytes = _state.ReadyBytes;
        Counters.UnackedMessages = _state.UnackedCount;
        Counters.DeadLettering = _outbox.Count;
        Counters.Consumers = _state.Consumers.Attached.Count;
    }
}
