namespace MessagingModels.Broker.Groups.Assignors;

/// <summary>All partitions of all topics dealt out in turn, each to the next member that subscribes to its topic.</summary>
internal sealed class RoundRobinAssignor : IGroupAssignor
{
    public string Name => AssignmentStrategy.RoundRobin;

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyList<GroupMemberSubscription> members)
    {
        Dictionary<string, List<TopicPartition>> assignment = SubscribedMembers.Empty(members);
        List<GroupMemberSubscription> ordered = SubscribedMembers.Ordered(members);
        int turn = 0;
        foreach (TopicPartition partition in SubscribedMembers.Partitions(partitionCounts))
        {
            for (int tries = 0; tries < ordered.Count; tries++)
            {
                GroupMemberSubscription member = ordered[turn++ % ordered.Count];
                if (member.Topics.Contains(partition.Topic))
                {
                    assignment[member.MemberId].Add(partition);
                    break;
                }
            }
        }

        return SubscribedMembers.Sorted(assignment);
    }
}
