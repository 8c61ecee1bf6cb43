using Confluent.Kafka;

namespace MessagingModels.Kafka.Administration;

/// <summary>Consumer groups and their committed offsets.</summary>
internal sealed class GroupAdmin(ClusterAdmin cluster, OffsetLookup offsets)
{
    private const int GenerationNotTold = -1;

    public async ValueTask<IReadOnlyList<GroupListing>> ListAsync(CancellationToken cancellationToken)
    {
        ClientAdmin.ListConsumerGroupsResult answer = await cluster.AskAboutGroupsAsync(
            () => cluster.AdminClient.ListConsumerGroupsAsync(new ClientAdmin.ListConsumerGroupsOptions { RequestTimeout = cluster.RequestTimeout }),
            "The list of groups", cancellationToken).ConfigureAwait(false);
        return [.. answer.Valid.Select(g => new GroupListing(g.GroupId, ToStatus(g.State))).OrderBy(g => g.GroupId, StringComparer.Ordinal)];
    }

    public async ValueTask<GroupDescription> DescribeAsync(string groupId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        ClientAdmin.ConsumerGroupDescription group = await FindAsync(groupId, cancellationToken).ConfigureAwait(false)
            ?? throw new LogException(LogErrorCode.GroupIdNotFound, $"There is no group '{groupId}'.");
        List<TopicPartitionOffsetError> committed = await CommittedAsync(groupId, null, requireStable: false, cancellationToken).ConfigureAwait(false);
        committed.RemoveAll(c => c.Offset.Value < 0);
        IReadOnlyDictionary<TopicPartition, long> ends = await EndsAsync(
            [.. committed.Select(c => new TopicPartition(c.Topic, c.Partition))], cancellationToken).ConfigureAwait(false);
        return new GroupDescription(
            groupId, ToStatus(group.State), group.PartitionAssignor ?? "", GenerationNotTold,
            [.. group.Members.OrderBy(m => m.ConsumerId, StringComparer.Ordinal).Select(ToMember)],
            [.. committed.Select(c => ToGroupOffset(c, ends)).OrderBy(o => o.Partition.Topic, StringComparer.Ordinal).ThenBy(o => o.Partition.Partition)]);
    }

    /// <summary>The group as the coordinator knows it; null where there is none.</summary>
    public async Task<ClientAdmin.ConsumerGroupDescription?> FindAsync(string groupId, CancellationToken cancellationToken)
    {
        try
        {
            ClientAdmin.DescribeConsumerGroupsResult answer = await cluster.AskCoordinatorAsync(
                groupId,
                client => client.DescribeConsumerGroupsAsync(
                    [groupId], new ClientAdmin.DescribeConsumerGroupsOptions { RequestTimeout = GroupClient.LibraryTimeout }),
                cancellationToken).ConfigureAwait(false);

            // Brokers before Kafka 4 describe a group that they do not know as dead.
            ClientAdmin.ConsumerGroupDescription group = answer.ConsumerGroupDescriptions[0];
            return group.State == ConsumerGroupState.Dead ? null : group;
        }
        catch (LogException unknown) when (unknown.ErrorCode is LogErrorCode.GroupIdNotFound)
        {
            return null;
        }
    }

    public async ValueTask<IReadOnlyList<TopicPartitionOffset>> ResetOffsetsAsync(
        string groupId, IReadOnlyCollection<TopicPartition> partitions, OffsetTarget target, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        ArgumentNullException.ThrowIfNull(partitions);
        TopicPartition[] all = [.. partitions.Distinct()];
        if (all.Length == 0)
            return [];
        IReadOnlyDictionary<TopicPartition, long> positions = await ResolveAsync(all, target, cancellationToken).ConfigureAwait(false);
        if (await FindAsync(groupId, cancellationToken).ConfigureAwait(false) is { Members.Count: > 0 })
            throw HasMembers(groupId, null);
        try
        {
            await cluster.AskCoordinatorAsync(
                groupId,
                client => client.AlterConsumerGroupOffsetsAsync(
                    [new ConsumerGroupTopicPartitionOffsets(
                        groupId, [.. all.Select(p => new Client.TopicPartitionOffset(p.Topic, p.Partition, positions[p]))])],
                    new ClientAdmin.AlterConsumerGroupOffsetsOptions { RequestTimeout = GroupClient.LibraryTimeout }),
                cancellationToken).ConfigureAwait(false);
        }
        catch (LogException refused) when (refused.ErrorCode is LogErrorCode.UnknownMemberId or LogErrorCode.IllegalGeneration)
        {
            // So the coordinator answers a commit from outside while there are members.
            throw HasMembers(groupId, refused);
        }

        return [.. all.Select(p => new TopicPartitionOffset(p.Topic, p.Partition, new(positions[p])))];
    }

