namespace MessagingModels;

/// <summary>A consumer's membership in its group at one moment.</summary>
/// <param name="GroupId">The group; empty for a consumer without one.</param>
/// <param name="MemberId">The id the coordinator gave; empty outside a generation.</param>
/// <param name="Generation">The generation of the group; -1 outside one.</param>
/// <param name="GroupInstanceId">The static name, or null.</param>
public sealed record GroupMembership(string GroupId, string MemberId, int Generation, string? GroupInstanceId);

/// <summary>The state of a group, in Kafka's words.</summary>
public enum GroupStatus
{
    /// <summary>No members; offsets may be kept.</summary>
    Empty,
    /// <summary>Waiting for members to join.</summary>
    PreparingRebalance,
    /// <summary>Waiting for the leader's assignment.</summary>
    CompletingRebalance,
    /// <summary>Every member has its assignment.</summary>
    Stable,
    /// <summary>Being removed, or unknown.</summary>
    Dead,
}

/// <summary>A group in a listing.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="Status">Its state.</param>
public sealed record GroupListing(string GroupId, GroupStatus Status);

/// <summary>A group with its members and offsets.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="Status">Its state.</param>
/// <param name="AssignmentStrategy">The strategy in use; empty without members.</param>
/// <param name="Generation">How often it has rebalanced.</param>
/// <param name="Members">Its members.</param>
/// <param name="Offsets">Its committed offsets, with lag.</param>
public sealed record GroupDescription(
    string GroupId, GroupStatus Status, string AssignmentStrategy, int Generation,
    IReadOnlyList<GroupMemberDescription> Members, IReadOnlyList<GroupOffset> Offsets);

/// <summary>A member of a group.</summary>
/// <param name="MemberId">The id the coordinator gave it.</param>
/// <param name="GroupInstanceId">Its static name, or null.</param>
/// <param name="ClientId">The client's own name.</param>
/// <param name="Assignment">Its partitions.</param>
public sealed record GroupMemberDescription(
    string MemberId, string? GroupInstanceId, string ClientId, IReadOnlyList<TopicPartition> Assignment);

/// <summary>A committed offset of a group.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Committed">The next offset to read.</param>
/// <param name="HighWatermark">The end of the partition.</param>
/// <param name="Metadata">The text committed with it.</param>
public sealed record GroupOffset(TopicPartition Partition, Offset Committed, Offset HighWatermark, string Metadata)
{
    /// <summary>How many offsets the group is behind.</summary>
    public long Lag => Math.Max(0, HighWatermark.Value - Committed.Value);
}

/// <summary>Where a group's offsets are set to.</summary>
public readonly record struct OffsetTarget
{
    private OffsetTarget(OffsetTargetKind kind, Offset offset, DateTimeOffset timestamp)
    {
        Kind = kind;
        Offset = offset;
        Timestamp = timestamp;
    }

    /// <summary>Which of the following it is.</summary>
    public OffsetTargetKind Kind { get; }

    /// <summary>The offset of <see cref="At"/>.</summary>
    public Offset Offset { get; }

    /// <summary>The time of <see cref="From"/>.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>The first record kept.</summary>
    public static OffsetTarget Beginning => new(OffsetTargetKind.Beginning, default, default);

    /// <summary>The end of the partition.</summary>
    public static OffsetTarget End => new(OffsetTargetKind.End, default, default);

    /// <summary>An offset, brought into the readable range where it is outside.</summary>
    /// <param name="offset">The next offset to read.</param>
    /// <returns>The target.</returns>
    public static OffsetTarget At(Offset offset) => new(OffsetTargetKind.Offset, offset, default);

    /// <summary>The first record that is not older.</summary>
    /// <param name="timestamp">The time.</param>
    /// <returns>The target.</returns>
    public static OffsetTarget From(DateTimeOffset timestamp) => new(OffsetTargetKind.Timestamp, default, timestamp);
}

/// <summary>The kinds of <see cref="OffsetTarget"/>.</summary>
public enum OffsetTargetKind
{
    /// <summary>The first record kept.</summary>
    Beginning,
    /// <summary>The end of the partition.</summary>
    End,
    /// <summary>A given offset.</summary>
    Offset,
    /// <summary>The first record that is not older than a time.</summary>
    Timestamp,
}
