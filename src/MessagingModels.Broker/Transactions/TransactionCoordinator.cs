namespace MessagingModels.Broker.Transactions;

/// <summary>Who produces: the id and its epoch; a higher epoch fences the lower ones.</summary>
internal readonly record struct ProducerIdentity(long ProducerId, short Epoch)
{
    public static ProducerIdentity None => new(-1, -1);
}

/// <summary>Kafka's InitProducerId response.</summary>
internal readonly record struct InitProducerIdResponse(LogErrorCode Error, ProducerIdentity Producer);

/// <summary>Writes the marker that ends a transaction in a partition; completes when it is durable.</summary>
internal delegate ValueTask TransactionMarkerWriter(TopicPartition partition, ProducerIdentity producer, int coordinatorEpoch, bool commit);

/// <summary>
/// Coordinates the transactions of all producers (KIP-98), in the Kafka protocol's terms. Thread-safe: serial per transactional id. An
/// answer waits until what it says is durable.
/// </summary>
internal sealed class TransactionCoordinator : IAsyncDisposable
{
    /// <summary>
    /// Gives a producer its id and epoch. With a transactional id an older producer is fenced, and its open transaction is aborted first.
    /// </summary>
    /// <param name="transactionalId">The name, or null for a producer that is only idempotent.</param>
    /// <param name="transactionTimeout">How long a transaction may stay open.</param>
    /// <param name="current">What the producer had, to recover from an error without losing its place (KIP-360); null at first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<InitProducerIdResponse> InitProducerIdAsync(
        string? transactionalId, TimeSpan transactionTimeout, ProducerIdentity? current, CancellationToken cancellationToken)
        => throw new NotSupportedException(transactionalId);

    /// <summary>Makes partitions part of the transaction; the first call opens it.</summary>
    public ValueTask<LogErrorCode> AddPartitionsAsync(
        string transactionalId, ProducerIdentity producer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
        => throw new NotSupportedException(transactionalId);

    /// <summary>Makes a group's offsets part of the transaction; the offsets follow by the group coordinator's CommitTransactionOffsetsAsync.</summary>
    public ValueTask<LogErrorCode> AddOffsetsAsync(
        string transactionalId, ProducerIdentity producer, string groupId, CancellationToken cancellationToken)
        => throw new NotSupportedException(transactionalId);

    /// <summary>Commits or aborts. Completes when the decision is durable and its markers are written.</summary>
    public ValueTask<LogErrorCode> EndAsync(
        string transactionalId, ProducerIdentity producer, bool commit, CancellationToken cancellationToken)
        => throw new NotSupportedException(transactionalId);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
