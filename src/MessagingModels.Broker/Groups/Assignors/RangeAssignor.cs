namespace MessagingModels.Broker.Groups.Assignors;

/// <summary>Each topic by itself, in ranges of neighbouring partitions; the first members get one more where it does not come out even.</summary>
internal sealed class RangeAssignor : IGroupAssignor
{
    public string Name => AssignmentStrategy.Range;

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyList<GroupMemberSubscription> members)
    {
        Dictionary<string, List<TopicPartition>> assignment = SubscribedMembers.Empty(members);
        foreach ((string topic, int partitionCount) in partitionCounts)
        {
            List<GroupMemberSubscription> subscribed = SubscribedMembers.Ordered(members.Where(m => m.Topics.Contains(topic)));
            int next = 0;
            for (int i = 0; i < subscribed.Count; i++)
            {
                int share = (partitionCount / subscribed.Count) + (i < partitionCount % subscribed.Count ? 1 : 0);
                for (int end = next + share; next < end; next++)
                    assignment[subscribed[i].MemberId].Add(new TopicPartition(topic, next));
            }
        }

        return SubscribedMembers.Sorted(assignment);
    }
}
