namespace MessagingModels.Broker.Groups.Assignors;

/// <summary>
/// The sticky assignment in two steps (KIP-429): a partition that goes from one member to another is first given to nobody, so that its
/// owner can let go of it; the rebalance that follows gives it to its new owner. Everything else is read without a break.
/// </summary>
internal sealed class CooperativeStickyAssignor : IGroupAssignor
{
    public string Name => AssignmentStrategy.CooperativeSticky;

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyList<GroupMemberSubscription> members)
    {
        Dictionary<string, List<TopicPartition>> assignment = StickyAssignor.Balance(partitionCounts, members);
        foreach (GroupMemberSubscription owner in members)
        {
            foreach (TopicPartition partition in owner.OwnedPartitions)
            {
                foreach ((string memberId, List<TopicPartition> partitions) in assignment)
                {
                    if (memberId != owner.MemberId)
                        partitions.Remove(partition);
                }
            }
        }

        return SubscribedMembers.Sorted(assignment);
    }
}
