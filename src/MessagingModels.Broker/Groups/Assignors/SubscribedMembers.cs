namespace MessagingModels.Broker.Groups.Assignors;

/// <summary>What the built-in assignors share: the order of members and partitions that makes an assignment the same wherever it is computed.</summary>
internal static class SubscribedMembers
{
    /// <summary>Static members by their instance id, before the others by their member id: a restarted static member keeps its place (KIP-345).</summary>
    public static List<GroupMemberSubscription> Ordered(IEnumerable<GroupMemberSubscription> members) =>
        [.. members.OrderBy(m => m.GroupInstanceId is null).ThenBy(m => m.GroupInstanceId ?? m.MemberId, StringComparer.Ordinal)];

    /// <summary>All partitions, by topic and number.</summary>
    public static IEnumerable<TopicPartition> Partitions(IReadOnlyDictionary<string, int> partitionCounts) =>
        partitionCounts.OrderBy(topic => topic.Key, StringComparer.Ordinal)
            .SelectMany(topic => Enumerable.Range(0, topic.Value).Select(number => new TopicPartition(topic.Key, number)));

    public static Dictionary<string, List<TopicPartition>> Empty(IEnumerable<GroupMemberSubscription> members) =>
        members.ToDictionary(m => m.MemberId, _ => new List<TopicPartition>(), StringComparer.Ordinal);

    public static IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Sorted(Dictionary<string, List<TopicPartition>> assignment) =>
        assignment.ToDictionary(
            member => member.Key,
            IReadOnlyList<TopicPartition> (member) => [.. member.Value.OrderBy(p => p.Topic, StringComparer.Ordinal).ThenBy(p => p.Partition)],
            StringComparer.Ordinal);
}
