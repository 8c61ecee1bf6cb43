using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>What a queue's acknowledgement log said when the queue was opened.</summary>
internal sealed class AcknowledgementHistory
{
    public RemovedOffsets Removed { get; } = new();

    /// <summary>Delivery counts of messages that came back.</summary>
    public Dictionary<long, ReturnCounts> DeliveryCounts { get; } = [];

    /// <summary>Messages below may have been delivered.</summary>
    public long DeliveredBefore { get; set; }

    /// <summary>Where the queue was closed cleanly and nothing was written since: what it held.</summary>
    public QueueSummary? Summary { get; set; }
}

/// <summary>What a queue held when it was closed, so that opening it need not read its messages.</summary>
/// <param name="EndOffset">The end of its log.</param>
/// <param name="ReadyBytes">The size of the bodies of all messages.</param>
/// <param name="MayExpire">Whether one of them has a time to live of its own.</param>
internal readonly record struct QueueSummary(long EndOffset, long ReadyBytes, bool MayExpire);

/// <summary>How often a message was delivered and came back.</summary>
/// <param name="Deliveries">All of these.</param>
/// <param name="Failures">Those that the delivery limit is about.</param>
internal readonly record struct ReturnCounts(int Deliveries, int Failures);

/// <summary>
/// The second log of a durable queue: which messages are done with. A record's value, all numbers varints:
/// <code>
/// removed:   1 | count | (gap to the last end (zig-zag), length)*      union with what came before
/// delivered: 2 | offset                                                 messages below it may have been delivered
/// returned:  3 | count | (offset, deliveries, failures)*
/// reopened:  4 | offset                                                 the message log ends here: what was said of higher offsets is void
/// closed:    5 | end offset | bytes | may expire                        what the queue held, where this is the last record
/// </code>
/// Removals only ever grow, so a record that states all of them makes what came before it superfluous: when the log has grown by its
/// limit it is summed up in that way and the older segments are deleted. Written by the queue's loop.
/// </summary>
internal sealed class AcknowledgementLog : IAsyncDisposable
{
    private const byte RemovedKind = 1;
    private const byte DeliveredKind = 2;
    private const byte ReturnedKind = 3;
    private const byte ReopenedKind = 4;
    private const byte ClosedKind = 5;
    private const int RangesPerRecord = 4096;

    private readonly Log _log;
    private readonly long _limitBytes;
    private readonly RecordBatchBuilder _builder = new(256);
    private byte[] _scratch = new byte[256];
    private long _bytesSinceSummary;
    private long _summaryOffset = -1;

    private AcknowledgementLog(Log log, long limitBytes)
    {
        _log = log;
        _limitBytes = limitBytes;
    }

    /// <summary>Whether it grew so much that it should be summed up.</summary>
    public bool NeedsSummary => _bytesSinceSummary > _limitBytes;

    public static AcknowledgementLog Open(QueueHost host, QueueFiles files, out AcknowledgementHistory history)
    {
        LogOptions options = new()
        {
            Durability = files.IsDurable ? host.Durability : Durability.Memory,
            RetentionAge = null,
            SegmentBytes = host.Limits.AcknowledgementLogBytes * 4,
        };
        Log log = Log.Open(files.Data, files.Acknowledgements, options, host.Time, host.Logger);
        history = new AcknowledgementHistory();
        for (long at = log.LogStartOffset; at < log.NextOffset;)
        {
            LogReadResult read = log.Read(at, 1024 * 1024);
            RecordCursor cursor = new(read.Batches);
            while (cursor.TryReadNext(out StoredMessage record))
                Apply(record.Value.Span, history);
            at = read.NextOffset;
        }

        return new AcknowledgementLog(log, host.Limits.AcknowledgementLogBytes);
    }

    /// <summary>Begins a batch.</summary>
    public void Begin() => _builder.Reset();

    public void AddRemoved(ReadOnlySpan<OffsetRange> ranges)
    {
        for (int first = 0; first < ranges.Length; first += RangesPerRecord)
        {
            ReadOnlySpan<OffsetRange> some = ranges[first..Math.Min(ranges.Length, first + RangesPerRecord)];
            Span<byte> value = Scratch(1 + Varint.MaxSizeInBytes + (some.Length * 2 * Varint.MaxLongSizeInBytes));
            value[0] = RemovedKind;
            Append(value[..(1 + OffsetRangeCodec.Write(value[1..], some))]);
        }
    }

    public void AddDelivered(long offset) => AddOffset(DeliveredKind, offset);

    public void AddReopened(long offset) => AddOffset(ReopenedKind, offset);

