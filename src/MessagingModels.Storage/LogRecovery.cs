using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Storage;

/// <summary>A log as it was found.</summary>
internal sealed record RecoveredLog(LogSegment[] Segments, long NextOffset, LogCheckpoint Checkpoint, bool WasClean, bool WasFlushed);

/// <summary>
/// Finds out what a log's directory holds. For one thread, before the log has readers.
/// <para>
/// After a clean shutdown the marker says it all. Otherwise every segment from the recovery point on, and always the last one, is read and
/// checked. What a crash can leave is put right: half-done compactions, missing indexes, and a torn tail, which is cut at the last whole
/// batch. What a crash cannot leave is a <see cref="LogCorruptedException"/>, and nothing is changed.
/// </para>
/// <para>
/// The rule. Let p be where the first batch begins that is not whole or not valid.
/// 1. p lies in a segment that is not the last, or that was flushed as a whole (below the recovery point): corruption.
/// 2. No whole valid batch with a later offset begins anywhere after p: a torn tail, cut at p.
/// 3. One does: corruption, unless the bytes in between show pages that never reached the disk, all zeros (<see cref="UnwrittenPages"/>).
///    That is what a power failure leaves when later pages were written back before earlier ones; none of it was ever flushed, hence
///    nothing of it acknowledged as durable, and it is cut at p with a warning that says how much went.
/// </para>
/// </summary>
internal sealed partial class LogRecovery(IFileSystem fileSystem, string directory, LogOptions options, TimeProvider time, ILogger logger)
{
    private readonly bool _mustFlush = options.Durability == Durability.Fsync;

    public RecoveredLog Recover()
    {
        LogDirectoryCleaner.Clean(fileSystem, directory);
        LogCheckpoint checkpoint = ReadCheckpoint();
        List<(long BaseOffset, int Size)> found = DropBelowStart(FindSegments(), checkpoint.LogStartOffset);
        if (found.Count == 0)
        {
            if (checkpoint.RecoveryPoint > 0)
                throw new LogCorruptedException(directory, 0, $"no segment is left, but the log was flushed up to offset {checkpoint.RecoveryPoint}");
            LogSegment first = new(fileSystem, directory, checkpoint.LogStartOffset, size: 0);
            return new RecoveredLog([first], first.BaseOffset, checkpoint, WasClean: false, WasFlushed: false);
        }
        return RecoverCleanly(found, checkpoint) ?? Scan(found, checkpoint);
    }

    private LogCheckpoint ReadCheckpoint()
    {
        try
        {
            return LogCheckpoint.Read(new CheckpointFile(fileSystem, Path.Combine(directory, LogFileNames.Checkpoint)));
        }
        catch (CheckpointCorruptedException error)
        {
            // Without it everything is scanned, and what was deleted within a segment that is still there comes back.
            LogCheckpointIgnored(logger, directory, error);
            return default;
        }
    }

    private List<(long BaseOffset, int Size)> FindSegments()
    {
        List<(long BaseOffset, int Size)> found = [];
        foreach (FileEntry file in fileSystem.EnumerateFiles(directory))
        {
            if (!LogFileNames.TryParse(file.Name, LogFileNames.Data, out long baseOffset)) continue;
            if (file.SizeInBytes > int.MaxValue)
                throw new LogCorruptedException(Path.Combine(directory, file.Name), int.MaxValue, $"a segment of {file.SizeInBytes} bytes is larger than any can be");
            found.Add((baseOffset, (int)file.SizeInBytes));
        }
        found.Sort();
        return found;
    }

    // A crash in the middle of deleting old segments leaves some of them.
    private List<(long BaseOffset, int Size)> DropBelowStart(List<(long BaseOffset, int Size)> found, long logStartOffset)
    {
        while (found.Count > 1 && found[1].BaseOffset <= logStartOffset)
        {
            new LogSegment(fileSystem, directory, found[0].BaseOffset, found[0].Size).DeleteFiles();
            found.RemoveAt(0);
        }
        return found;
    }

