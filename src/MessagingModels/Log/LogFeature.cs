namespace MessagingModels;

/// <summary>What a broker of the log model may offer or not; see <see cref="ILogBroker.Capabilities"/>.</summary>
public enum LogFeature
{
    /// <summary>Creating, deleting, listing and describing topics.</summary>
    Topics,
    /// <summary>Changing settings of a topic.</summary>
    TopicConfiguration,
    /// <summary>Adding partitions to a topic.</summary>
    AddingPartitions,
    /// <summary>Deleting the records before an offset.</summary>
    DeletingRecords,
    /// <summary>Finding the first record that is not older than a time.</summary>
    OffsetsByTimestamp,
    /// <summary>Batches that are numbered so that a retry is stored once (KIP-98).</summary>
    IdempotentProducers,
    /// <summary>Transactions over partitions and consumer offsets.</summary>
    Transactions,
    /// <summary>Readers that see committed transactions only.</summary>
    ReadCommitted,
    /// <summary>A partitioner of the caller's own.</summary>
    OwnPartitioners,
    /// <summary>Consumers that choose their partitions themselves.</summary>
    ManualAssignment,
    /// <summary>Groups that deal out partitions among their members.</summary>
    ConsumerGroups,
    /// <summary>Subscription to all topics whose name matches.</summary>
    PatternSubscription,
    /// <summary>The strategy <see cref="AssignmentStrategy.Sticky"/>.</summary>
    StickyAssignment,
    /// <summary>The strategy <see cref="AssignmentStrategy.CooperativeSticky"/> (KIP-429).</summary>
    CooperativeRebalancing,
    /// <summary>An assignor of the caller's own.</summary>
    OwnGroupAssignors,
    /// <summary>Members that keep their partitions over a restart (KIP-345).</summary>
    StaticMembership,
    /// <summary>Pausing and resuming partitions.</summary>
    Pausing,
    /// <summary>Text kept beside a committed offset.</summary>
    OffsetMetadata,
    /// <summary>Listing and describing groups.</summary>
    GroupDescriptions,
    /// <summary>Setting a group's offsets from outside.</summary>
    ResettingGroupOffsets,
    /// <summary>Deleting groups.</summary>
    DeletingGroups,
}
