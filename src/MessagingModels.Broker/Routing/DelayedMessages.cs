using MessagingModels.Broker.Queues;
using MessagingModels.Broker.Routing.ExchangeTypes;
using MessagingModels.Formats.Properties;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// The messages that wait in a virtual host's delayed-message exchanges. They lie in a log and survive a restart; in memory each costs a few
/// words in a heap ordered by due time. A message that was routed is noted as done once all its queues have it, so a crash may route it twice
/// and never loses it. At most <see cref="MaxWaiting"/> wait; further ones are refused. Thread-safe.
/// </summary>
internal sealed partial class DelayedMessages : IPublishOrigin, IAsyncDisposable
{
    public const int MaxWaiting = 10_000_000;

    private const int ReadBytes = 1024 * 1024;
    private const int MaxPerTurn = 1024;

    /// <summary>A message whose queue refused it (full, or its store failed) is tried again after this time.</summary>
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(10);

    private readonly VirtualHost _host;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Log _log;
    private readonly RecordBatchBuilder _builder = new();
    private readonly PriorityQueue<Waiting, (long DueMs, long Offset)> _waiting = new();
    private readonly Dictionary<long, Waiting> _leaving = [];
    private readonly MessageRouter _router;
    private readonly ITimer _timer;
    private long _liveBytes;
    private long _timerDueMs = long.MaxValue;
    private bool _isClosed;
    private bool _isTurning;
    private bool _isReclaiming;

