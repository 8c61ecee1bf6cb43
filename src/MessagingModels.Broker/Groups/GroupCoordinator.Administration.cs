using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Groups;

/// <summary>Listing, describing, resetting and deleting groups, and what runs from time to time.</summary>
internal sealed partial class GroupCoordinator
{
    /// <summary>All groups, in ordinal order of their ids.</summary>
    public IReadOnlyList<GroupListing> List()
    {
        List<GroupListing> listed = [];
        foreach (GroupCell cell in _groups.Values.OrderBy(cell => cell.GroupId, StringComparer.Ordinal))
        {
            lock (cell.Gate)
            {
                if (IsVisible(cell)) listed.Add(new GroupListing(cell.GroupId, cell.State.Status));
            }
        }

        return listed;
    }

    /// <summary>A group with its members and offsets, or null where it does not exist.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="highWatermark">The end of a partition; null where it no longer exists.</param>
    public GroupDescription? Describe(string groupId, Func<TopicPartition, Offset?> highWatermark)
    {
        if (!_groups.TryGetValue(groupId, out GroupCell? cell))
            return null;
        GroupState state = cell.State;
        lock (cell.Gate)
        {
            if (!IsVisible(cell))
                return null;
            return new GroupDescription(
                groupId, state.Status, state.ProtocolName ?? "", state.Generation,
                [.. state.Members.OrderBy(m => m.MemberId, StringComparer.Ordinal).Select(Describe)],
                [.. cell.Offsets.Committed
                    .OrderBy(entry => entry.Key.Topic, StringComparer.Ordinal).ThenBy(entry => entry.Key.Partition)
                    .Select(entry => new GroupOffset(
                        entry.Key, new Offset(entry.Value.Offset), highWatermark(entry.Key) ?? new Offset(-1), entry.Value.Metadata))]);
        }
    }

    /// <summary>Sets offsets of a group without members; it is created where it does not exist.</summary>
    public async ValueTask<LogErrorCode> ResetOffsetsAsync(
        string groupId, IReadOnlyCollection<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        if (_groups.TryGetValue(groupId, out GroupCell? cell))
        {
            lock (cell.Gate)
            {
                if (!cell.State.HasNoMembers)
                    return LogErrorCode.NonEmptyGroup;
            }
        }

        OffsetCommit[] commits = [.. offsets.Select(o => new OffsetCommit(o.TopicPartition, o.Offset, o.Metadata ?? ""))];
        IReadOnlyList<LogErrorCode> errors = await CommitOffsetsAsync(groupId, GroupCaller.None, commits, cancellationToken).ConfigureAwait(false);
        LogErrorCode error = errors.FirstOrDefault(code => code != LogErrorCode.None);
        // A member that came in between is as much in the way as one that was there before.
        return error == LogErrorCode.UnknownMemberId ? LogErrorCode.NonEmptyGroup : error;
    }

    /// <summary>Deletes a group without members (DeleteGroups).</summary>
    public ValueTask<LogErrorCode> DeleteAsync(string groupId, CancellationToken cancellationToken)
    {
        if (IsUnavailable)
            return new(LogErrorCode.CoordinatorNotAvailable);
        if (!_groups.TryGetValue(groupId, out GroupCell? cell))
            return new(LogErrorCode.GroupIdNotFound);
        long waitFor;
        lock (cell.Gate)
        {
            if (!IsVisible(cell))
                return new(LogErrorCode.GroupIdNotFound);
            if (!cell.State.HasNoMembers)
                return new(LogErrorCode.NonEmptyGroup);
            try
            {
                waitFor = Remove(cell);
            }
            catch (Exception error) when (error.IsStorageFailure())
            {
                LogNotStored(error, groupId);
                return new(LogErrorCode.KafkaStorageError);
            }
        }

        return WhenDurableAsync(waitFor, cancellationToken);
    }