    public void AddReturned(IReadOnlyCollection<KeyValuePair<long, ReturnCounts>> counts)
    {
        if (counts.Count == 0)
            return;
        Span<byte> value = Scratch(1 + Varint.MaxSizeInBytes + (counts.Count * 3 * Varint.MaxLongSizeInBytes));
        value[0] = ReturnedKind;
        int at = 1 + Varint.Write(value[1..], counts.Count);
        foreach ((long offset, ReturnCounts count) in counts)
        {
            at += Varint.WriteLong(value[at..], offset);
            at += Varint.WriteLong(value[at..], count.Deliveries);
            at += Varint.WriteLong(value[at..], count.Failures);
        }

        Append(value[..at]);
    }

    public void AddClosed(in QueueSummary summary)
    {
        Span<byte> value = stackalloc byte[1 + (3 * Varint.MaxLongSizeInBytes)];
        value[0] = ClosedKind;
        int at = 1 + Varint.WriteLong(value[1..], summary.EndOffset);
        at += Varint.WriteLong(value[at..], summary.ReadyBytes);
        at += Varint.WriteLong(value[at..], summary.MayExpire ? 1 : 0);
        Append(value[..at]);
    }

    /// <summary>Writes the batch.</summary>
    /// <exception cref="StorageException">It could not be written; it is as if it had not been begun.</exception>
    public void Write()
    {
        if (_builder.RecordCount == 0)
            return;
        _bytesSinceSummary += _builder.EstimatedSizeInBytes;
        _log.Append(_builder.Build().Span);
        DeleteWhatWasSummedUp();
    }

    /// <summary>Writes the batch, which states everything. What came before it is deleted once it is durable.</summary>
    /// <exception cref="StorageException">It could not be written; what came before is still there.</exception>
    public void WriteSummary()
    {
        if (_builder.EstimatedSizeInBytes > _log.Options.SegmentBytes / 2)
            _log.Options = _log.Options with { SegmentBytes = (int)Math.Min(int.MaxValue, 4L * _builder.EstimatedSizeInBytes) };
        _summaryOffset = _log.Append(_builder.Build().Span).FirstOffset;
        _bytesSinceSummary = 0;
        DeleteWhatWasSummedUp();
    }

    public ValueTask FlushAsync() => _log.FlushAsync();

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    // The records of one batch become durable together.
    private void DeleteWhatWasSummedUp()
    {
        if (_summaryOffset < 0 || _log.DurableOffset <= _summaryOffset)
            return;
        _log.DeleteBefore(_summaryOffset);
        _summaryOffset = -1;
    }

    private static void Apply(ReadOnlySpan<byte> value, AcknowledgementHistory history)
    {
        ReadOnlySpan<byte> rest = value[1..];
        history.Summary = null;
        switch (value[0])
        {
            case RemovedKind:
                OffsetRangeCodec.Read(rest, history.Removed.Add);
                break;
            case DeliveredKind:
                history.DeliveredBefore = ReadLong(ref rest);
                break;
            case ReopenedKind:
                long end = ReadLong(ref rest);
                history.Removed.CutAt(end);
                history.DeliveredBefore = Math.Min(history.DeliveredBefore, end);
                break;
            case ReturnedKind:
                for (long count = ReadLong(ref rest); count > 0; count--)
                    history.DeliveryCounts[ReadLong(ref rest)] = new ReturnCounts((int)ReadLong(ref rest), (int)ReadLong(ref rest));
                break;
            case ClosedKind:
                history.Summary = new QueueSummary(ReadLong(ref rest), ReadLong(ref rest), ReadLong(ref rest) != 0);
                break;
            default:
                throw new StorageException($"An acknowledgement log holds a record of the unknown kind {value[0]}.");
        }
    }

    private static long ReadLong(ref ReadOnlySpan<byte> bytes)
    {
        if (!Varint.TryReadLong(bytes, out long value, out int size))
            throw new StorageException("A record of an acknowledgement log is cut.");
        bytes = bytes[size..];
        return value;
    }

    private void AddOffset(byte kind, long offset)
    {
        Span<byte> value = stackalloc byte[1 + Varint.MaxLongSizeInBytes];
        value[0] = kind;
        Append(value[..(1 + Varint.WriteLong(value[1..], offset))]);
    }

    // The key is there because every record of a queue has one.
    private void Append(ReadOnlySpan<byte> value) => _builder.Append(0, [0], true, value, true);

    private Span<byte> Scratch(int bytes)
    {
        if (_scratch.Length < bytes)
            _scratch = new byte[Math.Max(bytes, _scratch.Length * 2)];
        return _scratch;
    }
}
