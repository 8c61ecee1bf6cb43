namespace MessagingModels.Broker.Transactions;

/// <summary>What a command decided: an error, or what the state becomes once it is stored (null where nothing changes).</summary>
internal readonly record struct TransactionDecision(LogErrorCode Error, TransactionMetadata? Next)
{
    public static TransactionDecision Unchanged => default;

    public static TransactionDecision Refuse(LogErrorCode error) => new(error, null);

    public static TransactionDecision Become(TransactionMetadata next) => new(LogErrorCode.None, next);
}

/// <summary>
/// The rules by which a transactional id goes from state to state (KIP-98, KIP-360): pure functions of the state, a command and the time.
/// <code>
/// Empty -> Ongoing -> PrepareCommit -> CompleteCommit -> Ongoing | Empty
///                  -> PrepareAbort  -> CompleteAbort  -> Ongoing | Empty
/// </code>
/// </summary>
internal static class TransactionState
{
    /// <summary>The last epoch a producer id may have; the next one takes a new id. One is left for the abort of a timed-out transaction.</summary>
    public const short MaxEpoch = short.MaxValue - 1;

    /// <summary>A producer takes the transactional id over. An open transaction must have been ended before, with <see cref="Fence"/>.</summary>
    /// <param name="state">The state; null for an id that is not known yet.</param>
    /// <param name="transactionalId">The id.</param>
    /// <param name="timeout">How long its transactions may stay open.</param>
    /// <param name="current">What the producer believes to be, or null where it is new.</param>
    /// <param name="newProducerId">A producer id nobody has had, asked for where one is needed.</param>
    /// <param name="nowMs">Milliseconds since 1970.</param>
    public static TransactionDecision Initialize(
        TransactionMetadata? state, string transactionalId, TimeSpan timeout, ProducerIdentity? current, Func<long> newProducerId, long nowMs)
    {
        if (state is null)
        {
            return TransactionDecision.Become(new TransactionMetadata
            {
                TransactionalId = transactionalId,
                Producer = new ProducerIdentity(newProducerId(), 0),
                Timeout = timeout,
                UpdatedAtMs = nowMs,
            });
        }

        if (state.IsEnding)
            return TransactionDecision.Refuse(LogErrorCode.ConcurrentTransactions);
        if (current is { } claimed && claimed != state.Producer)
        {
            // The answer to the bump from this epoch was lost: it is given again.
            return claimed.ProducerId == state.Producer.ProducerId && claimed.Epoch == state.LastEpoch && state.Status == TransactionStatus.Empty
                ? TransactionDecision.Unchanged
                : TransactionDecision.Refuse(LogErrorCode.ProducerFenced);
        }

        if (state.Status == TransactionStatus.Ongoing)
            return TransactionDecision.Refuse(LogErrorCode.ConcurrentTransactions);
        bool isExhausted = state.Producer.Epoch >= MaxEpoch;
        return TransactionDecision.Become(state with
        {
            Producer = isExhausted ? new ProducerIdentity(newProducerId(), 0) : NextEpoch(state.Producer),
            // Only who named its epoch may ask again with it; a new producer fences whoever had the one before.
            LastEpoch = isExhausted || current is null ? (short)-1 : state.Producer.Epoch,
            Timeout = timeout,
            Status = TransactionStatus.Empty,
            Partitions = [],
            StartedAtMs = -1,
            UpdatedAtMs = nowMs,
        });
    }

    /// <summary>Makes partitions part of the open transaction, or opens one with them.</summary>
    public static TransactionDecision AddPartitions(
        TransactionMetadata? state, ProducerIdentity producer, IReadOnlyCollection<TopicPartition> partitions, long nowMs)
    {
        LogErrorCode error = Validate(state, producer);
        if (error != LogErrorCode.None)
            return TransactionDecision.Refuse(error);
        if (state!.IsEnding)
            return TransactionDecision.Refuse(LogErrorCode.ConcurrentTransactions);
        bool isOngoing = state.Status == TransactionStatus.Ongoing;
        if (isOngoing && partitions.All(state.Partitions.Contains))
            return TransactionDecision.Unchanged;
        return TransactionDecision.Become(state with
        {
            Status = TransactionStatus.Ongoing,
            Partitions = (isOngoing ? state.Partitions : []).Union(partitions),
            StartedAtMs = isOngoing ? state.StartedAtMs : nowMs,
            UpdatedAtMs = nowMs,
        });
    }

    /// <summary>Decides the open transaction. Asking again for the outcome there was is no error.</summary>
    public static TransactionDecision End(TransactionMetadata? state, ProducerIdentity producer, bool commit, long nowMs)
    {
        LogErrorCode error = Validate(state, producer);
        if (error != LogErrorCode.None)
            return TransactionDecision.Refuse(error);
        return (state!.Status, commit) switch
        {
            (TransactionStatus.Ongoing, _) => TransactionDecision.Become(state with
            {
                Status = commit ? TransactionStatus.PrepareCommit : TransactionStatus.PrepareAbort,
                UpdatedAtMs = nowMs,
            }),
            (TransactionStatus.CompleteCommit, true) or (TransactionStatus.CompleteAbort, false) => TransactionDecision.Unchanged,
            (TransactionStatus.PrepareCommit, true) or (TransactionStatus.PrepareAbort, false)
                => TransactionDecision.Refuse(LogErrorCode.ConcurrentTransactions),
            _ => TransactionDecision.Refuse(LogErrorCode.InvalidTransactionState),
        };
    }

    /// <summary>Aborts the open transaction against its producer, which is fenced by a higher epoch: it timed out, or a newer producer came.</summary>
    public static TransactionMetadata Fence(TransactionMetadata state, long nowMs) => state with
    {
        Producer = NextEpoch(state.Producer),
        LastEpoch = -1,
        Status = TransactionStatus.PrepareAbort,
        UpdatedAtMs = nowMs,
    };

    /// <summary>Every marker of a decided transaction is written.</summary>
    public static TransactionMetadata Complete(TransactionMetadata state, long nowMs) => state with
    {
        Status = state.Status == TransactionStatus.PrepareCommit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort,
        Partitions = [],
        StartedAtMs = -1,
        UpdatedAtMs = nowMs,
    };

    private static ProducerIdentity NextEpoch(ProducerIdentity producer) => producer with { Epoch = (short)(producer.Epoch + 1) };

    private static LogErrorCode Validate(TransactionMetadata? state, ProducerIdentity producer)
    {
        if (state is null || producer.ProducerId != state.Producer.ProducerId)
            return LogErrorCode.InvalidProducerIdMapping;
        return producer.Epoch == state.Producer.Epoch ? LogErrorCode.None : LogErrorCode.ProducerFenced;
    }
}
