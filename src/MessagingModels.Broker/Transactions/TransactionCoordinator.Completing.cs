using System.Diagnostics.CodeAnalysis;
using MessagingModels.Broker.Groups;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Transactions;

/// <summary>What follows a decision: markers, and what time brings.</summary>
internal sealed partial class TransactionCoordinator
{
    /// <summary>The one coordinator a single broker has never changes.</summary>
    private const int CoordinatorEpoch = 0;

    /// <summary>Forgets transactional ids that were not used for long (KIP-98). A timer calls it.</summary>
    public void RunMaintenance()
    {
        long before = NowMs - (long)_options.IdExpiration.TotalMilliseconds;
        foreach (TransactionEntry entry in _entries.Values)
        {
            if (_isClosed || !entry.Serial.Wait(TimeSpan.Zero))
                continue;
            try
            {
                if (entry.State is { } state && !state.IsEnding && state.Status != TransactionStatus.Ongoing && state.UpdatedAtMs <= before)
                {
                    _store.Remove(entry.TransactionalId);
                    _byProducer.TryRemove(state.Producer.ProducerId, out _);
                    _entries.TryRemove(entry.TransactionalId, out _);
                }
            }
            catch (Exception error) when (error.IsStorageFailure())
            {
                LogNotStored(LogLevel.Error, error, entry.TransactionalId);
                return;
            }
            finally
            {
                entry.Serial.Release();
            }
        }
    }

    /// <summary>
    /// Writes the markers of a decided transaction, then notes that it is complete. Where a partition cannot take its marker now, the rest
    /// is tried again later. Called with the entry's semaphore, which is released in the end.
    /// </summary>
    private async ValueTask CompleteAsync(TransactionEntry entry)
    {
        try
        {
            TransactionMetadata state = entry.State!;
            ProducerIdentity producer = state.Producer;
            bool commit = state.Status == TransactionStatus.PrepareCommit;
            List<Task<bool>>? waiting = null;
            bool isWritten = true;
            foreach (TopicPartition partition in state.Partitions)
            {
                ValueTask<bool> marker = WriteMarkerAsync(entry, partition, producer, commit);
                if (marker.IsCompletedSuccessfully)
                    isWritten &= marker.Result;
                else
                    (waiting ??= []).Add(marker.AsTask());
            }

            if (waiting is not null)
            {
                foreach (bool written in await Task.WhenAll(waiting).ConfigureAwait(false)) isWritten &= written;
            }

            if (isWritten)
                await StoreCompletedAsync(entry, state).ConfigureAwait(false);
            else
                TryAgainLater(entry);
        }
        catch (Exception error) when (error.IsStorageFailure())
        {
            // The decision stands; the next start, or the next attempt, completes it.
            LogLevel level = LevelOf(entry, LogLevel.Error);
            LogNotStored(level, error, entry.TransactionalId);
            TryAgainLater(entry);
        }
        finally
        {
            entry.Serial.Release();
        }
    }

    private async ValueTask StoreCompletedAsync(TransactionEntry entry, TransactionMetadata state)
    {
        await StoreAsync(entry, TransactionState.Complete(state, NowMs)).ConfigureAwait(false);
        if (entry.FailedAttempts > 0)
            LogCompletedAtLast(entry.TransactionalId, entry.FailedAttempts);
        entry.FailedAttempts = 0;
    }

    private void TryAgainLater(TransactionEntry entry)
    {
        // The limit is reached long before the shift would overflow.
        int doublings = Math.Min(entry.FailedAttempts++, 30);
        if (_isClosed)
            return;
        TimeSpan delay = _options.MarkerRetryDelay * (1 << doublings);
        SetTimer(entry, delay < _options.MarkerMaxRetryDelay ? delay : _options.MarkerMaxRetryDelay);
    }

    /// <summary>The first failure is worth telling, its repetitions are not.</summary>
    private static LogLevel LevelOf(TransactionEntry entry, LogLevel first) => entry.FailedAttempts == 0 ? first : LogLevel.Debug;

    private async ValueTask<bool> WriteMarkerAsync(TransactionEntry entry, TopicPartition partition, ProducerIdentity producer, bool commit)
    {
        try
        {
            await _writeMarker(partition, producer, CoordinatorEpoch, commit).ConfigureAwait(false);
            return true;
        }
        catch (LogException error) when (error.ErrorCode is LogErrorCode.UnknownTopicOrPartition or LogErrorCode.InvalidProducerEpoch)
        {
            // The topic was deleted, or a newer epoch has ended the transaction there: nothing is left to end.
            LogMarkerNotNeeded(error, entry.TransactionalId, partition);
            return true;
        }
        catch (Exception error) when (error is LogException || error.IsStorageFailure())
        {
            LogLevel level = LevelOf(entry, LogLevel.Warning);
            LogMarkerNotWritten(level, error, entry.TransactionalId, partition);
            return false;
        }
    }

    private void SetTimer(TransactionEntry entry, TimeSpan delay)
    {
        entry.Timer ??= _time.CreateTimer(
            static state => ((TransactionTimer)state!).Fire(), new TransactionTimer(this, entry), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        entry.Timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Nobody awaits what a timer starts; an error must not end the process.")]
    private async void OnTimer(TransactionEntry entry)
    {
        try
        {
            await entry.Serial.WaitAsync().ConfigureAwait(false);
            if (!_isClosed && entry.State is { IsEnding: true })
                await CompleteAsync(entry).ConfigureAwait(false);
            else
                await ChangeAsync(entry, AbortOverdue).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            LogTimerFailed(error, entry.TransactionalId);
        }
    }

    private TransactionDecision AbortOverdue(TransactionMetadata? state)
    {
        if (state is null || state.Status != TransactionStatus.Ongoing)
            return TransactionDecision.Unchanged;
        long nowMs = NowMs;
        if (state.DeadlineMs > nowMs)
        {
            SetTimer(_entries[state.TransactionalId], TimeSpan.FromMilliseconds(state.DeadlineMs - nowMs));
            return TransactionDecision.Unchanged;
        }

        LogTimedOut(state.TransactionalId, state.Timeout);
        return TransactionDecision.Become(TransactionState.Fence(state, nowMs));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The transaction of '{TransactionalId}' was open for longer than {Timeout}; it is aborted and its producer fenced.")]
    private partial void LogTimedOut(string transactionalId, TimeSpan timeout);

    [LoggerMessage(Message = "The transaction of '{TransactionalId}' could not be ended in {Partition} yet; it is tried again, ever less often, without a further warning.")]
    private partial void LogMarkerNotWritten(LogLevel level, Exception error, string transactionalId, TopicPartition partition);

    [LoggerMessage(Level = LogLevel.Information, Message = "The transaction of '{TransactionalId}' is ended, after {FailedAttempts} attempts that failed.")]
    private partial void LogCompletedAtLast(string transactionalId, int failedAttempts);

    [LoggerMessage(Level = LogLevel.Information, Message = "The transaction of '{TransactionalId}' needs no end in {Partition}.")]
    private partial void LogMarkerNotNeeded(Exception error, string transactionalId, TopicPartition partition);

    [LoggerMessage(Level = LogLevel.Error, Message = "The timer of transactional id '{TransactionalId}' failed.")]
    private partial void LogTimerFailed(Exception error, string transactionalId);

    private sealed record TransactionTimer(TransactionCoordinator Coordinator, TransactionEntry Entry)
    {
        public void Fire() => Coordinator.OnTimer(Entry);
    }
}
