using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using static MessagingModels.Formats.Records.RecordBatchLayout;

namespace MessagingModels.Formats.Records;

/// <summary>
/// Builds record batches one after another in buffers that it keeps: no allocation per record, and per batch only what a
/// codec needs. Records are written behind room for the header, which is filled in at the end. Not thread-safe.
/// </summary>
public sealed class RecordBatchBuilder
{
    private byte[] _buffer;
    private int _position = HeaderSizeInBytes;
    private ArrayBufferWriter<byte>? _compressed;
    private long _baseTimestamp;
    private bool _hasBaseTimestamp;
    private long _maxTimestamp = -1;
    private int _lastOffsetDelta = -1;

    /// <summary>An empty builder whose first buffer holds <paramref name="initialCapacityInBytes"/>.</summary>
    public RecordBatchBuilder(int initialCapacityInBytes = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCapacityInBytes);
        _buffer = new byte[Math.Max(initialCapacityInBytes, HeaderSizeInBytes)];
    }

    /// <summary>Records appended since the last reset.</summary>
    public int RecordCount { get; private set; }

    /// <summary>The size the batch would have now without compression; exact.</summary>
    public int EstimatedSizeInBytes => _position;

    /// <summary>The most that a record of these lengths adds to a batch, so that a caller can ask before it appends.</summary>
    public static int MaxRecordSizeInBytes(int keyLength, int valueLength, int encodedHeadersLength = 1) =>
        Varint.MaxSizeInBytes + 1 + Varint.MaxLongSizeInBytes + (3 * Varint.MaxSizeInBytes)
        + keyLength + valueLength + encodedHeadersLength;

    /// <summary>Forgets all records; the timestamp of the next one becomes the base timestamp.</summary>
    public void Reset()
    {
        _position = HeaderSizeInBytes;
        _hasBaseTimestamp = false;
        _baseTimestamp = 0;
        _maxTimestamp = -1;
        _lastOffsetDelta = -1;
        RecordCount = 0;
    }

    /// <summary>Forgets all records and fixes the base timestamp (milliseconds since 1970).</summary>
    public void Reset(long baseTimestampMs)
    {
        Reset();
        _baseTimestamp = baseTimestampMs;
        _hasBaseTimestamp = true;
    }

    /// <summary>Appends a record at the next offset.</summary>
    /// <param name="timestampMs">Milliseconds since 1970.</param>
    /// <param name="key">The key; ignored where <paramref name="hasKey"/> is false.</param>
    /// <param name="hasKey">False for a null key.</param>
    /// <param name="value">The value; ignored where <paramref name="hasValue"/> is false.</param>
    /// <param name="hasValue">False for a null value.</param>
    /// <param name="headers">The headers in their order.</param>
    /// <exception cref="InvalidOperationException">The batch would be larger than an array can be.</exception>
    public void Append(
        long timestampMs, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, bool hasValue,
        ReadOnlySpan<RecordHeaderData> headers = default)
    {
        if (headers.IsEmpty)
        {
            AppendWithEncodedHeaders(timestampMs, key, hasKey, value, hasValue, [0]);
            return;
        }

        Span<byte> destination = WriteFields(
            timestampMs, _lastOffsetDelta + 1, hasKey, key, hasValue, value, RecordHeadersEncoding.SizeOf(headers));
        RecordHeadersEncoding.Write(destination, headers);
    }

    /// <summary>
    /// Appends a record at the next offset whose headers are encoded already, their count in front
    /// (<see cref="RecordHeadersView.Encoded"/>); they are not checked.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch would be larger than an array can be.</exception>
    public void AppendWithEncodedHeaders(
        long timestampMs, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, bool hasValue, ReadOnlySpan<byte> encodedHeaders)
    {
        Span<byte> destination = WriteFields(timestampMs, _lastOffsetDelta + 1, hasKey, key, hasValue, value, encodedHeaders.Length);
        encodedHeaders.CopyTo(destination);
    }

    /// <summary>
    /// Appends a record of another batch and keeps its offset delta, for a compacted batch with holes.
    /// </summary>
    /// <exception cref="ArgumentException">The offset delta is not above that of the record before it.</exception>
    /// <exception cref="InvalidOperationException">The batch would be larger than an array can be.</exception>
    public void AppendCopy(long timestampMs, RecordView record)
    {
        if (record.OffsetDelta <= _lastOffsetDelta)
            throw new ArgumentException($"Offset delta {record.OffsetDelta} follows {_lastOffsetDelta}; they must ascend.", nameof(record));
        ReadOnlySpan<byte> headers = record.Headers.Encoded;
        Span<byte> destination = WriteFields(
            timestampMs, record.OffsetDelta, record.HasKey, record.Key, record.HasValue, record.Value, headers.Length);
        headers.CopyTo(destination);
    }

    /// <summary>
    /// Completes the batch with base offset 0 and leader epoch -1, as a producer sends it. The memory belongs to the builder
    /// and is valid until its next call; it may be edited in place with <see cref="RecordBatchEditor"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">No record has been appended.</exception>
    public Memory<byte> Build(
        CompressionCodec codec = CompressionCodec.None,
        long producerId = RecordBatchView.NoProducerId,
        short producerEpoch = -1,
        int baseSequence = RecordBatchView.NoSequence,
        bool isTransactional = false,
        bool isControl = false)
    {
        if (RecordCount == 0)
            throw new InvalidOperationException("A record batch needs a record: append one before building it.");
        Memory<byte> batch = EncodeSection(codec);
        Span<byte> header = batch.Span;
        header[..HeaderSizeInBytes].Clear();
        RecordBatchEditor.SetPartitionLeaderEpoch(header, -1);
        int attributes = (int)codec | (isTransactional ? TransactionalMask : 0) | (isControl ? ControlMask : 0);
        BinaryPrimitives.WriteInt16BigEndian(header[AttributesPosition..], (short)attributes);
        BinaryPrimitives.WriteInt32BigEndian(header[LastOffsetDeltaPosition..], _lastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(header[MaxTimestampPosition..], _maxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(header[ProducerIdPosition..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(header[ProducerEpochPosition..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(header[BaseSequencePosition..], baseSequence);
        return Seal(batch);
    }

    /// <summary>
    /// Completes a batch that takes the place of <paramref name="original"/> after compaction: same offsets covered, producer,
    /// attributes and codec. Records were appended with <see cref="AppendCopy"/>; there may be none. The memory is valid until
    /// the builder's next call.
    /// </summary>
    /// <param name="original">The batch that was compacted.</param>
    /// <param name="hasDeleteHorizon">Whether the base timestamp given to <see cref="Reset(long)"/> is a delete horizon (KIP-534).</param>
    public Memory<byte> BuildReplacement(RecordBatchView original, bool hasDeleteHorizon)
    {
        Memory<byte> batch = EncodeSection(original.Codec);
        Span<byte> header = batch.Span;
        original.Bytes[..HeaderSizeInBytes].CopyTo(header);
        int attributes = (original.Attributes & ~DeleteHorizonMask) | (hasDeleteHorizon ? DeleteHorizonMask : 0);
        BinaryPrimitives.WriteInt16BigEndian(header[AttributesPosition..], (short)attributes);
        if (original.TimestampType == TimestampType.CreateTime && RecordCount > 0)
            BinaryPrimitives.WriteInt64BigEndian(header[MaxTimestampPosition..], _maxTimestamp);
        return Seal(batch);
    }

    private Memory<byte> EncodeSection(CompressionCodec codec)
    {
        if (codec == CompressionCodec.None)
            return _buffer.AsMemory(0, _position);

        _compressed ??= new ArrayBufferWriter<byte>();
        _compressed.ResetWrittenCount();
        _compressed.GetSpan(HeaderSizeInBytes);
        _compressed.Advance(HeaderSizeInBytes);
        RecordCompression.Compress(codec, _buffer.AsSpan(HeaderSizeInBytes, _position - HeaderSizeInBytes), _compressed);
        // The writer's array is ours alone; ArrayBufferWriter hands it out read-only.
        return MemoryMarshal.AsMemory(_compressed.WrittenMemory);
    }

    private Memory<byte> Seal(Memory<byte> batch)
    {
        Span<byte> header = batch.Span;
        BinaryPrimitives.WriteInt32BigEndian(header[LengthPosition..], batch.Length - LogOverheadInBytes);
        header[MagicPosition] = CurrentMagic;
        BinaryPrimitives.WriteInt64BigEndian(header[BaseTimestampPosition..], _baseTimestamp);
        BinaryPrimitives.WriteInt32BigEndian(header[RecordCountPosition..], RecordCount);
        RecordBatchEditor.SetCrc(header);
        return batch;
    }

    /// <summary>Writes a record up to its headers and returns where these go.</summary>
    private Span<byte> WriteFields(
        long timestampMs, int offsetDelta, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value, int headersSize)
    {
        if (!_hasBaseTimestamp)
        {
            _baseTimestamp = timestampMs;
            _hasBaseTimestamp = true;
        }

        int keyLength = hasKey ? key.Length : -1;
        int valueLength = hasValue ? value.Length : -1;
        long timestampDelta = timestampMs - _baseTimestamp;
        long bodySize = 1 + Varint.SizeOfLong(timestampDelta) + Varint.SizeOf(offsetDelta)
            + Varint.SizeOf(keyLength) + (long)Math.Max(keyLength, 0)
            + Varint.SizeOf(valueLength) + (long)Math.Max(valueLength, 0) + headersSize;
        EnsureRoom(bodySize + Varint.MaxSizeInBytes);

        Span<byte> record = _buffer.AsSpan(_position);
        int at = Varint.Write(record, (int)bodySize);
        int end = at + (int)bodySize;
        record[at++] = 0;
        at += Varint.WriteLong(record[at..], timestampDelta);
        at += Varint.Write(record[at..], offsetDelta);
        at += WriteBytes(record[at..], keyLength, key);
        at += WriteBytes(record[at..], valueLength, value);
        Debug.Assert(at + headersSize == end, "The record is as long as its length says.");

        _position += end;
        _lastOffsetDelta = offsetDelta;
        _maxTimestamp = Math.Max(_maxTimestamp, timestampMs);
        RecordCount++;
        return record[at..end];
    }

    private static int WriteBytes(Span<byte> destination, int length, ReadOnlySpan<byte> bytes)
    {
        int size = Varint.Write(destination, length);
        if (length <= 0)
            return size;
        bytes.CopyTo(destination[size..]);
        return size + length;
    }

    private void EnsureRoom(long bytes)
    {
        long needed = _position + bytes;
        if (needed <= _buffer.Length)
            return;
        if (needed > Array.MaxLength)
            throw new InvalidOperationException($"A record batch of {needed} bytes is larger than an array can be; build it in parts.");
        byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _buffer.Length)));
        _buffer.AsSpan(0, _position).CopyTo(larger);
        _buffer = larger;
    }
}
