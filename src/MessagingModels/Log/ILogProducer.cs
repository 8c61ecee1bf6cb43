namespace MessagingModels;

/// <summary>Writes records to partitions. Safe for concurrent use; records of one caller to one partition keep their order.</summary>
public interface ILogProducer : IAsyncDisposable
{
    /// <summary>The settings the producer was created with.</summary>
    ProducerOptions Options { get; }

    /// <summary>Writes a record; completes when it is acknowledged as <see cref="ProducerOptions.Acks"/> says.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the wait; a record that has entered its batch is written all the same.</param>
    /// <returns>Where the record was stored. Await it once.</returns>
    /// <exception cref="LogException">The record was refused, or this producer was fenced.</exception>
    ValueTask<RecordPosition> ProduceAsync(ProducerRecord record, CancellationToken cancellationToken = default);

    /// <summary>Hands a record over without waiting for its acknowledgement; waits only while the buffer is full.</summary>
    /// <param name="record">The record.</param>
    /// <param name="onDelivered">Told of the outcome, on a thread of the producer; it must not block or throw.</param>
    /// <param name="cancellationToken">Ends the wait for buffer space.</param>
    /// <returns>A task that completes when the record has entered its batch.</returns>
    /// <exception cref="LogException">The record was refused at once, or this producer was fenced.</exception>
    ValueTask EnqueueAsync(ProducerRecord record, Action<DeliveryReport>? onDelivered = null, CancellationToken cancellationToken = default);

    /// <summary>Sends what is batched and waits until everything handed over so far is acknowledged or has failed.</summary>
    /// <param name="cancellationToken">Ends the wait; nothing is taken back.</param>
    /// <returns>A task that completes when nothing is outstanding.</returns>
    /// <exception cref="LogException">A record handed over by <see cref="EnqueueAsync"/> without a callback has failed since the last flush.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes over the transactional id: an older producer with the same id is fenced and its open transaction aborted.
    /// <see cref="BeginTransactionAsync"/> calls it where it was not called.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the id is taken over.</returns>
    /// <exception cref="InvalidOperationException">The producer has no transactional id.</exception>
    ValueTask InitializeTransactionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Begins a transaction: what is produced until it ends becomes visible to read-committed readers together or never.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The transaction; disposing it without a commit aborts it.</returns>
    /// <exception cref="InvalidOperationException">The producer has no transactional id, or a transaction is open.</exception>
    /// <exception cref="LogException">This producer was fenced.</exception>
    ValueTask<ILogTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default);
}

/// <summary>An open transaction of a producer (KIP-98).</summary>
public interface ILogTransaction : IAsyncDisposable
{
    /// <summary>Commits the offsets of a consumer group together with what was produced.</summary>
    /// <param name="offsets">The next offset to read in each partition.</param>
    /// <param name="group">The consumer's membership: a member of an older generation is refused (KIP-447).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the offsets are part of the transaction.</returns>
    /// <exception cref="LogException">The member is no longer part of the group, or the producer was fenced.</exception>
    ValueTask SendOffsetsAsync(
        IReadOnlyCollection<TopicPartitionOffset> offsets, GroupMembership group, CancellationToken cancellationToken = default);

    /// <summary>Flushes what was produced and makes all of it visible.</summary>
    /// <param name="cancellationToken">Ends the wait; the outcome is then unknown until the next transaction begins.</param>
    /// <returns>A task that completes when the commit is decided and durable.</returns>
    /// <exception cref="LogException">A record of the transaction failed (abort it), or the producer was fenced.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes sure that nothing of the transaction becomes visible to read-committed readers.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the abort is decided and durable.</returns>
    ValueTask AbortAsync(CancellationToken cancellationToken = default);
}

/// <summary>What became of a record that was handed over.</summary>
/// <param name="Position">Where it was stored; default where it failed.</param>
/// <param name="Error">Why it failed, or null.</param>
public readonly record struct DeliveryReport(RecordPosition Position, LogException? Error);
