using System.Text.RegularExpressions;

namespace MessagingModels;

/// <summary>
/// Reads records from partitions, as a member of a group or with partitions of its own choosing.
/// One caller at a time, apart from <see cref="PauseAsync"/> and <see cref="ResumeAsync"/>.
/// </summary>
public interface ILogConsumer : IAsyncDisposable
{
    /// <summary>The settings the consumer was created with.</summary>
    ConsumerOptions Options { get; }

    /// <summary>The partitions read at present.</summary>
    IReadOnlyCollection<TopicPartition> Assignment { get; }

    /// <summary>The membership to hand to <see cref="ILogTransaction.SendOffsetsAsync"/>; for a consumer outside a group its member id is empty.</summary>
    GroupMembership Membership { get; }

    /// <summary>Joins the group and reads its share of the topics.</summary>
    /// <param name="topics">Names; a topic that does not exist yet is read once it does.</param>
    /// <param name="listener">Told when partitions come and go, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the first assignment.</param>
    /// <returns>A task that completes when the first assignment has arrived (it may be empty), or shortly where other members have to read on first: theirs then comes with a later read.</returns>
    /// <exception cref="InvalidOperationException">The consumer has no group id, or has partitions by <see cref="AssignAsync"/>.</exception>
    /// <exception cref="LogException">The group refused the member.</exception>
    ValueTask SubscribeAsync(IReadOnlyCollection<string> topics, IRebalanceListener? listener = null, CancellationToken cancellationToken = default);

    /// <summary>Joins the group and reads its share of all topics whose name matches, those created later too.</summary>
    /// <param name="pattern">Matched against whole topic names.</param>
    /// <param name="listener">Told when partitions come and go, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the first assignment.</param>
    /// <returns>A task that completes when the first assignment has arrived (it may be empty), or shortly where other members have to read on first: theirs then comes with a later read.</returns>
    /// <exception cref="InvalidOperationException">The consumer has no group id, or has partitions by <see cref="AssignAsync"/>.</exception>
    /// <exception cref="LogException">The group refused the member.</exception>
    ValueTask SubscribeAsync(Regex pattern, IRebalanceListener? listener = null, CancellationToken cancellationToken = default);

