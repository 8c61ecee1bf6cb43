using System.Runtime.CompilerServices;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Partitions;

internal sealed partial class Partition
{
    /// <summary>
    /// Validates and appends v2 batches as a client sent them; offsets and epoch are written into the caller's buffer. The append itself
    /// happens before the call returns, so that the buffer is free then and consecutive calls keep their order; only durability is waited for.
    /// </summary>
    /// <param name="batches">Whole batches; exactly one where it has a producer id.</param>
    /// <param name="acks">None and Leader complete when appended, All when durable.</param>
    /// <param name="source">How far the sender is trusted.</param>
    /// <param name="cancellationToken">Ends the wait for durability.</param>
    /// <exception cref="LogException">The batches were refused, or the log cannot be written. Thrown by the call itself, not by what it returns.</exception>
    public ValueTask<PartitionAppendResult> AppendAsync(
        Memory<byte> batches, Acks acks, BatchSource source = BatchSource.Client, CancellationToken cancellationToken = default)
    {
        Log log = UsableLog();
        TopicSettings settings = _settings;
        ThrowIfUnmeetable(acks, settings);
        long nowMs = _environment.NowMs, end;
        PartitionAppendResult result;
        BatchRecompressor? recompressed = null;
        try
        {
            Span<byte> valid = BatchValidator.Validate(batches, settings, source, nowMs, ref recompressed).Span;
            long appendTimeMs = settings.TimestampType == TimestampType.LogAppendTime ? nowMs : -1;
            lock (_gate) result = AppendValid(log, valid, nowMs, appendTimeMs, out end);
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            throw Translate(error);
        }
        finally
        {
            recompressed?.Return();
        }
        return acks == Acks.All ? Visible(log, result, end, cancellationToken) : VisibleLater(log, result, end);
    }

    /// <summary>Appends the marker that ends a producer's transaction; completes when it is durable.</summary>
    /// <exception cref="LogException">The epoch is older than the producer's here, or the log cannot be written.</exception>
    public async ValueTask AppendMarkerAsync(
        long producerId, short producerEpoch, int coordinatorEpoch, bool commit, CancellationToken cancellationToken = default)
    {
        Log log = UsableLog();
        (PartitionAppendResult result, long end) = AppendMarker(log, producerId, producerEpoch, coordinatorEpoch, commit);
        await Visible(log, result, end, cancellationToken).ConfigureAwait(false);
    }

    private (PartitionAppendResult Result, long End) AppendMarker(Log log, long producerId, short epoch, int coordinatorEpoch, bool commit)
    {
        Span<byte> marker = stackalloc byte[ControlRecord.MarkerSizeInBytes];
        long nowMs = _environment.NowMs;
        ControlRecord.WriteMarker(marker, commit ? ControlRecordType.Commit : ControlRecordType.Abort, producerId, epoch, coordinatorEpoch, nowMs);
        try
        {
            lock (_gate)
            {
                if (!_states.IsCurrent(producerId, epoch))
                {
                    throw new LogException(LogErrorCode.InvalidProducerEpoch,
                        $"The marker of producer {producerId} has epoch {epoch}, but a later epoch has begun in partition {Id}.");
                }
                return (Append(log, marker, nowMs, -1, out long end), end);
            }
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            throw Translate(error);
        }
    }

    private static void ThrowIfUnmeetable(Acks acks, TopicSettings settings)
    {
        if (acks is not (Acks.All or Acks.Leader or Acks.None))
            throw new LogException(LogErrorCode.InvalidRequiredAcks, $"acks {(int)acks} is none of 0, 1 and -1 (all).");
        if (acks == Acks.All && settings.MinInSyncReplicas > 1)
        {
            throw new LogException(LogErrorCode.NotEnoughReplicas,
                $"The topic wants {settings.MinInSyncReplicas} in-sync replicas ({TopicConfiguration.MinInSyncReplicas}); this broker has 1.");
        }
    }

