namespace MessagingModels.Storage;

public sealed partial class Log
{
    // A drained log gives back its active segment only where that is worth a new file.
    private const int ReplacedActiveFraction = 8;

    /// <summary>
    /// Removes every record at or above an offset, with the whole batch that holds it. <see cref="NextOffset"/> is then the offset after
    /// the last batch left, which may be below the offset given. The cut is durable on return, but for <see cref="Durability.Memory"/>.
    /// </summary>
    /// <exception cref="OffsetOutOfRangeException">The offset is below <see cref="LogStartOffset"/>.</exception>
    public void TruncateTo(long offset)
    {
        lock (_writeLock)
            lock (_flushLock)
            {
                ThrowIfUnusable();
                if (offset < LogStartOffset) throw new OffsetOutOfRangeException(offset, LogStartOffset, NextOffset);
                if (offset >= NextOffset) return;
                BeginChange();
                LogSegment[] segments = _segments;
                int last = IndexOf(segments, offset);
                LogSegment segment = segments[last];
                bool isInside = segment.TryLocate(offset, segment.Size, out BatchLocation location);
                long end = isInside ? Math.Min(location.BaseOffset, offset) : offset;
                // Before the cut: a restart must not take what is appended below the old start, or the old recovery point, for what was there.
                NoteCut(end, segment.BaseOffset);

                Volatile.Write(ref _nextOffset, end);
                Interlocked.Increment(ref _truncations);
                _segments = segments[..(last + 1)];
                // From the end, so that a crash in between leaves no gap.
                for (int i = segments.Length - 1; i > last; i--) Remove(segments[i]);
                // Were the cut durable before their deletion, a power failure would leave them behind a gap.
                if (last < segments.Length - 1 && _durability != Durability.Memory) FlushRemovedNames();
                long next = segment.TruncateTo(isInside ? location.Position : segment.Size);
                Volatile.Write(ref _nextOffset, next);
                Volatile.Write(ref _durableOffset, Math.Min(_durableOffset, next));
                Volatile.Write(ref _logStartOffset, Math.Min(_logStartOffset, next));
                if (next < end) NoteCut(next, segment.BaseOffset);
                if (segment.Size > 0) segment.FirstAppendAt ??= _time.GetUtcNow();
                _hasUnflushedNames = true;
                if (_durability != Durability.Memory) FlushToDisk();
            }
    }

    /// <summary>
    /// Moves the start of the log and deletes the segments that lie wholly below it. The new start survives a restart.
    /// Costs the replacement of a small file, and two flushes under <see cref="Durability.Fsync"/>: call it now and then, not per record.
    /// </summary>
    /// <exception cref="OffsetOutOfRangeException">The offset is above <see cref="NextOffset"/>.</exception>
    public void DeleteBefore(long offset)
    {
        lock (_writeLock)
        {
            ThrowIfUnusable();
            if (offset > NextOffset) throw new OffsetOutOfRangeException(offset, LogStartOffset, NextOffset);
            if (offset <= LogStartOffset) return;
            BeginChange();
            if (offset == NextOffset && Active.Size >= _options.SegmentBytes / ReplacedActiveFraction) Roll();
            MoveStart(offset);
        }
    }

    /// <summary>
    /// Closes the active segment where it is old enough, then deletes the segments that are too old (by their greatest timestamp) or by
    /// which the log is too large. Where that takes all of them, an empty one follows.
    /// </summary>
    /// <param name="upToOffset">Nothing at or above is deleted: the high watermark.</param>
    /// <returns>How many segments were deleted.</returns>
    public int ApplyRetention(long upToOffset = long.MaxValue)
    {
        lock (_writeLock)
        {
            ThrowIfUnusable();
            DateTimeOffset now = _time.GetUtcNow();
            if (Active.Size > 0 && IsAged(Active, now))
            {
                BeginChange();
                Roll();
            }
            int expired = Retention.CountExpired(_segments, _options, now.ToUnixTimeMilliseconds(), upToOffset, NextOffset);
            if (expired == 0) return 0;
            BeginChange();
            if (expired == _segments.Length) Roll();
            MoveStart(Math.Max(LogStartOffset, _segments[expired].BaseOffset));
            return expired;
        }
    }

    private void NoteCut(long end, long activeBaseOffset) => UpdateCheckpoint(
        _checkpoint.RecoveryPoint is { } point ? Math.Min(point, activeBaseOffset) : null,
        Math.Min(_checkpoint.LogStartOffset, end),
        Math.Min(_checkpoint.FirstDirtyOffset, end));

    private void MoveStart(long offset)
    {
        bool isNoted = TryNoteStart(offset);
        LogSegment[] segments = _segments;
        int first = IndexOf(segments, offset);
        Volatile.Write(ref _logStartOffset, offset);
        if (first > 0)
        {
            _segments = segments[first..];
            for (int i = 0; i < first; i++) Remove(segments[i]);
            if (_durability == Durability.Fsync) FlushRemovedNames();
        }
        if (!isNoted) UpdateCheckpoint(logStartOffset: offset);
    }

    // On a full disk the deletion is what makes room: it must not fail for the note that comes before it.
    private bool TryNoteStart(long offset)
    {
        try
        {
            UpdateCheckpoint(logStartOffset: offset);
            return true;
        }
        catch (StorageFullException)
        {
            return false;
        }
    }

    private void FlushRemovedNames()
    {
        try
        {
            _fileSystem.FlushDirectory(Directory);
        }
        catch (IOException error)
        {
            throw _store.Health.Break(error);
        }
    }

    private static void Remove(LogSegment segment)
    {
        segment.DeleteFiles();
        segment.Release();
    }
}
