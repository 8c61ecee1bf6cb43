using MessagingModels.Kafka.Administration;

namespace MessagingModels.Kafka.Consuming;

/// <summary>What consumers ask the cluster beside reading; shared by all consumers of a broker.</summary>
internal sealed class ConsumerLookups(TopicAdmin topics, GroupAdmin groups, OffsetLookup offsets)
{
    private static readonly TimeSpan UnstableOffsetRetry = TimeSpan.FromMilliseconds(20);

    public TopicAdmin Topics => topics;

    public OffsetLookup Offsets => offsets;

    /// <summary>The group's committed offset; null where none is committed.</summary>
    public async Task<TopicPartitionOffset?> CommittedAsync(string groupId, TopicPartition partition, CancellationToken cancellationToken)
    {
        List<Client.TopicPartitionOffsetError> committed =
            await groups.CommittedAsync(groupId, [partition], requireStable: false, cancellationToken).ConfigureAwait(false);
        return committed.Count > 0 && committed[0].Offset.Value >= 0
            ? new TopicPartitionOffset(partition.Topic, partition.Partition, new Offset(committed[0].Offset.Value))
            : null;
    }

    /// <summary>
    /// Where a consumer starts in each partition: the group's committed offset, or where the reset policy says;
    /// <see cref="ConsumedPartition.NoPosition"/> where it says nowhere. An offset that an open transaction holds is waited for (KIP-447).
    /// </summary>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> StartPositionsAsync(
        ConsumerOptions options, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Dictionary<TopicPartition, long> starts = [];
        if (options.GroupId is { } groupId && partitions.Count > 0)
        {
            foreach (Client.TopicPartitionOffsetError committed in await StableOffsetsAsync(groupId, partitions, cancellationToken).ConfigureAwait(false))
            {
                if (committed.Offset.Value >= 0)
                    starts[new TopicPartition(committed.Topic, committed.Partition)] = committed.Offset.Value;
            }
        }

        TopicPartition[] rest = [.. partitions.Where(p => !starts.ContainsKey(p))];
        if (options.OffsetReset == OffsetReset.Fail)
        {
            foreach (TopicPartition partition in rest)
                starts[partition] = ConsumedPartition.NoPosition;
            return starts;
        }

        ClientAdmin.OffsetSpec which = options.OffsetReset == OffsetReset.Earliest ? ClientAdmin.OffsetSpec.Earliest() : ClientAdmin.OffsetSpec.Latest();
        foreach ((TopicPartition partition, long offset) in await offsets.ListAsync(rest, which, options.IsolationLevel, cancellationToken).ConfigureAwait(false))
            starts[partition] = offset;
        return starts;
    }

    /// <summary>Whether a rebalance of the group waits for members other than this one.</summary>
    public async Task<bool> WaitsForOthersAsync(string groupId, string memberId, CancellationToken cancellationToken)
        => await groups.FindAsync(groupId, cancellationToken).ConfigureAwait(false) is { State: Client.ConsumerGroupState.PreparingRebalance } group
            && group.Members.Exists(m => m.ConsumerId != memberId);

    private async Task<List<Client.TopicPartitionOffsetError>> StableOffsetsAsync(
        string groupId, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await groups.CommittedAsync(groupId, partitions, requireStable: true, cancellationToken).ConfigureAwait(false);
            }
            catch (LogException open) when (open.ErrorCode is LogErrorCode.UnstableOffsetCommit)
            {
                await Task.Delay(UnstableOffsetRetry, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