    /// <summary>Deletes offsets of partitions that no member subscribes to (OffsetDelete); answers one code for each, in order.</summary>
    public async ValueTask<IReadOnlyList<LogErrorCode>> DeleteOffsetsAsync(
        string groupId, IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        if (IsUnavailable || !_groups.TryGetValue(groupId, out GroupCell? cell))
            return Repeat(IsUnavailable ? LogErrorCode.CoordinatorNotAvailable : LogErrorCode.GroupIdNotFound, partitions.Count);
        LogErrorCode[] errors = new LogErrorCode[partitions.Count];
        long waitFor;
        lock (cell.Gate)
        {
            List<TopicPartition> removed = [];
            for (int i = 0; i < errors.Length; i++)
            {
                if (cell.State.IsSubscribedTo(partitions[i].Topic))
                    errors[i] = LogErrorCode.GroupSubscribedToTopic;
                else if (!_partitionExists(partitions[i]) && !cell.Offsets.TryGet(partitions[i], out _))
                    errors[i] = LogErrorCode.UnknownTopicOrPartition;
                else
                    removed.Add(partitions[i]);
            }

            try
            {
                waitFor = RemoveOffsets(cell, removed);
            }
            catch (Exception error) when (error.IsStorageFailure())
            {
                LogNotStored(error, groupId);
                return Repeat(LogErrorCode.KafkaStorageError, partitions.Count);
            }
        }

        LogErrorCode stored = await WhenDurableAsync(waitFor, cancellationToken).ConfigureAwait(false);
        return stored == LogErrorCode.None ? errors : Repeat(stored, partitions.Count);
    }

    /// <summary>Drops every group's offsets in a topic that was deleted. Where that cannot be stored they come back, and expire.</summary>
    public async ValueTask ForgetTopicAsync(string topic, CancellationToken cancellationToken)
    {
        long waitFor = 0;
        foreach (GroupCell cell in _groups.Values)
        {
            try
            {
                lock (cell.Gate)
                {
                    waitFor = Math.Max(waitFor, RemoveOffsets(
                        cell, [.. cell.Offsets.Committed.Select(entry => entry.Key).Where(partition => partition.Topic == topic)]));
                }
            }
            catch (Exception error) when (error.IsStorageFailure())
            {
                LogNotStored(error, cell.GroupId);
            }
        }

        await WhenDurableAsync(waitFor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes expired offsets, and groups that have nothing left. A timer calls it.</summary>
    public void RunMaintenance()
    {
        if (_isClosed)
            return;
        foreach (GroupCell cell in _groups.Values)
        {
            try
            {
                Expire(cell);
            }
            catch (Exception error) when (error.IsStorageFailure())
            {
                LogNotStored(error, cell.GroupId);
                return;
            }
        }
    }

    private void Expire(GroupCell cell)
    {
        lock (cell.Gate)
        {
            if (cell.State.Status == GroupStatus.Dead)
                return;
            IReadOnlyList<TopicPartition> expired = cell.Offsets.Expired(cell.State, cell.EmptySinceMs, _options.OffsetsRetention, _store.NowMs);
            RemoveOffsets(cell, expired);
            if (expired.Count > 0) LogExpired(cell.GroupId, expired.Count);
            if (cell.IsWorthless) Remove(cell);
        }
    }

    private long RemoveOffsets(GroupCell cell, IReadOnlyList<TopicPartition> partitions)
    {
        if (partitions.Count == 0)
            return 0;
        long waitFor = _store.RemoveOffsets(cell.GroupId, partitions);
        foreach (TopicPartition partition in partitions) cell.Offsets.Remove(partition);
        return waitFor;
    }

    private long Remove(GroupCell cell)
    {
        long waitFor = _store.RemoveGroup(cell.GroupId, cell.Offsets.Committed.Select(entry => entry.Key));
        Forget(cell);
        return waitFor;
    }

    private async ValueTask<LogErrorCode> WhenDurableAsync(long waitFor, CancellationToken cancellationToken)
    {
        try
        {
            if (waitFor > 0) await _store.WaitDurableAsync(waitFor).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return LogErrorCode.None;
        }
        catch (Exception failure) when (failure.IsStorageFailure())
        {
            return LogErrorCode.KafkaStorageError;
        }
    }

    /// <summary>A group shows once somebody joined it or committed to it, not where it is only watched.</summary>
    private static bool IsVisible(GroupCell cell)
        => cell.State.Status != GroupStatus.Dead
            && (cell.State.Generation > 0 || cell.State.Status != GroupStatus.Empty || !cell.Offsets.IsEmpty);

    private static GroupMemberDescription Describe(GroupMember member)
    {
        ConsumerProtocol.TryReadAssignment(member.Assignment.Span, out IReadOnlyList<TopicPartition> assignment);
        return new GroupMemberDescription(member.MemberId, member.GroupInstanceId, member.ClientId, assignment);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} offsets of group '{GroupId}' have expired.")]
    private partial void LogExpired(string groupId, int count);
}
