namespace MessagingModels;

/// <summary>Deals the partitions of the subscribed topics out to the members of a group. Called by the member that leads a rebalance.</summary>
public interface IGroupAssignor
{
    /// <summary>The name that consumers put in <see cref="ConsumerOptions.AssignmentStrategies"/>.</summary>
    string Name { get; }

    /// <summary>Deals the partitions out. Each partition goes to one member that subscribes to its topic; a member may get none.</summary>
    /// <param name="partitionCounts">The number of partitions of each subscribed topic that exists.</param>
    /// <param name="members">The members, ordered by member id.</param>
    /// <returns>The partitions of each member, by member id.</returns>
    IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts, IReadOnlyList<GroupMemberSubscription> members);
}

/// <summary>What a member of a group asks for.</summary>
/// <param name="MemberId">The id the coordinator gave it.</param>
/// <param name="GroupInstanceId">Its static name, or null.</param>
/// <param name="Topics">The topics it subscribes to.</param>
/// <param name="OwnedPartitions">What it was assigned last; empty for a new member.</param>
public sealed record GroupMemberSubscription(
    string MemberId, string? GroupInstanceId, IReadOnlyCollection<string> Topics, IReadOnlyCollection<TopicPartition> OwnedPartitions);