    private RecoveredLog? RecoverCleanly(List<(long BaseOffset, int Size)> found, LogCheckpoint checkpoint)
    {
        CheckpointFile file = new(fileSystem, Path.Combine(directory, LogFileNames.CleanShutdown));
        CleanShutdownMarker? marker = CleanShutdownMarker.Read(file);
        if (marker is null || !IsCurrent(marker) || !marker.Segments.Select(s => (s.BaseOffset, s.SizeInBytes)).SequenceEqual(found))
        {
            file.Delete(flush: _mustFlush && marker is not null);
            return null;
        }
        bool wasFlushed = marker.UnflushedSince == Guid.Empty;
        LogSegment[] segments = new LogSegment[found.Count];
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = new LogSegment(fileSystem, directory, found[i].BaseOffset, found[i].Size) { FlushedSize = wasFlushed || IsBelowRecoveryPoint(found, i, checkpoint) ? found[i].Size : 0 };
            if (marker.Segments[i].MaxTimestampMs != CleanShutdownMarker.UnknownTimestamp)
                segments[i].RestoreMaxTimestamp(marker.Segments[i].MaxTimestampMs, marker.Segments[i].OffsetOfMaxTimestamp);
        }
        if (marker.FirstAppendAtMs >= 0) segments[^1].FirstAppendAt = DateTimeOffset.FromUnixTimeMilliseconds(marker.FirstAppendAtMs);
        return new RecoveredLog(segments, marker.NextOffset, checkpoint, WasClean: true, WasFlushed: wasFlushed);
    }

    private RecoveredLog Scan(List<(long BaseOffset, int Size)> found, LogCheckpoint checkpoint)
    {
        LogSegment[] segments = new LogSegment[found.Count];
        long nextOffset = 0;
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = new LogSegment(fileSystem, directory, found[i].BaseOffset, found[i].Size);
            bool isLast = i == segments.Length - 1;
            bool wasFlushed = IsBelowRecoveryPoint(found, i, checkpoint);
            if (wasFlushed && !isLast)
            {
                segments[i].FlushedSize = found[i].Size;
                continue;
            }
            // Compaction leaves gaps between segments, but only where everything was flushed before.
            bool isGapless = checkpoint.RecoveryPoint is not null && !wasFlushed;
            nextOffset = ScanSegment(segments[i], mayBeTorn: isLast && !wasFlushed);
            if (isGapless && !isLast && nextOffset != found[i + 1].BaseOffset)
                throw new LogCorruptedException(
                    segments[i].Path, segments[i].Size, $"the segment ends at offset {nextOffset}, but the next one begins at {found[i + 1].BaseOffset}");
            Settle(segments[i], isLast);
        }
        if (nextOffset < checkpoint.RecoveryPoint)
            throw new LogCorruptedException(
                segments[^1].Path, segments[^1].Size, $"the log ends at offset {nextOffset}, but it was flushed up to {checkpoint.RecoveryPoint}");
        if (_mustFlush) FlushNames();
        return new RecoveredLog(segments, nextOffset, checkpoint, WasClean: false, WasFlushed: _mustFlush);
    }

    // The last segment counts as a whole only where it was not the last when the recovery point was written.
    private static bool IsBelowRecoveryPoint(List<(long BaseOffset, int Size)> found, int i, LogCheckpoint checkpoint) =>
        checkpoint.RecoveryPoint is { } point && (i == found.Count - 1 ? found[i].BaseOffset < point : found[i + 1].BaseOffset <= point);

    // What a log under another durability left in the page cache counts as durable under Fsync only after a scan that flushes it.
    private bool IsCurrent(CleanShutdownMarker marker) =>
        marker.UnflushedSince == Guid.Empty || (marker.UnflushedSince == fileSystem.BootId && !_mustFlush);

    private void FlushNames()
    {
        fileSystem.FlushDirectory(Path.GetDirectoryName(directory)!);
        fileSystem.FlushDirectory(directory);
    }

    private void Settle(LogSegment segment, bool isLast)
    {
        // What a killed process left in the page cache was never flushed; from here on it counts as durable.
        if (_mustFlush && segment.Size > 0) segment.Flush();
        if (!isLast) segment.WriteIndexFiles(flush: false);
    }

    private long ScanSegment(LogSegment segment, bool mayBeTorn)
    {
        int size = segment.Size;
        if (size == 0) return segment.BaseOffset;
        segment.ResetIndexes();
        using BatchScanner scanner = new(segment.File(), 0, size, segment.BaseOffset);
        while (scanner.MoveNext())
        {
            RecordBatchView batch = new(scanner.Batch.Span);
            segment.FirstAppendAt ??= AppendTime(batch.MaxTimestamp);
            segment.Index(batch, (int)scanner.Position, options.IndexIntervalBytes);
        }
        if (scanner.Damage == BatchDamage.None) return scanner.NextOffset;
        if (!mayBeTorn) throw segment.Corrupted(scanner);
        long valid = WholeBatchSearch.Find(segment.File(), scanner.Position + 1, size, scanner.NextOffset);
        if (valid >= 0 && !UnwrittenPages.ExistBetween(segment.File(), scanner.Position, valid, isHeaderDamaged: scanner.Damage != BatchDamage.BadCrc))
            throw segment.Corrupted(scanner);
        Cut(segment, (int)scanner.Position, size, valid);
        return scanner.NextOffset;
    }

    private void Cut(LogSegment segment, int position, int size, long valid)
    {
        if (valid < 0) LogTornTailCut(logger, segment.Path, position, size - position);
        else LogUnwrittenPagesCut(logger, segment.Path, position, size - position, valid);
        segment.File().SetLength(position);
        segment.SetScannedSize(position);
        // Also under PageCache: what is appended next must never be followed by what was cut here.
        segment.File().Flush();
    }

    private DateTimeOffset AppendTime(long timestampMs)
    {
        DateTimeOffset now = time.GetUtcNow();
        return timestampMs >= 0 && timestampMs <= now.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(timestampMs) : now;
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "{Path}: cut a torn tail of {Bytes} bytes at {Position}")]
    private static partial void LogTornTailCut(ILogger logger, string path, int position, int bytes);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning,
        Message = "{Path}: cut {Bytes} bytes at {Position}, where pages never reached the disk; whole batches that were never flushed followed from {Valid} on")]
    private static partial void LogUnwrittenPagesCut(ILogger logger, string path, int position, int bytes, long valid);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "{Directory}: the checkpoint is damaged; the whole log is scanned")]
    private static partial void LogCheckpointIgnored(ILogger logger, string directory, Exception error);
}
