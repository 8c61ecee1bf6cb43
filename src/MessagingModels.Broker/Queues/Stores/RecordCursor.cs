using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>
/// Walks the records of a queue's batches in memory, forward, and can stop anywhere. The batches are the queue's own: not compressed, with
/// consecutive offsets and no headers.
/// </summary>
internal struct RecordCursor(ReadOnlyMemory<byte> batches)
{
    private readonly ReadOnlyMemory<byte> _batches = batches;
    private int _position;
    private int _batchEnd;
    private long _baseTimestampMs;
    private long _batchEndOffset;

    /// <summary>The offset of the record that is read next; below 0 before the first.</summary>
    public long NextOffset { get; private set; } = -1;

    /// <summary>Goes forward to an offset and reads it. False where the batches end before it, or begin after it.</summary>
    public bool TryRead(long offset, out StoredMessage message)
    {
        message = default;
        while (NextOffset < 0 || offset >= _batchEndOffset)
        {
            if (_batchEnd >= _batches.Length)
                return false;
            EnterBatch();
        }

        if (offset < NextOffset)
            return false;
        ReadOnlySpan<byte> bytes = _batches.Span;
        while (NextOffset < offset)
        {
            _position += ReadLength(bytes, out int skipped) + skipped;
            NextOffset++;
        }

        message = ReadRecord(bytes);
        NextOffset++;
        return true;
    }

    /// <summary>Reads the next record whatever its offset. False at the end.</summary>
    public bool TryReadNext(out StoredMessage message)
    {
        if (NextOffset >= 0 && NextOffset < _batchEndOffset)
            return TryRead(NextOffset, out message);
        message = default;
        if (_batchEnd >= _batches.Length)
            return false;
        EnterBatch();
        return TryRead(NextOffset, out message);
    }

    private void EnterBatch()
    {
        RecordBatchView batch = new(_batches.Span[_batchEnd..]);
        NextOffset = batch.BaseOffset;
        _batchEndOffset = batch.LastOffset + 1;
        _baseTimestampMs = batch.BaseTimestamp;
        _position = _batchEnd + RecordBatchLayout.HeaderSizeInBytes;
        _batchEnd += batch.SizeInBytes;
    }

    private StoredMessage ReadRecord(ReadOnlySpan<byte> bytes)
    {
        int at = _position + ReadLength(bytes, out int length);
        int end = at + length;
        at++;
        bool isWhole = Varint.TryReadLong(bytes[at..end], out long timestampDelta, out int size);
        at += size;
        isWhole &= Varint.TryRead(bytes[at..end], out _, out size);
        at += size;
        isWhole &= Varint.TryRead(bytes[at..end], out int keyLength, out size);
        int key = at + size;
        at = key + keyLength;
        isWhole &= Varint.TryRead(bytes[at..end], out int valueLength, out size);
        if (!isWhole || keyLength < 1 || valueLength < 0 || at + size + valueLength > end)
            throw new StorageException($"The record at offset {NextOffset} is none of a queue.");
        _position = end;
        return new StoredMessage(
            NextOffset, _baseTimestampMs + timestampDelta, _batches.Slice(key, keyLength), _batches.Slice(at + size, valueLength));
    }

    private readonly int ReadLength(ReadOnlySpan<byte> bytes, out int length) =>
        Varint.TryRead(bytes[_position..], out length, out int size)
            ? size
            : throw new StorageException($"The record at offset {NextOffset} has no length.");
}
