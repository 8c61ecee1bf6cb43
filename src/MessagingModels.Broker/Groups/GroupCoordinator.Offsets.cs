using System.Text;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Groups;

/// <summary>Committed offsets, and their part in transactions.</summary>
internal sealed partial class GroupCoordinator
{
    private static readonly LogErrorCode[] s_oneOffsetStored = [LogErrorCode.None];

    private readonly Lock _transactionsGate = new();
    private readonly Dictionary<long, HashSet<GroupCell>> _transactions = [];

    /// <summary>
    /// Asked under a group's lock whether a producer's transaction is open and has taken offsets in; must not block. The transaction
    /// coordinator sets it; until then every transaction is open.
    /// </summary>
    public Func<long, short, LogErrorCode>? TransactionGate { get; set; }

    /// <summary>Commits offsets; answers one code for each, in order.</summary>
    public ValueTask<IReadOnlyList<LogErrorCode>> CommitOffsetsAsync(
        string groupId, GroupCaller caller, IReadOnlyList<OffsetCommit> offsets, CancellationToken cancellationToken)
    {
        if (!TryFindForCommit(groupId, caller, out GroupCell? cell, out LogErrorCode error))
            return new(Repeat(error, offsets.Count));
        LogErrorCode[] errors;
        long waitFor;
        lock (cell!.Gate)
        {
            error = cell.State.ValidateCommit(caller, isTransactional: false, Now);
            if (error != LogErrorCode.None)
                return new(Repeat(error, offsets.Count));
            errors = Validate(offsets);
            long nowMs = _store.NowMs;
            try
            {
                (long at, waitFor) = _store.StoreOffsets(groupId, offsets, errors, nowMs);
                for (int i = 0; i < offsets.Count; i++)
                {
                    if (errors[i] == LogErrorCode.None) cell.Offsets.Commit(offsets[i].Partition, offsets[i].ToStored(nowMs), at++);
                }
            }
            catch (Exception failure) when (failure.IsStorageFailure())
            {
                LogOffsetsNotStored(failure, groupId);
                return new(Repeat(LogErrorCode.KafkaStorageError, offsets.Count));
            }
        }

        return AnswerWhenDurableAsync(waitFor, errors, cancellationToken);
    }

    /// <summary>Makes offsets part of a producer's open transaction (TxnOffsetCommit); answers one code for each, in order.</summary>
    public ValueTask<IReadOnlyList<LogErrorCode>> CommitTransactionOffsetsAsync(
        string groupId, long producerId, short producerEpoch, GroupCaller caller, IReadOnlyList<OffsetCommit> offsets,
        CancellationToken cancellationToken)
    {
        if (!TryFindForCommit(groupId, caller, out GroupCell? cell, out LogErrorCode error))
            return new(Repeat(error, offsets.Count));
        // Noted before the gate is asked: whoever closes the gate and then looks here finds every commit that got through.
        lock (_transactionsGate)
        {
            if (!_transactions.TryGetValue(producerId, out HashSet<GroupCell>? groups))
                _transactions[producerId] = groups = [];
            groups.Add(cell!);
        }

        LogErrorCode[] errors;
        long waitFor;
        lock (cell!.Gate)
        {
            error = TransactionGate?.Invoke(producerId, producerEpoch) ?? LogErrorCode.None;
            if (error == LogErrorCode.None)
                error = cell.State.ValidateCommit(caller, isTransactional: true, Now);
            if (error != LogErrorCode.None)
                return new(Repeat(error, offsets.Count));
            errors = Validate(offsets);
            long nowMs = _store.NowMs;
            try
            {
                (long at, waitFor) = _store.StoreOffsets(groupId, offsets, errors, nowMs, producerId, producerEpoch);
                for (int i = 0; i < offsets.Count; i++)
                {
                    if (errors[i] == LogErrorCode.None)
                        cell.Offsets.CommitPending(producerId, offsets[i].Partition, offsets[i].ToStored(nowMs), at++);
                }
            }
            catch (Exception failure) when (failure.IsStorageFailure())
            {
                LogOffsetsNotStored(failure, groupId);
                return new(Repeat(LogErrorCode.KafkaStorageError, offsets.Count));
            }
        }

        return AnswerWhenDurableAsync(waitFor, errors, cancellationToken);
    }

    /// <summary>
    /// Ends a producer's transaction in the offsets log: what it committed in any group takes effect or is dropped. The transaction gate
    /// must be closed already. Ending it again has no effect.
    /// </summary>
    /// <exception cref="StorageException">The end could not be stored; try again.</exception>
    public async ValueTask CompleteTransactionAsync(
        long producerId, short producerEpoch, int coordinatorEpoch, bool commit, CancellationToken cancellationToken)
    {
        GroupCell[] groups;
        lock (_transactionsGate) groups = _transactions.TryGetValue(producerId, out HashSet<GroupCell>? noted) ? [.. noted] : [];
        // A commit that passed the gate before it closed may still hold its group's lock.
        foreach (GroupCell cell in groups)
        {
            cell.Gate.Enter();
            cell.Gate.Exit();
        }

        long waitFor = _store.EndTransaction(producerId, producerEpoch, coordinatorEpoch, commit);
        foreach (GroupCell cell in groups)
        {
            lock (cell.Gate) cell.Offsets.Complete(producerId, commit);
        }

        lock (_transactionsGate) _transactions.Remove(producerId);
        await _store.WaitDurableAsync(waitFor).ConfigureAwait(false);
        foreach (GroupCell cell in groups) cell.NotifyWatchers();
    }

