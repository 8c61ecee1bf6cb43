using MessagingModels.Formats.Records;

namespace MessagingModels.Storage;

public sealed partial class Log
{
    // The keys of one round are in memory, some 50 bytes each.
    private const int MaxKeysPerRound = 2_000_000;

    private readonly Lock _compactionLock = new();

    /// <summary>The share of the closed segments' bytes that compaction has not seen yet (Kafka: compared with <c>min.cleanable.dirty.ratio</c>).</summary>
    public double DirtyRatio
    {
        get
        {
            LogSegment[] segments = _segments;
            long total = 0, dirty = 0, firstDirtyOffset = FirstDirtyOffset;
            for (int i = 0; i < segments.Length - 1; i++)
            {
                total += segments[i].Size;
                if (segments[i + 1].BaseOffset > firstDirtyOffset) dirty += segments[i].Size;
            }
            return total == 0 ? 0 : (double)dirty / total;
        }
    }

    private long FirstDirtyOffset
    {
        get
        {
            lock (_checkpointLock) return _checkpoint.FirstDirtyOffset;
        }
    }

    /// <summary>
    /// Compacts the closed segments by key: the last record of a key stays, at its offset; the records of aborted transactions go;
    /// tombstones and the markers of emptied transactions go after <see cref="LogOptions.DeleteRetention"/>. Readers and the writer go on
    /// meanwhile. A log with very many keys takes several calls: the result says how far this one came.
    /// </summary>
    /// <param name="upToOffset">Nothing at or above is touched: the last stable offset.</param>
    /// <exception cref="StorageFullException">There is no room for the compacted segments; the log stands as it was.</exception>
    /// <exception cref="LogCorruptedException">A closed segment is damaged.</exception>
    public CompactionResult Compact(long upToOffset = long.MaxValue)
    {
        lock (_compactionLock)
        {
            long truncations = Volatile.Read(ref _truncations);
            LogSegment[] segments = Compactable(upToOffset, out long endOffset);
            if (segments.Length == 0) return new CompactionResult(FirstDirtyOffset, 0, 0, 0);
            // Compaction leaves holes between offsets, and recovery expects none in what was never flushed.
            if (_durability != Durability.Memory) FlushToDisk();

            ProducerHistory history = new();
            foreach (LogSegment segment in segments) Scan(segment, batch => history.Add(new RecordBatchView(batch.Span)));
            LatestOffsets latest = new();
            int count = ReadKeys(segments, history, latest);
            if (count < segments.Length) endOffset = segments[count].BaseOffset;

            BatchCompaction compaction = new(history, latest, _time.GetUtcNow().ToUnixTimeMilliseconds(), _options.DeleteRetention);
            long before = 0, after = 0;
            for (int i = 0; i < count;)
            {
                int end = EndOfGroup(segments, i, count);
                after += CompactGroup(segments[i..end], end < segments.Length ? segments[end].BaseOffset : endOffset, compaction, truncations);
                for (; i < end; i++) before += segments[i].Size;
            }
            long firstDirtyOffset = Math.Min(endOffset, history.FirstUndecidedOffset);
            UpdateCheckpoint(firstDirtyOffset: firstDirtyOffset);
            return new CompactionResult(firstDirtyOffset, compaction.RemovedRecords, before, after);
        }
    }

    private LogSegment[] Compactable(long upToOffset, out long endOffset)
    {
        lock (_writeLock)
        {
            ThrowIfUnusable();
            LogSegment[] segments = _segments;
            int count = 0;
            while (count < segments.Length - 1 && segments[count + 1].BaseOffset <= upToOffset) count++;
            endOffset = segments[count].BaseOffset;
            return segments[..count];
        }
    }

    // Takes in the keys from the first dirty offset on; returns how many segments fitted in.
    private int ReadKeys(LogSegment[] segments, ProducerHistory history, LatestOffsets latest)
    {
        long firstDirtyOffset = FirstDirtyOffset;
        for (int i = 0; i < segments.Length; i++)
        {
            if (i + 1 < segments.Length && segments[i + 1].BaseOffset <= firstDirtyOffset) continue;
            Scan(segments[i], bytes =>
            {
                RecordBatchView batch = new(bytes.Span);
                if (batch.LastOffset >= firstDirtyOffset && !batch.IsControl && !history.IsAborted(batch) && !history.IsUndecided(batch)) latest.Add(batch);
            });
            if (latest.Count >= MaxKeysPerRound) return i + 1;
        }
        return segments.Length;
    }

    // Small neighbours become one segment again.
    private int EndOfGroup(LogSegment[] segments, int start, int count)
    {
        long size = segments[start].Size;
        int end = start + 1;
        while (end < count && size + segments[end].Size <= _options.SegmentBytes
            && (end + 1 < segments.Length ? segments[end + 1].BaseOffset : NextOffset) - segments[start].BaseOffset <= int.MaxValue)
            size += segments[end++].Size;
        return end;
    }

    private long CompactGroup(LogSegment[] group, long endOffset, BatchCompaction compaction, long truncations)
    {
        using CompactedSegmentWriter writer = new(_fileSystem, Directory, group[0].BaseOffset, _options.IndexIntervalBytes);
        bool isChanged = group.Length > 1;
        long size = 0;
        foreach (LogSegment segment in group)
        {
            size += segment.Size;
            Scan(segment, batch =>
            {
                ReadOnlyMemory<byte> kept = compaction.Compact(batch);
                isChanged |= !kept.Equals(batch);
                if (kept.Length > 0) writer.Append(kept);
            });
        }
        if (!isChanged) return size;
        writer.Complete();
        Swap(group, endOffset, writer, truncations);
        return writer.Size;
    }

    private void Swap(LogSegment[] group, long endOffset, CompactedSegmentWriter writer, long truncations)
    {
        lock (_writeLock)
        {
            ThrowIfUnusable();
            LogSegment[] segments = _segments;
            int start = Array.IndexOf(segments, group[0]);
            // Retention or a truncation was faster: what was compacted is of no use.
            if (truncations != _truncations || start < 0 || start + group.Length >= segments.Length || !segments.AsSpan(start, group.Length).SequenceEqual(group)) return;
            BeginChange();
            string swapPath = LogFileNames.OfSwap(Directory, group[0].BaseOffset, endOffset);
            _fileSystem.Rename(writer.CleanedPath, swapPath);
            try
            {
                _fileSystem.FlushDirectory(Directory);
                LogDirectoryCleaner.CompleteSwap(_fileSystem, Directory, [.. group.Select(s => s.BaseOffset)], group[0].BaseOffset, endOffset);
            }
            catch (Exception error) when (error is IOException or StorageException)
            {
                // The swap is decided but not done: the next opening does it, and nothing may change until then.
                throw _store.Health.Break(error);
            }
            _segments = [.. segments[..start], writer.Segment, .. segments[(start + group.Length)..]];
            foreach (LogSegment replaced in group) replaced.Release();
            if (writer.Size > 0) writer.Segment.WriteIndexFiles(flush: false);
        }
    }

    private static void Scan(LogSegment segment, Action<ReadOnlyMemory<byte>> onBatch)
    {
        // Deleted meanwhile by retention: there is nothing left to compact, and the swap will notice.
        if (!segment.TryAcquire()) return;
        try
        {
            using BatchScanner scanner = new(segment.File(), 0, segment.Size, segment.BaseOffset);
            while (scanner.MoveNext()) onBatch(scanner.Batch);
            if (scanner.Damage != BatchDamage.None) throw segment.Corrupted(scanner);
        }
        finally
        {
            segment.Release();
        }
    }
}