    /// <summary>Reads just these partitions, without group management. A consumer with a group id starts from the group's committed offsets.</summary>
    /// <param name="partitions">The partitions; empty to read none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the positions are known.</returns>
    /// <exception cref="InvalidOperationException">The consumer is subscribed.</exception>
    /// <exception cref="LogException">A partition does not exist.</exception>
    ValueTask AssignAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default);

    /// <summary>Leaves the group and reads nothing more.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the member has left.</returns>
    ValueTask UnsubscribeAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads record after record, waiting for new ones, until cancelled.</summary>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The records; per partition in the order of their offsets.</returns>
    /// <exception cref="LogException">A position is out of range and <see cref="ConsumerOptions.OffsetReset"/> is <see cref="OffsetReset.Fail"/>, or the member was fenced.</exception>
    IAsyncEnumerable<LogRecord> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads what is there, or waits for the first record.</summary>
    /// <param name="timeout">How long to wait at most; zero to look only.</param>
    /// <param name="maxRecords">How many records at most; at least 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The records, none after the timeout. The list is valid until the next call; the records' bytes stay valid.</returns>
    /// <exception cref="LogException">As <see cref="ReadAsync"/>.</exception>
    ValueTask<IReadOnlyList<LogRecord>> PollAsync(TimeSpan timeout, int maxRecords = 500, CancellationToken cancellationToken = default);

    /// <summary>Reads on from an offset.</summary>
    /// <param name="partition">An assigned partition.</param>
    /// <param name="offset">The next offset to read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the position is set.</returns>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    ValueTask SeekAsync(TopicPartition partition, Offset offset, CancellationToken cancellationToken = default);

    /// <summary>Reads on from the first record kept.</summary>
    /// <param name="partitions">Assigned partitions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the positions are set.</returns>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    ValueTask SeekToBeginningAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default);

    /// <summary>Reads on from the end: the high watermark, or the last stable offset for <see cref="IsolationLevel.ReadCommitted"/>.</summary>
    /// <param name="partitions">Assigned partitions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the positions are set.</returns>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    ValueTask SeekToEndAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default);

    /// <summary>Reads on from the first record that is not older; from the end where there is none.</summary>
    /// <param name="partitions">Assigned partitions.</param>
    /// <param name="timestamp">The time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the positions are set.</returns>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    ValueTask SeekToTimestampAsync(
        IReadOnlyCollection<TopicPartition> partitions, DateTimeOffset timestamp, CancellationToken cancellationToken = default);

    /// <summary>Stops reading partitions without giving them up.</summary>
    /// <param name="partitions">Assigned partitions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when no more records of them are handed out.</returns>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    ValueTask PauseAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default);

    /// <summary>Reads paused partitions on from where they were.</summary>
    /// <param name="partitions">Assigned partitions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when they are read again.</returns>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    ValueTask ResumeAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default);

    /// <summary>Commits the position of every assigned partition: all records handed out count as done.</summary>
    /// <param name="cancellationToken">Ends the wait; the commit may still take effect.</param>
    /// <returns>A task that completes when the commit is durable.</returns>
    /// <exception cref="InvalidOperationException">The consumer has no group id.</exception>
    /// <exception cref="LogException">The partition was given to another member meanwhile.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken = default);

    /// <summary>Commits one record: it and all before it in its partition count as done.</summary>
    /// <param name="record">A record that was read.</param>
    /// <param name="cancellationToken">Ends the wait; the commit may still take effect.</param>
    /// <returns>A task that completes when the commit is durable.</returns>
    /// <exception cref="InvalidOperationException">The consumer has no group id.</exception>
    /// <exception cref="LogException">The partition was given to another member meanwhile.</exception>
    ValueTask CommitAsync(LogRecord record, CancellationToken cancellationToken = default);

    /// <summary>Commits offsets.</summary>
    /// <param name="offsets">The next offset to read in each partition.</param>
    /// <param name="cancellationToken">Ends the wait; the commit may still take effect.</param>
    /// <returns>A task that completes when the commit is durable.</returns>
    /// <exception cref="InvalidOperationException">The consumer has no group id.</exception>
    /// <exception cref="LogException">A partition was given to another member meanwhile.</exception>
    ValueTask CommitAsync(IReadOnlyCollection<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default);

    /// <summary>The group's committed offset.</summary>
    /// <param name="partition">Any partition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The next offset to read, or null where none is committed.</returns>
    /// <exception cref="InvalidOperationException">The consumer has no group id.</exception>
    ValueTask<TopicPartitionOffset?> CommittedAsync(TopicPartition partition, CancellationToken cancellationToken = default);

    /// <summary>The next offset that will be handed out.</summary>
    /// <param name="partition">An assigned partition.</param>
    /// <returns>The offset.</returns>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    Offset Position(TopicPartition partition);

    /// <summary>How many offsets lie between the position and the end of the partition (as the isolation level sees it).</summary>
    /// <param name="partition">An assigned partition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number.</returns>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    ValueTask<long> LagAsync(TopicPartition partition, CancellationToken cancellationToken = default);
}

/// <summary>Told when partitions come to a consumer and go from it. Called from within the consumer's reads, one call at a time.</summary>
public interface IRebalanceListener
{
    /// <summary>Partitions have come; positions may be sought here.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="partitions">Those that were not assigned before.</param>
    /// <param name="cancellationToken">Set when the read that called is cancelled.</param>
    /// <returns>A task; reading goes on when it completes.</returns>
    ValueTask OnAssignedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken);

    /// <summary>Partitions are about to go; offsets can still be committed.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="partitions">Those that go.</param>
    /// <param name="cancellationToken">Set when the read that called is cancelled.</param>
    /// <returns>A task; the partitions go when it completes.</returns>
    ValueTask OnRevokedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken);

    /// <summary>Partitions are gone already (the member was dropped): others may be reading them, commits will be refused.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="partitions">Those that went.</param>
    /// <param name="cancellationToken">Set when the read that called is cancelled.</param>
    /// <returns>A task; reading goes on when it completes.</returns>
    ValueTask OnLostAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken);
}
