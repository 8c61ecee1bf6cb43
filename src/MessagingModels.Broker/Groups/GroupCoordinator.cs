namespace MessagingModels.Broker.Groups;

/// <summary>
/// Coordinates all groups of the broker, in the Kafka protocol's terms. Thread-safe: serial per group, parallel across groups. Every
/// answer that promises something waits until the promise is durable.
/// </summary>
internal sealed class GroupCoordinator : IAsyncDisposable
{
    /// <summary>Answers when the group's rebalance completes, or at once with an error.</summary>
    public ValueTask<JoinGroupResponse> JoinAsync(JoinGroupRequest request, CancellationToken cancellationToken)
        => throw new NotSupportedException(request.GroupId);

    /// <summary>Answers when the leader has sent the assignment.</summary>
    public ValueTask<SyncGroupResponse> SyncAsync(SyncGroupRequest request, CancellationToken cancellationToken)
        => throw new NotSupportedException(request.GroupId);

    public LogErrorCode Heartbeat(string groupId, GroupCaller caller) => throw new NotSupportedException(groupId);

    public ValueTask<IReadOnlyList<LeftMember>> LeaveAsync(
        string groupId, IReadOnlyList<LeavingMember> members, CancellationToken cancellationToken)
        => throw new NotSupportedException(groupId);

    /// <summary>Commits offsets; answers one code for each, in order.</summary>
    public ValueTask<IReadOnlyList<LogErrorCode>> CommitOffsetsAsync(
        string groupId, GroupCaller caller, IReadOnlyList<OffsetCommit> offsets, CancellationToken cancellationToken)
        => throw new NotSupportedException(groupId);

    /// <summary>Makes offsets part of a producer's open transaction (TxnOffsetCommit); answers one code for each, in order.</summary>
    public ValueTask<IReadOnlyList<LogErrorCode>> CommitTransactionOffsetsAsync(
        string groupId, long producerId, short producerEpoch, GroupCaller caller, IReadOnlyList<OffsetCommit> offsets,
        CancellationToken cancellationToken)
        => throw new NotSupportedException(groupId);

    /// <summary>Ends a producer's transaction in the offsets log: what it committed in any group takes effect or is dropped.</summary>
    public ValueTask CompleteTransactionAsync(
        long producerId, short producerEpoch, int coordinatorEpoch, bool commit, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>Committed offsets; all of the group's where no partitions are named. An unknown group has none, which is no error.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitions">The partitions, or null for all that have an offset.</param>
    /// <param name="requireStable">True to answer <see cref="LogErrorCode.UnstableOffsetCommit"/> where a transaction is open (KIP-447).</param>
    public IReadOnlyList<FetchedOffset> FetchOffsets(
        string groupId, IReadOnlyCollection<TopicPartition>? partitions, bool requireStable)
        => throw new NotSupportedException(groupId);

    /// <summary>All groups, in ordinal order of their ids.</summary>
    public IReadOnlyList<GroupListing> List() => throw new NotSupportedException();

    /// <summary>A group with its members and offsets, or null where it does not exist.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="highWatermark">The end of a partition; null where it no longer exists.</param>
    public GroupDescription? Describe(string groupId, Func<TopicPartition, Offset?> highWatermark)
        => throw new NotSupportedException(groupId);

    /// <summary>Sets offsets of a group without members; it is created where it does not exist.</summary>
    public ValueTask<LogErrorCode> ResetOffsetsAsync(
        string groupId, IReadOnlyCollection<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
        => throw new NotSupportedException(groupId);

    /// <summary>Deletes a group without members (DeleteGroups).</summary>
    public ValueTask<LogErrorCode> DeleteAsync(string groupId, CancellationToken cancellationToken)
        => throw new NotSupportedException(groupId);

    /// <summary>Deletes offsets of partitions that no member subscribes to (OffsetDelete); answers one code for each, in order.</summary>
    public ValueTask<IReadOnlyList<LogErrorCode>> DeleteOffsetsAsync(
        string groupId, IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        => throw new NotSupportedException(groupId);

    /// <summary>Drops every group's offsets in a topic that was deleted.</summary>
    public ValueTask ForgetTopicAsync(string topic, CancellationToken cancellationToken) => throw new NotSupportedException(topic);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
