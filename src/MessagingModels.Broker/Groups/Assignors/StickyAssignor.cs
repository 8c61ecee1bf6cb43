namespace MessagingModels.Broker.Groups.Assignors;

/// <summary>
/// As balanced as the subscriptions allow, and within that as few moves as possible (KIP-54): members first keep what they own, what is
/// free goes to the member with the least, and then single partitions move as long as that narrows a gap of two or more.
/// </summary>
internal sealed class StickyAssignor : IGroupAssignor
{
    public string Name => AssignmentStrategy.Sticky;

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyList<GroupMemberSubscription> members) =>
        SubscribedMembers.Sorted(Balance(partitionCounts, members));

    internal static Dictionary<string, List<TopicPartition>> Balance(
        IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyList<GroupMemberSubscription> members)
    {
        Dictionary<string, List<TopicPartition>> assignment = SubscribedMembers.Empty(members);
        Dictionary<string, List<GroupMemberSubscription>> subscribers = partitionCounts.Keys.ToDictionary(
            topic => topic, topic => SubscribedMembers.Ordered(members.Where(m => m.Topics.Contains(topic))), StringComparer.Ordinal);
        HashSet<TopicPartition> kept = KeepOwned(partitionCounts, members, assignment);
        foreach (TopicPartition partition in SubscribedMembers.Partitions(partitionCounts).Where(p => !kept.Contains(p)))
        {
            if (subscribers[partition.Topic].MinBy(m => assignment[m.MemberId].Count) is { } least)
                assignment[least.MemberId].Add(partition);
        }

        while (MoveOne(members, subscribers, assignment))
        {
            // Each move lowers the sum of squares of the counts, so this ends.
        }

        return assignment;
    }

    /// <summary>Lets members keep what they own; what two of them claim is taken from both, for nobody can tell whose claim is older.</summary>
    private static HashSet<TopicPartition> KeepOwned(
        IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyList<GroupMemberSubscription> members,
        Dictionary<string, List<TopicPartition>> assignment)
    {
        HashSet<TopicPartition> claimed = [];
        HashSet<TopicPartition> disputed = [];
        foreach (TopicPartition partition in members.SelectMany(m => m.OwnedPartitions.Distinct()))
        {
            if (!claimed.Add(partition))
                disputed.Add(partition);
        }

        HashSet<TopicPartition> kept = [];
        foreach (GroupMemberSubscription member in members)
        {
            foreach (TopicPartition partition in member.OwnedPartitions.Distinct())
            {
                bool exists = partitionCounts.TryGetValue(partition.Topic, out int count) && (uint)partition.Partition < (uint)count;
                if (exists && member.Topics.Contains(partition.Topic) && !disputed.Contains(partition))
                {
                    assignment[member.MemberId].Add(partition);
                    kept.Add(partition);
                }
            }
        }

        return kept;
    }

    private static bool MoveOne(
        IReadOnlyList<GroupMemberSubscription> members, Dictionary<string, List<GroupMemberSubscription>> subscribers,
        Dictionary<string, List<TopicPartition>> assignment)
    {
        foreach (GroupMemberSubscription giver in members.OrderByDescending(m => assignment[m.MemberId].Count))
        {
            List<TopicPartition> given = assignment[giver.MemberId];
            for (int i = given.Count - 1; i >= 0; i--)
            {
                GroupMemberSubscription? taker = subscribers[given[i].Topic].MinBy(m => assignment[m.MemberId].Count);
                if (taker is null || assignment[taker.MemberId].Count + 1 >= given.Count)
                    continue;
                assignment[taker.MemberId].Add(given[i]);
                given.RemoveAt(i);
                return true;
            }
        }

        return false;
    }
}
