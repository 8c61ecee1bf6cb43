using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>
/// A stream: a log that its consumers read, each from where it likes; acknowledgements are but credit and nothing is taken away by
/// reading. Its log is one of the storage engine, as a topic's partition has, with the record format of queues. Deliveries follow the
/// flushed end of the log. Called by the queue's loop alone.
/// </summary>
internal sealed partial class StreamQueue : IQueueEngine
{
    private const int DeliveriesPerTurn = 2048;
    private const int DeliveriesPerConsumer = 128;
    private const long RetentionIntervalMs = 60_000;

    private readonly Queue _queue;
    private readonly QueueHost _host;
    private readonly QueueFiles _files;
    private readonly Log _log;
    private readonly MessageBatch _batch;
    private readonly FlushedConfirms _confirms;
    private readonly UnackedTable _unacked = new();
    private readonly List<StreamConsumer> _consumers = [];
    private readonly TextCache _texts = new();
    private QueueSettings _settings;
    private long _bytesSinceRetention;
    private long _retentionAtMs;

    public StreamQueue(Queue queue, QueueHost host, QueueFiles files, QueueSettings settings)
    {
        _queue = queue;
        _host = host;
        _files = files;
        _settings = settings;
        _batch = new MessageBatch(host.Limits.BatchBytes);
        _log = Log.Open(files.Data, files.Messages, OptionsOf(settings), host.Time, host.Logger);
        _confirms = new FlushedConfirms(queue, (upToOffset, _) => _log.WaitDurableAsync(upToOffset));
        _retentionAtMs = host.Time.GetUtcNow().ToUnixTimeMilliseconds() + RetentionIntervalMs;
        Count();
    }

    public QueueCounters Counters { get; } = new();

    public QueueEnd? Ended => null;

    public long NextDeadlineMs => _settings.MaxAge is null || _log.NextOffset == _log.LogStartOffset ? long.MaxValue : _retentionAtMs;

    private bool MustFlush => _log.Options.Durability == Durability.Fsync;

    public void Settle(ReadOnlySpan<QueueSettlement> settlements, long nowMs)
    {
        foreach (QueueSettlement settlement in settlements)
        {
            if (!_unacked.TryRemove(settlement.DeliveryId, out UnackedMessage message))
                continue;
            message.Consumer!.Unacked--;
            Counters.SettledTotal++;
        }
    }

    public void ReturnCredit(ReadOnlySpan<QueueConsumer> consumers)
    {
        foreach (QueueConsumer consumer in consumers)
            consumer.IsSinkFull = false;
    }

    public void AddConsumer(QueueConsumer consumer, long nowMs)
    {
        if (consumer.AutoAck)
            throw QueueErrors.AutoAckOfStream(_host, _queue.Name);
        if (consumer.Prefetch == 0)
            throw QueueErrors.StreamNeedsPrefetch(_host, _queue.Name);
        long start = StreamPosition.Find(_log, consumer.StreamOffset, DateTimeOffset.FromUnixTimeMilliseconds(nowMs))
            ?? throw new ChannelException(
                ReplyCode.PreconditionFailed,
                $"PRECONDITION_FAILED - invalid arg 'x-stream-offset' for {QueueErrors.Named(_host, _queue.Name)}: '{consumer.StreamOffset?.Argument}'");
        consumer.IsAttached = true;
        consumer.IsSinkFull = false;
        _consumers.Add(new StreamConsumer(consumer, start, new MessageReader(_log, null, _host.Limits.ReadBytes)));
        Count();
    }

    public void RemoveConsumer(QueueConsumer consumer, long nowMs)
    {
        consumer.IsAttached = false;
        _consumers.RemoveAll(each => each.Consumer == consumer);
        Count();
    }

    public QueueDelivery? Get(bool autoAck, long nowMs) => throw QueueErrors.NotSupportedByStreams("basic.get", _host, _queue.Name);

    public long Purge(long nowMs) => throw QueueErrors.NotSupportedByStreams("queue.purge", _host, _queue.Name);