    /// <summary>Committed offsets; all of the group's where no partitions are named. An unknown group has none, which is no error.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitions">The partitions, or null for all that have an offset.</param>
    /// <param name="requireStable">True to answer <see cref="LogErrorCode.UnstableOffsetCommit"/> where a transaction is open (KIP-447).</param>
    public IReadOnlyList<FetchedOffset> FetchOffsets(
        string groupId, IReadOnlyCollection<TopicPartition>? partitions, bool requireStable)
    {
        if (Failure is not null)
            return [.. (partitions ?? []).Select(partition => NothingCommitted(partition) with { Error = LogErrorCode.CoordinatorNotAvailable })];
        if (!_groups.TryGetValue(groupId, out GroupCell? cell))
            return [.. (partitions ?? []).Select(NothingCommitted)];
        lock (cell.Gate)
        {
            return [.. (partitions ?? cell.Offsets.Committed.Select(entry => entry.Key).ToArray()).Select(Fetch)];
        }

        FetchedOffset Fetch(TopicPartition partition)
        {
            if (requireStable && cell.Offsets.IsPending(partition))
                return NothingCommitted(partition) with { Error = LogErrorCode.UnstableOffsetCommit };
            return cell.Offsets.TryGet(partition, out StoredOffset stored)
                ? new(partition, new Offset(stored.Offset), stored.Metadata, stored.LeaderEpoch, LogErrorCode.None)
                : NothingCommitted(partition);
        }
    }

    private static FetchedOffset NothingCommitted(TopicPartition partition) => new(partition, new Offset(-1), "", -1, LogErrorCode.None);

    private bool TryFindForCommit(string groupId, GroupCaller caller, out GroupCell? cell, out LogErrorCode error)
    {
        cell = null;
        error = IsUnavailable ? LogErrorCode.CoordinatorNotAvailable : groupId.Length == 0 ? LogErrorCode.InvalidGroupId : LogErrorCode.None;
        if (error != LogErrorCode.None)
            return false;
        if (_groups.TryGetValue(groupId, out cell))
            return true;
        // Only somebody outside of the group protocol may begin a group with an offset.
        error = caller.Generation < 0 ? LogErrorCode.None : LogErrorCode.IllegalGeneration;
        if (error == LogErrorCode.None) cell = GetOrAdd(groupId);
        return error == LogErrorCode.None;
    }

    private LogErrorCode[] Validate(IReadOnlyList<OffsetCommit> offsets)
    {
        LogErrorCode[]? errors = null;
        for (int i = 0; i < offsets.Count; i++)
        {
            LogErrorCode error = Validate(offsets[i]);
            if (error == LogErrorCode.None)
                continue;
            errors ??= new LogErrorCode[offsets.Count];
            errors[i] = error;
        }

        return errors ?? (offsets.Count == 1 ? s_oneOffsetStored : new LogErrorCode[offsets.Count]);
    }

    private LogErrorCode Validate(in OffsetCommit commit)
    {
        if (commit.Metadata.Length > 0 && Encoding.UTF8.GetByteCount(commit.Metadata) > _options.MaxOffsetMetadataBytes)
            return LogErrorCode.OffsetMetadataTooLarge;
        return _partitionExists(commit.Partition) ? LogErrorCode.None : LogErrorCode.UnknownTopicOrPartition;
    }

    private ValueTask<IReadOnlyList<LogErrorCode>> AnswerWhenDurableAsync(
        long waitFor, LogErrorCode[] errors, CancellationToken cancellationToken)
    {
        ValueTask durable = _store.WaitDurableAsync(waitFor);
        return durable.IsCompletedSuccessfully ? new(errors) : WaitAsync(durable);

        async ValueTask<IReadOnlyList<LogErrorCode>> WaitAsync(ValueTask pending)
        {
            try
            {
                await (cancellationToken.CanBeCanceled ? new ValueTask(pending.AsTask().WaitAsync(cancellationToken)) : pending).ConfigureAwait(false);
                return errors;
            }
            catch (Exception failure) when (failure.IsStorageFailure())
            {
                return Repeat(LogErrorCode.KafkaStorageError, errors.Length);
            }
        }
    }

    private static LogErrorCode[] Repeat(LogErrorCode error, int count)
    {
        LogErrorCode[] errors = new LogErrorCode[count];
        Array.Fill(errors, error);
        return errors;
    }

    private void IndexPendingTransactions()
    {
        foreach (GroupCell cell in _groups.Values)
        {
            foreach (long producerId in cell.Offsets.PendingProducers)
            {
                if (!_transactions.TryGetValue(producerId, out HashSet<GroupCell>? groups))
                    _transactions[producerId] = groups = [];
                groups.Add(cell);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Offsets of group '{GroupId}' could not be stored; nothing was committed.")]
    private partial void LogOffsetsNotStored(Exception error, string groupId);
}
