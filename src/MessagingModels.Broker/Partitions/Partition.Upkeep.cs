using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Partitions;

internal sealed partial class Partition
{
    /// <summary>How long a silent producer is remembered (Kafka: <c>producer.id.expiration.ms</c>).</summary>
    public static readonly TimeSpan ProducerExpiry = TimeSpan.FromDays(1);

    // Where compaction has come to; a restart begins at the start again, which costs one pass.
    private long _compactedUpTo;

    /// <summary>Deletes the records before an offset (null: the high watermark).</summary>
    /// <returns>The new first offset.</returns>
    /// <exception cref="LogException">The offset lies above the high watermark.</exception>
    public async ValueTask<long> DeleteRecordsAsync(long? before, CancellationToken cancellationToken = default)
    {
        Log log = UsableLog();
        long highWatermark = HighWatermark, offset = before ?? highWatermark;
        if (offset < 0 || offset > highWatermark) throw OutOfRange(offset, log.LogStartOffset, highWatermark);
        try
        {
            await KeepStateAsync(log, cancellationToken).ConfigureAwait(false);
            log.DeleteBefore(offset);
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            throw Translate(error);
        }
        ForgetDeleted(log);
        return log.LogStartOffset;
    }

    /// <summary>Rolls, deletes and compacts what is due, and forgets producers that are silent for long. Called by one caller at a time.</summary>
    /// <exception cref="LogException">The log failed; where it is damaged, the partition is stopped.</exception>
    public async ValueTask MaintainAsync()
    {
        if (_refusal is not null) return;
        Log log = _log!;
        TopicSettings settings = _settings;
        try
        {
            await KeepStateAsync(log, CancellationToken.None).ConfigureAwait(false);
            log.ApplyRetention(HighWatermark);
            if (settings.Compacts) CompactWhereDue(log, settings);
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            throw Translate(error);
        }
        lock (_gate) _states.Expire(_environment.NowMs - (long)ProducerExpiry.TotalMilliseconds);
        ForgetDeleted(log);
    }

    // What producers have done is read from the log's batches: before these are deleted, it must be durable elsewhere.
    private ValueTask KeepStateAsync(Log log, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_snapshotOffset == log.NextOffset || (_states.Producers.Count == 0 && _states.Aborted.Count == 0)) return ValueTask.CompletedTask;
            WriteSnapshot(log.NextOffset);
            return log.WaitDurableAsync(_snapshotOffset, cancellationToken);
        }
    }

    private void CompactWhereDue(Log log, TopicSettings settings)
    {
        if (log.DirtyRatio <= settings.MinCleanableDirtyRatio && !IsOverdue(log, settings)) return;
        long upTo = LastStableOffset;
        if (settings.MinCompactionLag > TimeSpan.Zero && log.FindByTimestamp(MsBefore(settings.MinCompactionLag) + 1) is { } young)
            upTo = Math.Min(upTo, young.Offset);
        _compactedUpTo = log.Compact(upTo).UpToOffset;
    }

    private bool IsOverdue(Log log, TopicSettings settings)
    {
        long firstDirty = Math.Max(_compactedUpTo, log.LogStartOffset);
        if (settings.MaxCompactionLag == TimeSpan.MaxValue || firstDirty >= log.Segments[^1].BaseOffset) return false;
        ReadOnlyMemory<byte> batches = log.Read(firstDirty, maxBytes: 1).Batches;
        return !batches.IsEmpty && new RecordBatchView(batches.Span).BaseTimestamp <= MsBefore(settings.MaxCompactionLag);
    }

    private long MsBefore(TimeSpan age) => _environment.NowMs - (long)age.TotalMilliseconds;

    private void ForgetDeleted(Log log)
    {
        if (_states.Aborted.Count == 0) return;
        lock (_gate) _states.Aborted.RemoveBefore(log.LogStartOffset);
    }
}