    public DelayedMessages(VirtualHost host, BrokerContext context, ILogger logger, string directory)
    {
        _host = host;
        _logger = logger;
        _time = context.Time;
        _router = new MessageRouter(host);
        LogOptions options = new()
        {
            Durability = context.Durability,
            RetentionAge = null,
            SegmentBytes = context.Options.QueueSegmentBytes,
        };
        _log = Log.Open(context.Data, directory, options, context.Time);
        _timer = _time.CreateTimer(static messages => ((DelayedMessages)messages!).Turn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Recover();
    }

    /// <summary>How many messages wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _waiting.Count + _leaving.Count;
        }
    }

    /// <summary>Begins to route what is due; exchanges and bindings are there now.</summary>
    public void Start()
    {
        lock (_lock)
            SetTimer();
    }

    /// <summary>Takes a message over; the origin hears once it is as durable as the broker.</summary>
    public void Add(in Message message, TimeSpan delay, IPublishOrigin? origin, ulong sequence)
    {
        long upTo;
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                if (_waiting.Count >= MaxWaiting)
                    throw new PublishNackedException($"{MaxWaiting} delayed messages wait in virtual host '{_host.Name}'; no more are taken.");
                long dueMs = _time.GetUtcNow().ToUnixTimeMilliseconds() + (long)delay.TotalMilliseconds;
                upTo = Append(message, dueMs, -1) + 1;
                SetTimer();
            }
        }
        catch (Exception error) when (error is StorageException or PublishNackedException or ObjectDisposedException)
        {
            origin?.OnRefused(sequence, error);
            return;
        }

        if (origin is null)
            return;
        ValueTask durable = _log.WaitDurableAsync(upTo);
        if (durable.IsCompletedSuccessfully)
            origin.OnStored(sequence);
        else
            _ = ReportAsync(durable, origin, sequence);
    }

    /// <summary>All queues have a message that was due.</summary>
    void IPublishOrigin.OnStored(ulong sequence) => Leave((long)sequence);

    /// <summary>A queue refused a message that was due: it waits again.</summary>
    void IPublishOrigin.OnRefused(ulong sequence, Exception? error)
    {
        lock (_lock)
        {
            if (!_leaving.Remove((long)sequence, out Waiting waiting))
                return;
            long dueMs = (_time.GetUtcNow() + s_retryAfter).ToUnixTimeMilliseconds();
            _waiting.Enqueue(waiting, (dueMs, waiting.Offset));
            SetTimer();
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
            _isClosed = true;
        _timer.Dispose();
        return _log.DisposeAsync();
    }

    private static async Task ReportAsync(ValueTask durable, IPublishOrigin origin, ulong sequence)
    {
        try
        {
            await durable;
        }
        catch (StorageException error)
        {
            origin.OnRefused(sequence, error);
            return;
        }

        origin.OnStored(sequence);
    }

    private void Recover()
    {
        Dictionary<long, (Waiting Waiting, long DueMs)> found = [];
        long offset = _log.LogStartOffset;
        while (offset < _log.NextOffset)
        {
            LogReadResult read = _log.Read(offset, ReadBytes);
            Recover(read.Batches.Span, found);
            offset = read.NextOffset;
        }

        foreach ((Waiting waiting, long dueMs) in found.Values)
        {
            _waiting.Enqueue(waiting, (dueMs, waiting.Offset));
            _liveBytes += waiting.SizeInBytes;
        }
    }

    private static void Recover(ReadOnlySpan<byte> batches, Dictionary<long, (Waiting Waiting, long DueMs)> found)
    {
        while (!batches.IsEmpty)
        {
            RecordBatchView batch = new(batches);
            RecordReader records = new(batch.RecordsSection, batch.RecordCount);
            while (records.MoveNext())
            {
                if (DelayedMessageRecord.TryReadDone(records.Current, out long done))
                {
                    found.Remove(done);
                    continue;
                }

                long dueMs = DelayedMessageRecord.ReadDue(records.Current, out long replaces);
                found.Remove(replaces);
                found[batch.BaseOffset] = (new Waiting(batch.BaseOffset, batch.SizeInBytes), dueMs);
            }

            batches = batches[batch.SizeInBytes..];
        }
    }

    private long Append(in Message message, long dueMs, long replaces)
    {
        _builder.Reset();
        DelayedMessageRecord.AppendWaiting(_builder, message, dueMs, replaces);
        Span<byte> batch = _builder.Build().Span;
        long offset = _log.Append(batch).FirstOffset;
        _waiting.Enqueue(new Waiting(offset, batch.Length), (dueMs, offset));
        _liveBytes += batch.Length;
        return offset;
    }

    /// <summary>Routes what is due. Called by the timer; a turn that finds another under way leaves the work to it.</summary>
    private void Turn()
    {
        lock (_lock)
        {
            if (_isTurning || _isClosed)
                return;
            _isTurning = true;
            _timerDueMs = long.MaxValue;
        }

        try
        {
            for (int count = 0; count < MaxPerTurn && TryTakeDue(out Waiting waiting); count++)
                TryPublish(waiting.Offset);
        }
        finally
        {
            lock (_lock)
            {
                _isTurning = false;
                if (!_isClosed)
                    SetTimer();
            }
        }
    }

    private bool TryTakeDue(out Waiting waiting)
    {
        lock (_lock)
        {
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            if (_isClosed || !_waiting.TryPeek(out waiting, out (long DueMs, long Offset) due) || due.DueMs > now)
            {
                waiting = default;
                return false;
            }

            _waiting.Dequeue();
            _leaving.Add(waiting.Offset, waiting);
            return true;
        }
    }

    private void TryPublish(long offset)
    {
        try
        {
            Publish(offset, Read(offset, out _));
        }
        catch (Exception error)
        {
            // A user's exchange type failed, or the log cannot be read: nobody above the timer would catch it.
            LogNotRouted(_logger, _host.Name, error);
            ((IPublishOrigin)this).OnRefused((ulong)offset, error);
        }
    }

    private Message Read(long offset, out long dueMs)
    {
        ReadOnlyMemory<byte> batch = _log.Read(offset, 1).Batches;
        RecordBatchView view = new(batch.Span);
        ReadOnlyMemory<byte> section = batch[RecordBatchLayout.HeaderSizeInBytes..view.SizeInBytes];
        RecordReader records = new(section.Span, view.RecordCount);
        records.MoveNext();
        dueMs = DelayedMessageRecord.ReadDue(records.Current, out _);
        return DelayedMessageRecord.ReadMessage(records.Current, section);
    }

    private void Publish(long offset, in Message message)
    {
        Message due = message with
        {
            Properties = WithNegatedDelay(message.Properties),
            PublishedAtMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        if (_host.FindExchange(message.Exchange) is { } exchange)
            _router.Route(exchange, due, null);
        else
            _router.Clear();
        int count = _router.Destinations.Length;
        if (count == 0)
            Leave(offset);
        else
            _router.PublishToAll(due, new JoinedOrigin(this, (ulong)offset, count), (ulong)offset);
    }

    /// <summary>The delay has passed: its sign says so to other delayed-message exchanges on the way, as in RabbitMQ's plugin.</summary>
    private static ReadOnlyMemory<byte> WithNegatedDelay(ReadOnlyMemory<byte> properties)
    {
        var reader = new BasicPropertiesReader(properties.Span);
        if (!reader.TryGetHeaders(out ReadOnlySpan<byte> encoded))
            return properties;
        FieldTable headers = FieldTable.Decode(encoded);
        if (headers.TryGetValue("x-delay", out FieldValue value) && value.TryGetInteger(out long delayMs))
            headers["x-delay"] = FieldValue.From(-delayMs);
        return PropertiesCodec.WithHeaders(properties.Span, headers);
    }

    private void Leave(long offset)
    {
        lock (_lock)
        {
            if (_isClosed || !_leaving.Remove(offset, out Waiting waiting))
                return;
            _liveBytes -= waiting.SizeInBytes;
            try
            {
                _builder.Reset();
                DelayedMessageRecord.AppendDone(_builder, _time.GetUtcNow().ToUnixTimeMilliseconds(), offset);
                _log.Append(_builder.Build().Span);
                Reclaim();
            }
            catch (StorageException)
            {
                // It stays in the log without its end: after a restart it is routed a second time, which at-least-once allows.
            }
        }
    }

    /// <summary>Gives space back: live messages of the oldest segment are copied to the end once more than half of the log is dead.</summary>
    private void Reclaim()
    {
        while (!_isReclaiming && _log.Segments is { Count: > 1 } segments && _log.SizeInBytes > 2 * _liveBytes + segments[^1].SizeInBytes)
        {
            long end = segments[0].NextOffset;
            if (_leaving.Keys.Any(offset => offset < end))
                return;
            foreach ((Waiting waiting, (long DueMs, long Offset) due) in _waiting.UnorderedItems.Where(item => item.Element.Offset < end).ToArray())
            {
                _waiting.Remove(waiting, out _, out _);
                _liveBytes -= waiting.SizeInBytes;
                Append(Read(waiting.Offset, out _), due.DueMs, waiting.Offset);
            }

            // The copies must be there before the originals go.
            ValueTask durable = _log.WaitDurableAsync(_log.NextOffset);
            if (!durable.IsCompletedSuccessfully)
            {
                _isReclaiming = true;
                _ = DeleteBeforeAsync(end, durable);
                return;
            }

            _log.DeleteBefore(end);
        }
    }

    private async Task DeleteBeforeAsync(long end, ValueTask durable)
    {
        try
        {
            await durable;
            lock (_lock)
            {
                _isReclaiming = false;
                if (!_isClosed) _log.DeleteBefore(end);
            }
        }
        catch (Exception error) when (error is StorageException or IOException or ObjectDisposedException)
        {
            // The originals stay until the next start, which takes the copies for what they are.
            LogNotReclaimed(_logger, _host.Name, error);
        }
    }

    private void SetTimer()
    {
        if (_isTurning || !_waiting.TryPeek(out _, out (long DueMs, long Offset) first) || first.DueMs >= _timerDueMs)
            return;
        _timerDueMs = first.DueMs;
        long wait = first.DueMs - _time.GetUtcNow().ToUnixTimeMilliseconds();
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(wait, 0, DelayedMessageExchange.MaxDelayMs - 1)), Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A delayed message in virtual host '{VirtualHost}' could not be routed; it is tried again")]
    private static partial void LogNotRouted(ILogger logger, string virtualHost, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The space of delayed messages in virtual host '{VirtualHost}' could not be given back")]
    private static partial void LogNotReclaimed(ILogger logger, string virtualHost, Exception error);

    private readonly record struct Waiting(long Offset, int SizeInBytes);
}

/// <summary>Where messages of a delayed-message exchange go while their delay lasts.</summary>
internal sealed class DelayDestination(string exchange, int index, DelayedMessages messages) : Destination(exchange, index)
{
    public override void Publish(in Message message, IPublishOrigin? origin, ulong sequence)
        => messages.Add(message with { Exchange = Name }, DelayedMessageExchange.DelayOf(message.Properties.Span), origin, sequence);
}
