using MessagingModels.Formats.Records;

namespace MessagingModels.Storage;

public sealed partial class Log
{
    /// <summary>
    /// Appends one or several whole batches (format v2), already validated, as they are but for base offset and leader epoch, which are
    /// set in place. One write; no allocation but for a new segment. The batches are readable on return, and durable as
    /// <see cref="WaitDurableAsync"/> says.
    /// </summary>
    /// <param name="batches">The bytes of the batches, back to back.</param>
    /// <param name="leaderEpoch">The partition leader epoch that the batches carry.</param>
    /// <exception cref="RecordBatchesTooLargeException">The batches do not fit in one segment.</exception>
    /// <exception cref="ArgumentException">The bytes are no whole batches.</exception>
    /// <exception cref="StorageFullException">There is no room; nothing was appended.</exception>
    /// <exception cref="BrokenStoreException">A flush has failed in this data directory.</exception>
    public LogAppendResult Append(Span<byte> batches, int leaderEpoch = 0)
    {
        lock (_writeLock)
        {
            ThrowIfUnusable();
            LogOptions options = _options;
            if (batches.Length > options.SegmentBytes) throw new RecordBatchesTooLargeException(batches.Length, options.SegmentBytes);
            long firstOffset = _nextOffset;
            (long lastOffset, long maxTimestampMs) = AssignOffsets(batches, firstOffset, leaderEpoch);
            BeginChange();
            DateTimeOffset now = _time.GetUtcNow();
            if (MustRoll(Active, batches.Length, lastOffset, maxTimestampMs, now)) Roll();
            LogSegment active = Active;
            if (active.Size == 0) _hasUnflushedNames = true;
            int position = active.Size;
            active.Append(batches, options.IndexIntervalBytes);
            active.FirstAppendAt ??= now;
            Volatile.Write(ref _nextOffset, lastOffset + 1);
            return new LogAppendResult(firstOffset, lastOffset, position, maxTimestampMs);
        }
    }

    private static (long LastOffset, long MaxTimestampMs) AssignOffsets(Span<byte> batches, long firstOffset, int leaderEpoch)
    {
        long next = firstOffset, maxTimestampMs = -1;
        if (batches.IsEmpty) throw new ArgumentException("There is no batch to append.", nameof(batches));
        for (int position = 0; position < batches.Length;)
        {
            Span<byte> rest = batches[position..];
            if (!RecordBatchView.TryReadSize(rest, out int size) || size > rest.Length)
                throw new ArgumentException($"No whole record batch begins at byte {position} of {batches.Length}.", nameof(batches));
            RecordBatchEditor.SetBaseOffset(rest, next);
            RecordBatchEditor.SetPartitionLeaderEpoch(rest, leaderEpoch);
            RecordBatchView batch = new(rest);
            next = batch.LastOffset + 1;
            maxTimestampMs = Math.Max(maxTimestampMs, batch.MaxTimestamp);
            position += size;
        }
        return (next - 1, maxTimestampMs);
    }

    private bool MustRoll(LogSegment active, int sizeInBytes, long lastOffset, long maxTimestampMs, DateTimeOffset now) =>
        active.Size > 0
        && ((long)active.Size + sizeInBytes > _options.SegmentBytes || lastOffset - active.BaseOffset > int.MaxValue
            || IsAged(active, now) || SpansTooLong(active, maxTimestampMs));

    // As in Kafka: records that are written later than they were made (a copy of an old log, say) still expire by the segment.
    private bool SpansTooLong(LogSegment active, long maxTimestampMs) =>
        active.FirstTimestampMs is >= 0 and long first && maxTimestampMs - first > _options.SegmentAge.TotalMilliseconds;

    private bool IsAged(LogSegment segment, DateTimeOffset now) => segment.FirstAppendAt is { } first && now - first >= _options.SegmentAge;

    // Under Fsync the closed segment is flushed before the next one exists, so that after a power failure only the last one can be torn.
    // Under PageCache that would stop the writer for as long as the disk needs; the flusher does it meanwhile.
    private void Roll()
    {
        Active.WriteIndexFiles(flush: false);
        if (_durability == Durability.Fsync) FlushToDisk();
        LogSegment next = new(_fileSystem, Directory, _nextOffset, size: 0);
        _hasUnflushedNames = true;
        next.File(Files.FileOpenMode.CreateEmpty);
        _segments = [.. _segments, next];
        if (_durability == Durability.PageCache) _store.Commits.RequestFlush(this);
    }

    private bool HasUnflushedClosedSegments => _checkpoint.RecoveryPoint is not { } point || point < Active.BaseOffset;

    /// <summary>Flushes everything appended before the call, data before what refers to it. Called by the flusher, and by the writer where it must wait.</summary>
    internal void FlushToDisk()
    {
        lock (_flushLock)
        {
            ThrowIfUnusable();
            // In this order: a roll in between flushes (or leaves to the loop below) what it closed, never less than up to here.
            long end = NextOffset;
            LogSegment[] segments = _segments;
            try
            {
                FlushSegments(segments);
                FlushNames();
            }
            catch (Exception error) when (error is IOException or StorageException)
            {
                throw _store.Health.Break(error);
            }
            Volatile.Write(ref _durableOffset, end);
            AdvanceRecoveryPoint(segments[^1].BaseOffset);
        }
    }

    private void FlushSegments(LogSegment[] segments)
    {
        int first = _checkpoint.RecoveryPoint is { } point ? IndexOf(segments, point) : 0;
        for (int i = first; i < segments.Length; i++)
        {
            if (segments[i].FlushedSize == segments[i].Size || !segments[i].TryAcquire()) continue;
            try
            {
                segments[i].Flush();
            }
            finally
            {
                segments[i].Release();
            }
        }
    }

    private void FlushNames()
    {
        if (_hasUnflushedDirectory)
        {
            _fileSystem.FlushDirectory(Path.GetDirectoryName(Directory)!);
            _hasUnflushedDirectory = false;
        }
        if (!_hasUnflushedNames) return;
        // Cleared first: a name that the writer adds meanwhile is flushed once more.
        _hasUnflushedNames = false;
        _fileSystem.FlushDirectory(Directory);
    }

    private void AdvanceRecoveryPoint(long baseOffset)
    {
        try
        {
            if (_checkpoint.RecoveryPoint != baseOffset) UpdateCheckpoint(recoveryPoint: baseOffset);
        }
        catch (StorageFullException error)
        {
            LogNoRecoveryPoint(_logger, Directory, error);
        }
        catch (IOException error)
        {
            throw _store.Health.Break(error);
        }
    }
}