    public async ValueTask DeleteAsync(string groupId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        await cluster.AskCoordinatorAsync(
            groupId,
            async client =>
            {
                await client.DeleteGroupsAsync(
                    [groupId], new ClientAdmin.DeleteGroupsOptions { RequestTimeout = GroupClient.LibraryTimeout }).ConfigureAwait(false);
                return groupId;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Committed offsets; negative where nothing is committed.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitions">The partitions, or null for all that have a commit.</param>
    /// <param name="requireStable">True to fail with <see cref="LogErrorCode.UnstableOffsetCommit"/> while a transaction holds an offset (KIP-447).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<List<TopicPartitionOffsetError>> CommittedAsync(
        string groupId, IReadOnlyCollection<TopicPartition>? partitions, bool requireStable, CancellationToken cancellationToken)
    {
        List<Client.TopicPartition>? asked = partitions is null ? null : [.. partitions.Select(p => new Client.TopicPartition(p.Topic, p.Partition))];
        List<ClientAdmin.ListConsumerGroupOffsetsResult> results = await cluster.AskCoordinatorAsync(
            groupId,
            client => client.ListConsumerGroupOffsetsAsync(
                [new ConsumerGroupTopicPartitions(groupId, asked)],
                new ClientAdmin.ListConsumerGroupOffsetsOptions { RequestTimeout = GroupClient.LibraryTimeout, RequireStableOffsets = requireStable }),
            cancellationToken).ConfigureAwait(false);
        return results[0].Partitions;
    }

    private async Task<IReadOnlyDictionary<TopicPartition, long>> ResolveAsync(
        TopicPartition[] partitions, OffsetTarget target, CancellationToken cancellationToken)
    {
        const IsolationLevel Isolation = IsolationLevel.ReadUncommitted;
        switch (target.Kind)
        {
            case OffsetTargetKind.Beginning:
                return await offsets.ListAsync(partitions, ClientAdmin.OffsetSpec.Earliest(), Isolation, cancellationToken).ConfigureAwait(false);
            case OffsetTargetKind.End:
                return await offsets.ListAsync(partitions, ClientAdmin.OffsetSpec.Latest(), Isolation, cancellationToken).ConfigureAwait(false);
            case OffsetTargetKind.Timestamp:
                return await offsets.FindOrEndAsync(partitions, target.Timestamp, Isolation, cancellationToken).ConfigureAwait(false);
            default:
                IReadOnlyDictionary<TopicPartition, long> starts =
                    await offsets.ListAsync(partitions, ClientAdmin.OffsetSpec.Earliest(), Isolation, cancellationToken).ConfigureAwait(false);
                IReadOnlyDictionary<TopicPartition, long> ends =
                    await offsets.ListAsync(partitions, ClientAdmin.OffsetSpec.Latest(), Isolation, cancellationToken).ConfigureAwait(false);
                return partitions.ToDictionary(p => p, p => Math.Clamp(target.Offset.Value, starts[p], ends[p]));
        }
    }

    /// <summary>The ends of the partitions that still exist: offsets outlive a deleted topic for a moment.</summary>
    private async Task<IReadOnlyDictionary<TopicPartition, long>> EndsAsync(
        TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        Dictionary<TopicPartition, long> ends = [];
        foreach (IGrouping<string, TopicPartition> topic in partitions.GroupBy(p => p.Topic, StringComparer.Ordinal))
        {
            try
            {
                foreach ((TopicPartition partition, long end) in await offsets.ListAsync(
                    [.. topic], ClientAdmin.OffsetSpec.Latest(), IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false))
                {
                    ends[partition] = end;
                }
            }
            catch (LogException gone) when (gone.ErrorCode is LogErrorCode.UnknownTopicOrPartition)
            {
                continue;
            }
        }

        return ends;
    }

    private static GroupOffset ToGroupOffset(TopicPartitionOffsetError committed, IReadOnlyDictionary<TopicPartition, long> ends)
    {
        TopicPartition partition = new(committed.Topic, committed.Partition);
        long offset = committed.Offset.Value;
        return new GroupOffset(partition, new(offset), new(ends.GetValueOrDefault(partition, offset)), "");
    }

    private static GroupMemberDescription ToMember(ClientAdmin.MemberDescription member) => new(
        member.ConsumerId, string.IsNullOrEmpty(member.GroupInstanceId) ? null : member.GroupInstanceId, member.ClientId,
        [.. (member.Assignment?.TopicPartitions ?? []).Select(p => new TopicPartition(p.Topic, p.Partition))]);

    private static GroupStatus ToStatus(ConsumerGroupState state) => state switch
    {
        ConsumerGroupState.Empty => GroupStatus.Empty,
        ConsumerGroupState.PreparingRebalance => GroupStatus.PreparingRebalance,
        ConsumerGroupState.CompletingRebalance => GroupStatus.CompletingRebalance,
        ConsumerGroupState.Stable => GroupStatus.Stable,
        _ => GroupStatus.Dead,
    };

    private static LogException HasMembers(string groupId, LogException? inner)
        => new(LogErrorCode.NonEmptyGroup, $"Group '{groupId}' has members; close them before its offsets are set.", inner);
}
