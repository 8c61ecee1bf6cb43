using System.Buffers;
using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

internal sealed partial class LogSegment
{
    /// <summary>Below this a read that goes on at a known place does not pay without looking at the first header.</summary>
    private const int MinBytesWithoutHeader = 4096;

    private readonly ReadHint?[] _hints = new ReadHint?[8];
    private int _hintEpoch;

    /// <summary>
    /// Reads whole batches from the one that holds an offset (or the next one, after compaction) up to an end offset.
    /// False where the segment has no batch at or after the offset. The caller holds a reference.
    /// </summary>
    public bool TryRead(in ReadRequest request, long endOffset, out LogReadResult result)
    {
        int hintEpoch = Volatile.Read(ref _hintEpoch);
        int size = Size;
        long offset = request.Offset;
        result = new LogReadResult(default, offset, offset);
        if (request.MaxBytes >= MinBytesWithoutHeader && TryGoOn(request, endOffset, size, out result)) return true;
        if (!TryLocate(offset, size, out BatchLocation first)) return false;
        if (first.LastOffset >= endOffset) return true;
        int limit = Math.Min(size - first.Position, request.MinOneBatch ? Math.Max(request.MaxBytes, first.SizeInBytes) : request.MaxBytes);
        if (limit < first.SizeInBytes) return true;

        ReadOnlyMemory<byte> bytes = File().ReadMemory(first.Position, first.SizeInBytes, limit, request.Buffer);
        int length = WholeBatches(bytes.Span, endOffset, out long nextOffset);
        if (length == 0) throw new LogCorruptedException(Path, first.Position, "the batch header changed between two reads");
        Remember(nextOffset, first.Position + length, hintEpoch);
        result = new LogReadResult(bytes[..length], first.BaseOffset, nextOffset);
        return true;
    }

    // Where a read before has ended, the next batch begins: its header need not be read on its own first, which saves a system call.
    // False where that is not known, or the bytes are not what was expected: then the header is looked for.
    private bool TryGoOn(in ReadRequest request, long endOffset, int size, out LogReadResult result)
    {
        result = default;
        if (FindHint(request.Offset) is not { } hint || size - hint.Position < RecordBatchLayout.HeaderSizeInBytes) return false;
        int limit = Math.Min(size - hint.Position, request.MaxBytes);
        ReadOnlyMemory<byte> bytes = File().ReadMemory(hint.Position, RecordBatchLayout.HeaderSizeInBytes, limit, request.Buffer);
        if (bytes.Length < RecordBatchLayout.HeaderSizeInBytes || bytes.Span[RecordBatchLayout.MagicPosition] != RecordBatchLayout.CurrentMagic) return false;
        RecordBatchView first = new(bytes.Span);
        if (first.LastOffset < request.Offset) return false;
        int length = WholeBatches(bytes.Span, endOffset, out long nextOffset);
        if (length == 0) return false;
        Remember(nextOffset, hint.Position + length, hint.Epoch);
        result = new LogReadResult(bytes[..length], first.BaseOffset, nextOffset);
        return true;
    }

    /// <summary>Where the first batch begins whose last offset is at or above an offset; false where there is none.</summary>
    public bool TryLocate(long offset, int size, out BatchLocation location)
    {
        Span<byte> header = stackalloc byte[RecordBatchLayout.HeaderSizeInBytes];
        IFile? file = null;
        for (int position = StartOfSearch(offset); position < size;)
        {
            file ??= File();
            if (size - position < header.Length || file.Read(position, header) < header.Length || !RecordBatchView.TryReadSize(header, out int batchSize)
                || header[RecordBatchLayout.MagicPosition] != RecordBatchLayout.CurrentMagic)
                throw new LogCorruptedException(Path, position, "no record batch begins here");
            RecordBatchView batch = new(header);
            if (batch.LastOffset >= offset)
            {
                location = new BatchLocation(position, batchSize, batch.BaseOffset, batch.LastOffset, batch.MaxTimestamp);
                return true;
            }
            position += batchSize;
        }
        location = default;
        return false;
    }

