using System.Buffers;
using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Embedded.Consumers;

/// <summary>
/// A partition as one consumer reads it: its position, what was fetched and not yet handed out. Used by the consumer's one caller; only
/// <see cref="IsPaused"/> may be set by others.
/// </summary>
internal sealed class ConsumedPartition(Partition partition, long position, IsolationLevel isolation)
{
    /// <summary>Arrays below the large-object threshold: a fetch costs no more in process however small it is.</summary>
    private const int FetchBytes = 64 * 1024;

    /// <summary>In place of a position that nobody has set and no policy gives.</summary>
    public const long NoPosition = -1;

    private const int MaxDecompressedBytes = 256 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _scratch = new();
    private volatile bool _isPaused;
    private LogRecord[] _records = [];
    private int _next;
    private int _count;
    private PartitionReadResult _chunk;
    private int _chunkPosition;
    private long _fetchOffset = position;

    public Partition Partition { get; } = partition;

    public TopicPartition Id => Partition.Id;

    /// <summary>The next offset that will be handed out.</summary>
    public long Position { get; private set; } = position;

    public bool HasPosition => Position != NoPosition;

    /// <summary>The position of the last commit; -1 before the first.</summary>
    public long Committed { get; set; } = -1;

    public bool IsPaused { get => _isPaused; set => _isPaused = value; }

    /// <summary>Forgets what was fetched and reads on from an offset.</summary>
    public void Seek(long offset)
    {
        Position = _fetchOffset = offset;
        _next = _count = 0;
        _chunk = default;
        _chunkPosition = 0;
    }

    /// <summary>Hands out a record that was decoded before; false where there is none.</summary>
    public bool TryTake(out LogRecord record)
    {
        if (_next == _count)
        {
            record = default;
            return false;
        }

        record = _records[_next++];
        Position = _next == _count ? _fetchOffset : record.Offset.Value + 1;
        return true;
    }

    /// <summary>Fetches and decodes until there is a record to take; false at the end of what can be read.</summary>
    /// <param name="maxBytes">How much to fetch at most; the first batch comes whole.</param>
    /// <exception cref="LogException">The position is out of range, or the partition cannot be read.</exception>
    public bool Fetch(int maxBytes)
    {
        while (_next == _count)
        {
            if (_chunkPosition >= _chunk.Batches.Length)
            {
                _chunk = Partition.Read(_fetchOffset, Math.Min(maxBytes, FetchBytes), isolation);
                _chunkPosition = 0;
                if (_chunk.Batches.IsEmpty)
                    return false;
            }

            DecodeNextBatch();
        }

        return true;
    }

    private void DecodeNextBatch()
    {
        ReadOnlyMemory<byte> rest = _chunk.Batches[_chunkPosition..];
        RecordBatchView batch = new(rest.Span);
        ReadOnlyMemory<byte> bytes = rest[..batch.SizeInBytes];
        _chunkPosition += batch.SizeInBytes;
        _next = _count = 0;
        long next = batch.LastOffset + 1;
        if (!batch.IsControl && !IsAborted(batch))
            Decode(bytes, batch, _fetchOffset);
        _fetchOffset = next;
        if (_count == 0)
            Position = next;
    }

    private bool IsAborted(RecordBatchView batch)
    {
        if (!batch.IsTransactional)
            return false;
        foreach (AbortedTransaction aborted in _chunk.Aborted)
        {
            if (aborted.ProducerId == batch.ProducerId && aborted.FirstOffset <= batch.BaseOffset && batch.BaseOffset < aborted.MarkerOffset)
                return true;
        }

        return false;
    }

    private void Decode(ReadOnlyMemory<byte> bytes, RecordBatchView batch, long fromOffset)
    {
        ReadOnlyMemory<byte> section = batch.Codec == CompressionCodec.None
            ? bytes[RecordBatchLayout.HeaderSizeInBytes..]
            : Decompress(bytes);
        if (_records.Length < batch.RecordCount)
            _records = new LogRecord[Math.Max(batch.RecordCount, 64)];
        bool hasAppendTime = batch.TimestampType == TimestampType.LogAppendTime;
        RecordReader reader = new(section.Span, batch.RecordCount);
        while (reader.MoveNext())
        {
            RecordView record = reader.Current;
            long offset = batch.BaseOffset + record.OffsetDelta;
            if (offset < fromOffset)
                continue;
            _records[_count++] = new LogRecord(
                Id.Topic, Id.Partition, new Offset(offset), hasAppendTime ? batch.MaxTimestamp : batch.BaseTimestamp + record.TimestampDelta,
                record.HasKey ? record.KeyRange.Of(section) : default(ReadOnlyMemory<byte>?), record.HasValue ? record.ValueRange.Of(section) : default(ReadOnlyMemory<byte>?),
                Headers(record, section));
        }
    }

    /// <summary>Into memory of its own: records keep their bytes for as long as anybody holds them.</summary>
    private ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> batch)
    {
        _scratch.ResetWrittenCount();
        return RecordCompression.ReadRecords(batch, _scratch, MaxDecompressedBytes).ToArray();
    }

    private static RecordHeaders? Headers(RecordView record, ReadOnlyMemory<byte> section)
    {
        if (record.Headers.Count == 0)
            return null;
        ReadOnlyMemory<byte> encoded = record.HeadersRange.Of(section);
        RecordHeaders headers = [];
        foreach (RecordHeaderView header in record.Headers)
            headers.Add(header.Key, header.HasValue ? Slice(encoded, header.Value) : default(ReadOnlyMemory<byte>?));
        return headers;
    }

    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> encoded, ReadOnlySpan<byte> value)
        => encoded.Span.Overlaps(value, out int offset) ? encoded.Slice(offset, value.Length) : ReadOnlyMemory<byte>.Empty;
}