    public void Apply(QueueSettings settings, long nowMs)
    {
        _settings = settings;
        _log.Options = OptionsOf(settings);
        _bytesSinceRetention = long.MaxValue;
    }

    public void Touch(long nowMs)
    {
        // Streams do not expire.
    }

    public bool Pump(long nowMs)
    {
        bool hasMore = Serve(nowMs);
        // Deliveries wait for the flush, too, whether or not a publisher does.
        _confirms.Start(_log.NextOffset, isWanted: _log.DurableOffset < _log.NextOffset);
        if (_bytesSinceRetention >= _log.Options.SegmentBytes / 4 || nowMs >= _retentionAtMs)
            ApplyRetention(nowMs);
        Count();
        return hasMore;
    }

    public void End(bool isDeleted, string? cancelReason)
    {
        if (!isDeleted && MustFlush)
            _log.FlushAsync().AsTask().GetAwaiter().GetResult();
        Release(cancelReason);
        _confirms.ConfirmBelow(long.MaxValue);
    }

    public void DeleteFiles() => _files.Delete();

    public void Abandon(Exception error)
    {
        _confirms.RefuseAll(error);
        Release(error.Message);
    }

    private void Release(string? cancelReason)
    {
        foreach (StreamConsumer each in _consumers)
        {
            each.Consumer.IsAttached = false;
            if (cancelReason is not null)
                each.Consumer.Sink.OnCancelled(each.Consumer, cancelReason);
        }

        _consumers.Clear();
        Count();
        _log.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void ApplyRetention(long nowMs)
    {
        _bytesSinceRetention = 0;
        _retentionAtMs = nowMs + RetentionIntervalMs;
        try
        {
            _log.ApplyRetention();
        }
        catch (StorageFullException error)
        {
            QueueEvents.WriteFailed(_host.Logger, _queue.Name, _host.VirtualHost, error);
        }
    }

    // One consumer after the other, each a bounded number, so that a slow one and a fast one share the loop.
    private bool Serve(long nowMs)
    {
        long end = _log.DurableOffset;
        int served = 0;
        bool hasMore = false;
        foreach (StreamConsumer each in _consumers)
        {
            int most = Math.Min(DeliveriesPerConsumer, DeliveriesPerTurn - served);
            int count = Serve(each, end, most, nowMs);
            served += count;
            hasMore |= count == most;
        }

        return hasMore;
    }

    private int Serve(StreamConsumer to, long end, int most, long nowMs)
    {
        int count = 0;
        // What retention took while the consumer was away is gone for it.
        to.Next = Math.Max(to.Next, _log.LogStartOffset);
        while (count < most && to.Next < end && to.Consumer.HasCredit)
        {
            StoredMessage stored = to.Reader.Read(to.Next);
            if (!to.Consumer.Sink.TryReserve(to.Consumer))
            {
                to.Consumer.IsSinkFull = true;
                break;
            }

            long id = _unacked.Add(new QueueHead(to.Next, 0, 0, false, 0), stored.BodyBytes, to.Consumer, nowMs);
            to.Consumer.Unacked++;
            to.Next++;
            count++;
            Counters.DeliveredTotal++;
            to.Consumer.Sink.Deliver(
                to.Consumer, new QueueDelivery(stored.ToMessage(_texts, _host.Payloads), id, 0, false, stored.Offset));
        }

        return count;
    }

    private LogOptions OptionsOf(QueueSettings settings) => new()
    {
        Durability = _host.Durability,
        RetentionAge = settings.MaxAge,
        RetentionBytes = settings.MaxLengthBytes,
        SegmentBytes = settings.StreamSegmentBytes,
        SegmentAge = settings.MaxAge is { } age && age < TimeSpan.FromDays(7) ? age : TimeSpan.FromDays(7),
    };

    private void Count()
    {
        Counters.ReadyMessages = _log.NextOffset - _log.LogStartOffset;
        Counters.ReadyBytes = _log.SizeInBytes;
        Counters.UnackedMessages = _unacked.Count;
        Counters.Consumers = _consumers.Count;
    }
}
