namespace MessagingModels.Storage;

public sealed partial class Log
{
    /// <summary>
    /// Reads whole batches as they are stored, from the one that holds an offset (or the next one, where compaction removed it).
    /// Lock-free. The bytes stay valid for as long as they are held.
    /// </summary>
    /// <param name="offset">Where to begin, between <see cref="LogStartOffset"/> and <see cref="NextOffset"/>.</param>
    /// <param name="maxBytes">The most to return; a read ends at the end of a segment even where there is more.</param>
    /// <param name="upToOffset">No batch that reaches to this offset or above it is returned.</param>
    /// <param name="minOneBatch">Whether the first batch is returned even where it is larger than <paramref name="maxBytes"/>.</param>
    /// <exception cref="OffsetOutOfRangeException">The log does not hold the offset.</exception>
    /// <exception cref="LogCorruptedException">What is stored there is no batch.</exception>
    public LogReadResult Read(long offset, int maxBytes, long upToOffset = long.MaxValue, bool minOneBatch = true) =>
        Read(new ReadRequest(offset, maxBytes, minOneBatch, default), upToOffset);

    /// <summary>
    /// Reads whole batches as <see cref="Read(long, int, long, bool)"/> does, at least one, without allocating: on disk into the buffer,
    /// whose length is the limit, unless the first batch is larger than that; in memory the stored bytes are handed out.
    /// </summary>
    /// <param name="offset">Where to begin, between <see cref="LogStartOffset"/> and <see cref="NextOffset"/>.</param>
    /// <param name="buffer">Where the bytes may go; the result is valid for as long as the caller leaves it alone.</param>
    /// <param name="upToOffset">No batch that reaches to this offset or above it is returned.</param>
    /// <exception cref="OffsetOutOfRangeException">The log does not hold the offset.</exception>
    /// <exception cref="LogCorruptedException">What is stored there is no batch.</exception>
    public LogReadResult Read(long offset, Memory<byte> buffer, long upToOffset = long.MaxValue) =>
        Read(new ReadRequest(offset, buffer.Length, MinOneBatch: true, buffer), upToOffset);

    private LogReadResult Read(in ReadRequest request, long upToOffset)
    {
        long offset = request.Offset;
        while (true)
        {
            // Read in this order: a truncation lowers the end, then counts itself, then changes the files.
            long truncations = Volatile.Read(ref _truncations);
            long next = NextOffset, start = LogStartOffset;
            if (offset < start || offset > next) throw new OffsetOutOfRangeException(offset, start, next);
            long end = Math.Min(next, upToOffset);
            if (offset >= end) return new LogReadResult(default, offset, offset);
            try
            {
                if (TryRead(request, end, out LogReadResult result) && truncations == Volatile.Read(ref _truncations)) return result;
            }
            catch (LogCorruptedException) when (truncations != Volatile.Read(ref _truncations))
            {
                // The bytes changed below the read; the next round sees the log as it is now.
            }
            ObjectDisposedException.ThrowIf(_isClosed, this);
        }
    }

    /// <summary>The first record whose timestamp is at or above a timestamp (milliseconds since 1970), or null where there is none below the limit.</summary>
    public OffsetAndTimestamp? FindByTimestamp(long timestampMs, long upToOffset = long.MaxValue)
    {
        while (true)
        {
            if (TryFindByTimestamp(timestampMs, Math.Min(NextOffset, upToOffset), out OffsetAndTimestamp? found)) return found;
            ObjectDisposedException.ThrowIf(_isClosed, this);
        }
    }

    /// <summary>The first record with the greatest timestamp of all, or null where the log holds no timestamps.</summary>
    public OffsetAndTimestamp? MaxTimestamp()
    {
        long greatest = -1;
        foreach (LogSegment segment in _segments)
        {
            if (!segment.TryAcquire()) continue;
            greatest = Math.Max(greatest, segment.MaxTimestampMs);
            segment.Release();
        }
        return greatest < 0 ? null : FindByTimestamp(greatest);
    }

    /// <summary>Reads all that is stored and checks every batch, as the recovery of a log that was not closed cleanly does.</summary>
    /// <exception cref="LogCorruptedException">A batch is damaged; the error names the first one.</exception>
    public void Verify()
    {
        foreach (LogSegment segment in _segments)
        {
            if (!segment.TryAcquire()) continue;
            try
            {
                segment.Verify();
            }
            finally
            {
                segment.Release();
            }
        }
    }

    // False where a segment was deleted or compacted meanwhile: the caller looks again.
    private bool TryFindByTimestamp(long timestampMs, long end, out OffsetAndTimestamp? found)
    {
        found = null;
        long start = LogStartOffset;
        foreach (LogSegment segment in _segments)
        {
            if (!segment.TryAcquire()) return false;
            try
            {
                if (segment.MaxTimestampMs < timestampMs) continue;
                found = segment.FindByTimestamp(timestampMs, start, end);
                if (found is not null) return true;
            }
            finally
            {
                segment.Release();
            }
        }
        return true;
    }

    // False where a segment was deleted meanwhile: the caller looks again.
    private bool TryRead(in ReadRequest request, long end, out LogReadResult result)
    {
        long offset = request.Offset;
        LogSegment[] segments = _segments;
        for (int i = IndexOf(segments, offset); i < segments.Length; i++)
        {
            LogSegment segment = segments[i];
            result = default;
            if (!segment.TryAcquire()) return false;
            try
            {
                if (segment.TryRead(request, end, out result)) return true;
            }
            finally
            {
                segment.Release();
            }
        }
        result = new LogReadResult(default, offset, end);
        return true;
    }
}