    private PartitionAppendResult AppendValid(Log log, Span<byte> batches, long nowMs, long appendTimeMs, out long end)
    {
        if (_refusal is { } refusal) throw refusal.ToException();
        RecordBatchView batch = new(batches);
        if (!batch.HasProducerId) return Append(log, batches, nowMs, appendTimeMs, out end);

        SequenceVerdict verdict = _states.Judge(batch);
        if (verdict.Error != LogErrorCode.None) throw new LogException(verdict.Error, verdict.Message!);
        if (verdict.Duplicate is { } duplicate)
        {
            end = duplicate.LastOffset + 1;
            return new PartitionAppendResult(duplicate.BaseOffset, appendTimeMs, log.LogStartOffset, IsDuplicate: true);
        }
        if (batch.IsTransactional && !_states.HasOpenTransaction(batch.ProducerId)) ThrowIfNotOpen(batch);
        return Append(log, batches, nowMs, appendTimeMs, out end);
    }

    private void ThrowIfNotOpen(RecordBatchView batch)
    {
        LogErrorCode error = _environment.TransactionGate?.Invoke(Id, batch.ProducerId, batch.ProducerEpoch) ?? LogErrorCode.None;
        if (error == LogErrorCode.None) return;
        throw new LogException(error,
            $"Producer {batch.ProducerId} (epoch {batch.ProducerEpoch}) has no open transaction with partition {Id}. Begin one, or abort the one that failed.");
    }

    private PartitionAppendResult Append(Log log, Span<byte> batches, long nowMs, long appendTimeMs, out long end)
    {
        if (_refusal is { } refusal) throw refusal.ToException();
        LogAppendResult appended = log.Append(batches);
        // The first batch of a segment: the state does not know it yet, and covers all that lies before.
        if (appended.Position == 0 && appended.FirstOffset > 0) WriteSnapshot(appended.FirstOffset);
        RecordBatchView batch = new(batches);
        if (batch.HasProducerId) _states.Apply(batch, nowMs);
        end = appended.LastOffset + 1;
        if (_environment.Context.Durability != Durability.Fsync) AdvanceInside(end);
        return new PartitionAppendResult(appended.FirstOffset, appendTimeMs, log.LogStartOffset);
    }

    private ValueTask<PartitionAppendResult> Visible(Log log, PartitionAppendResult result, long end, CancellationToken cancellationToken)
    {
        if (end > HighWatermark) return VisibleWhenDurable(log, result, end, cancellationToken);
        NotifyWatchers();
        return new ValueTask<PartitionAppendResult>(result);
    }

    private ValueTask<PartitionAppendResult> VisibleLater(Log log, PartitionAppendResult result, long end)
    {
        if (end > HighWatermark) FollowFlushes(log);
        else NotifyWatchers();
        return new ValueTask<PartitionAppendResult>(result);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<PartitionAppendResult> VisibleWhenDurable(
        Log log, PartitionAppendResult result, long end, CancellationToken cancellationToken)
    {
        try
        {
            await log.WaitDurableAsync(end, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            FollowFlushes(log);
            throw;
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            throw Translate(error);
        }
        Advance(log.DurableOffset);
        return result;
    }

    // Nobody waits for these records, but readers shall see them once they are durable.
    private void FollowFlushes(Log log)
    {
        lock (_gate)
        {
            if (_isFollowingFlushes) return;
            _isFollowingFlushes = true;
        }
        _ = FollowFlushesAsync(log);
    }

    private async Task FollowFlushesAsync(Log log)
    {
        try
        {
            while (true)
            {
                await log.WaitDurableAsync(log.NextOffset).ConfigureAwait(false);
                Advance(log.DurableOffset);
                lock (_gate)
                {
                    _isFollowingFlushes = HighWatermark < log.NextOffset;
                    if (!_isFollowingFlushes) return;
                }
            }
        }
        catch (Exception error) when (IsStorageFailure(error))
        {
            // The store is broken or closed: whoever waits is told so by the log itself, and no reader may see more.
            lock (_gate) _isFollowingFlushes = false;
        }
    }

    private void Advance(long end)
    {
        lock (_gate) AdvanceInside(end);
        NotifyWatchers();
    }

    private void AdvanceInside(long end)
    {
        if (end > _highWatermark) Volatile.Write(ref _highWatermark, end);
        Volatile.Write(ref _lastStableOffset, _states.LastStableOffset(_highWatermark));
    }

    private void NotifyWatchers()
    {
        foreach (FetchSignal watcher in _watchers) watcher.Set();
    }
}
