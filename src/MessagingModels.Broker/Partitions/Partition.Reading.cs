using MessagingModels.Storage;

namespace MessagingModels.Broker.Partitions;

internal sealed partial class Partition
{
    /// <summary>Reads stored batches from the one that holds an offset on: at least one whole batch where there is any.</summary>
    /// <exception cref="LogException">
    /// <see cref="LogErrorCode.OffsetOutOfRange"/> where the offset is below the log start or above the high watermark.
    /// </exception>
    public PartitionReadResult Read(long offset, int maxBytes, IsolationLevel isolation)
    {
        Log log = UsableLog();
        // In this order: the last stable offset never passes the high watermark.
        long lastStable = LastStableOffset, highWatermark = HighWatermark;
        if (offset > highWatermark) throw OutOfRange(offset, log.LogStartOffset, highWatermark);
        LogReadResult read;
        try
        {
            read = log.Read(offset, maxBytes, isolation == IsolationLevel.ReadCommitted ? lastStable : highWatermark);
        }
        catch (OffsetOutOfRangeException)
        {
            throw OutOfRange(offset, log.LogStartOffset, highWatermark);
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            throw Translate(error);
        }
        IReadOnlyList<AbortedTransaction> aborted = isolation == IsolationLevel.ReadCommitted && !read.Batches.IsEmpty && _states.Aborted.Count > 0
            ? _states.Aborted.Overlapping(read.BaseOffset, read.NextOffset)
            : [];
        return new PartitionReadResult(read.Batches, read.NextOffset, highWatermark, lastStable, log.LogStartOffset, aborted);
    }

    /// <summary>Has a signal set whenever more can be read, until <see cref="Unwatch"/>.</summary>
    public void Watch(FetchSignal signal)
    {
        lock (_gate) _watchers = [.. _watchers, signal];
    }

    public void Unwatch(FetchSignal signal)
    {
        lock (_gate) _watchers = Array.FindAll(_watchers, watcher => watcher != signal);
    }

    /// <summary>The first visible record that is not older than a time in milliseconds since 1970, or null.</summary>
    public OffsetAndTimestamp? FindOffset(long timestampMs)
    {
        Log log = UsableLog();
        try
        {
            return log.FindByTimestamp(timestampMs, HighWatermark);
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            throw Translate(error);
        }
    }

    /// <summary>The first record with the greatest timestamp of all, or null where there are none.</summary>
    public OffsetAndTimestamp? FindMaxTimestamp()
    {
        Log log = UsableLog();
        try
        {
            return log.MaxTimestamp();
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            throw Translate(error);
        }
    }

    /// <summary>The range that can be read, at one moment.</summary>
    /// <exception cref="LogException">The partition cannot be used.</exception>
    public PartitionOffsets GetOffsets()
    {
        Log log = UsableLog();
        long lastStable = LastStableOffset;
        return new PartitionOffsets(new Offset(log.LogStartOffset), new Offset(HighWatermark), new Offset(lastStable));
    }

    private LogException OutOfRange(long offset, long logStart, long highWatermark) =>
        new(LogErrorCode.OffsetOutOfRange, $"Offset {offset} is outside of partition {Id}, which holds {logStart} to {highWatermark} (exclusive).");
}
