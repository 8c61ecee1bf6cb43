using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;

namespace MessagingModels.Storage;

internal sealed partial class LogSegment
{
    // Entries come at most this often when an index is rebuilt; any spacing is right, this is Kafka's default.
    private const int RebuiltIntervalBytes = 4096;

    /// <summary>The indexes, read from their files at the first use, or rebuilt from the data where a file is missing or wrong.</summary>
    private Indexes EnsureIndexes()
    {
        Indexes? indexes = Volatile.Read(ref _indexes);
        if (indexes is not null) return indexes;
        lock (_openLock)
        {
            if (_indexes is not null) return _indexes;
            if (TryLoad(out Indexes? loaded))
            {
                if (!_isMaxTimestampKnown)
                {
                    (long timestampMs, int relativeOffset) = loaded.Times.Last;
                    RestoreMaxTimestamp(timestampMs, BaseOffset + relativeOffset);
                }
                Volatile.Write(ref _indexes, loaded);
                return loaded;
            }
            return Rebuild(out _);
        }
    }

    private bool TryLoad([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Indexes? loaded)
    {
        loaded = null;
        if (ReadWhole(LogFileNames.OffsetIndex) is not { } offsets || ReadWhole(LogFileNames.TimeIndex) is not { } times) return false;
        if (!OffsetIndex.TryDecode(offsets, Size, out OffsetIndex offsetIndex) || !TimeIndex.TryDecode(times, out TimeIndex timeIndex)) return false;
        // A closed segment that holds records has at least the entry of its greatest timestamp, unless it has no timestamps at all.
        if (timeIndex.Count == 0 || !PointsAtBatches(offsetIndex)) return false;
        loaded = new Indexes(offsetIndex, timeIndex);
        return true;
    }

    // The last entry is the one that a partly written file would lack or garble; looking at one batch header is enough to tell.
    private bool PointsAtBatches(OffsetIndex offsets)
    {
        if (offsets.Count == 0) return true;
        Span<byte> header = stackalloc byte[RecordBatchLayout.HeaderSizeInBytes];
        (int relativeOffset, int position) = offsets.Last;
        if (File().Read(position, header) < header.Length) return false;
        RecordBatchView batch = new(header);
        return batch.Magic == RecordBatchLayout.CurrentMagic && batch.LastOffset == BaseOffset + relativeOffset;
    }

    private byte[]? ReadWhole(string extension)
    {
        string path = LogFileNames.Of(_directory, BaseOffset, extension);
        if (!_fileSystem.FileExists(path)) return null;
        using IFile file = _fileSystem.Open(path, FileOpenMode.Existing);
        byte[] bytes = new byte[file.Length];
        return file.Read(0, bytes) == bytes.Length ? bytes : null;
    }

    private Indexes Rebuild(out long nextOffset)
    {
        // Readers keep what they have; the new indexes appear when they are complete.
        Indexes indexes = new(new OffsetIndex(), new TimeIndex());
        (_maxTimestampMs, _offsetOfMaxTimestamp, _bytesSinceIndexEntry) = (-1, 0, 0);
        using BatchScanner scanner = new(File(), 0, _size, BaseOffset);
        while (scanner.MoveNext()) Index(indexes, new RecordBatchView(scanner.Batch.Span), (int)scanner.Position, RebuiltIntervalBytes);
        if (scanner.Damage != BatchDamage.None) throw Corrupted(scanner);
        nextOffset = scanner.NextOffset;
        Volatile.Write(ref _isMaxTimestampKnown, true);
        Volatile.Write(ref _indexes, indexes);
        return indexes;
    }

    /// <summary>The error for a place where a scan stopped.</summary>
    public LogCorruptedException Corrupted(BatchScanner scanner) => scanner.Damage switch
    {
        BatchDamage.BadCrc => new LogCorruptedException(Path, scanner.Position, "the batch does not match its checksum", scanner.ExpectedCrc, scanner.FoundCrc),
        BatchDamage.Incomplete => new LogCorruptedException(Path, scanner.Position, "the batch is longer than the rest of the file"),
        _ => new LogCorruptedException(Path, scanner.Position, $"no record batch with base offset {scanner.NextOffset} or above begins here"),
    };
}
