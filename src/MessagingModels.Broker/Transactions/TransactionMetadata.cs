using System.Collections.Immutable;

namespace MessagingModels.Broker.Transactions;

/// <summary>The state of a transactional id. The values are those of Kafka's transaction log.</summary>
internal enum TransactionStatus : sbyte
{
    /// <summary>No transaction yet in this epoch.</summary>
    Empty = 0,
    /// <summary>A transaction is open.</summary>
    Ongoing = 1,
    /// <summary>Committing is decided; markers are being written.</summary>
    PrepareCommit = 2,
    /// <summary>Aborting is decided; markers are being written.</summary>
    PrepareAbort = 3,
    /// <summary>The last transaction was committed.</summary>
    CompleteCommit = 4,
    /// <summary>The last transaction was aborted.</summary>
    CompleteAbort = 5,
}

/// <summary>What is known, and stored, of a transactional id. Immutable: a change makes another one, which counts once it is stored.</summary>
internal sealed record TransactionMetadata
{
    public required string TransactionalId { get; init; }

    public required ProducerIdentity Producer { get; init; }

    /// <summary>The epoch before a bump that its producer asked for, so that the repeated request is recognised; -1 for none. Not stored.</summary>
    public short LastEpoch { get; init; } = -1;

    public required TimeSpan Timeout { get; init; }

    public TransactionStatus Status { get; init; }

    public ImmutableHashSet<TopicPartition> Partitions { get; init; } = [];

    /// <summary>When the open transaction began: milliseconds since 1970; -1 without one.</summary>
    public long StartedAtMs { get; init; } = -1;

    public required long UpdatedAtMs { get; init; }

    public bool IsEnding => Status is TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort;

    /// <summary>When the coordinator aborts the transaction: milliseconds since 1970.</summary>
    public long DeadlineMs => Status == TransactionStatus.Ongoing ? StartedAtMs + (long)Timeout.TotalMilliseconds : long.MaxValue;
}