    /// <summary>The first record at or above an offset whose timestamp is at or above a timestamp. The caller holds a reference.</summary>
    public OffsetAndTimestamp? FindByTimestamp(long timestampMs, long fromOffset, long endOffset)
    {
        int size = Size;
        long searchFrom = Math.Max(fromOffset, BaseOffset + EnsureIndexes().Times.FloorRelativeOffset(timestampMs));
        if (!TryLocate(searchFrom, size, out BatchLocation location)) return null;
        using BatchScanner scanner = new(File(), location.Position, size, BaseOffset);
        while (scanner.MoveNext())
        {
            RecordBatchView batch = new(scanner.Batch.Span);
            if (batch.BaseOffset >= endOffset) return null;
            if (batch.MaxTimestamp < timestampMs) continue;
            if (FirstRecordAt(batch, timestampMs, fromOffset) is { } found) return found.Offset < endOffset ? found : null;
        }
        return scanner.Damage == BatchDamage.None ? null : throw Corrupted(scanner);
    }

    /// <summary>Checks every batch. The caller holds a reference.</summary>
    /// <exception cref="LogCorruptedException">A batch is damaged.</exception>
    public void Verify()
    {
        if (Size == 0) return;
        using BatchScanner scanner = new(File(), 0, Size, BaseOffset);
        while (scanner.MoveNext())
        {
            // Moving on is the check.
        }

        if (scanner.Damage != BatchDamage.None) throw Corrupted(scanner);
    }

    private static OffsetAndTimestamp? FirstRecordAt(RecordBatchView batch, long timestampMs, long fromOffset)
    {
        ArrayBufferWriter<byte>? decompressed = null;
        ReadOnlySpan<byte> section = RecordsOf(batch, ref decompressed);
        RecordReader records = new(section, batch.RecordCount);
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            long offset = batch.BaseOffset + record.OffsetDelta;
            long timestamp = batch.TimestampType == TimestampType.LogAppendTime ? batch.MaxTimestamp : batch.BaseTimestamp + record.TimestampDelta;
            if (offset >= fromOffset && timestamp >= timestampMs) return new OffsetAndTimestamp(offset, timestamp);
        }
        return null;
    }

    /// <summary>The records of a batch, decompressed into the buffer where they are compressed.</summary>
    public static ReadOnlySpan<byte> RecordsOf(RecordBatchView batch, ref ArrayBufferWriter<byte>? buffer)
    {
        if (batch.Codec == CompressionCodec.None) return batch.RecordsSection;
        buffer ??= new ArrayBufferWriter<byte>();
        buffer.ResetWrittenCount();
        RecordCompression.Decompress(batch.Codec, batch.RecordsSection, buffer, Array.MaxLength);
        return buffer.WrittenSpan;
    }

    private static int WholeBatches(ReadOnlySpan<byte> bytes, long endOffset, out long nextOffset)
    {
        int length = 0;
        nextOffset = -1;
        while (bytes.Length - length >= RecordBatchLayout.HeaderSizeInBytes && RecordBatchView.TryReadSize(bytes[length..], out int size)
            && size <= bytes.Length - length)
        {
            long lastOffset = new RecordBatchView(bytes[length..]).LastOffset;
            if (lastOffset >= endOffset) break;
            length += size;
            nextOffset = lastOffset + 1;
        }
        return length;
    }

    // A reader that goes on where a read ended is spared the walk from the last index entry.
    private int StartOfSearch(long offset)
    {
        if (offset <= BaseOffset) return 0;
        if (FindHint(offset) is { } hint) return hint.Position;
        return EnsureIndexes().Offsets.FloorPosition((int)Math.Min(offset - BaseOffset, int.MaxValue));
    }

    private ReadHint? FindHint(long offset)
    {
        ReadHint? hint = Volatile.Read(ref _hints[HintSlot(offset)]);
        return hint is not null && hint.Offset == offset && hint.Epoch == Volatile.Read(ref _hintEpoch) ? hint : null;
    }

    private void Remember(long nextOffset, int position, int epoch) => Volatile.Write(ref _hints[HintSlot(nextOffset)], new ReadHint(nextOffset, position, epoch));

    private static int HintSlot(long offset) => (int)((ulong)offset * 0x9E3779B97F4A7C15 >> 61);

    private void ForgetHints() => Interlocked.Increment(ref _hintEpoch);

    private sealed record ReadHint(long Offset, int Position, int Epoch);
}

/// <summary>What a reader asks for.</summary>
internal readonly record struct ReadRequest(long Offset, int MaxBytes, bool MinOneBatch, Memory<byte> Buffer);

/// <summary>A batch's place in its segment, and what its header says.</summary>
internal readonly record struct BatchLocation(int Position, int SizeInBytes, long BaseOffset, long LastOffset, long MaxTimestampMs);
