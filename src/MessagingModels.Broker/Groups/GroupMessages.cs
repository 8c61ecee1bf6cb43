namespace MessagingModels.Broker.Groups;

/// <summary>A strategy a member offers, with what it says to the leader in it (Kafka: <c>JoinGroupRequestProtocol</c>).</summary>
internal readonly record struct GroupProtocol(string Name, ReadOnlyMemory<byte> Metadata);

/// <summary>Kafka's JoinGroup request.</summary>
internal sealed record JoinGroupRequest
{
    public required string GroupId { get; init; }

    /// <summary>The id from an earlier answer; empty at first.</summary>
    public string MemberId { get; init; } = "";

    public string? GroupInstanceId { get; init; }

    public string ClientId { get; init; } = "";

    public string ClientHost { get; init; } = "";

    public required TimeSpan SessionTimeout { get; init; }

    /// <summary>How long the group waits for this member to rejoin.</summary>
    public required TimeSpan RebalanceTimeout { get; init; }

    public required string ProtocolType { get; init; }

    /// <summary>In order of preference.</summary>
    public required IReadOnlyList<GroupProtocol> Protocols { get; init; }

    /// <summary>True where a first join is answered with <see cref="LogErrorCode.MemberIdRequired"/> (KIP-394; JoinGroup v4 and later).</summary>
    public bool RequiresKnownMemberId { get; init; }

    /// <summary>True where the client understands <see cref="JoinGroupResponse.SkipsAssignment"/> (JoinGroup v9 and later).</summary>
    public bool SupportsSkippingAssignment { get; init; }
}

/// <summary>A member as its leader sees it.</summary>
internal readonly record struct JoinedMember(string MemberId, string? GroupInstanceId, ReadOnlyMemory<byte> Metadata);

/// <summary>Kafka's JoinGroup response.</summary>
internal sealed record JoinGroupResponse
{
    public LogErrorCode Error { get; init; }

    public int Generation { get; init; } = -1;

    public string? ProtocolType { get; init; }

    public string? ProtocolName { get; init; }

    public string LeaderId { get; init; } = "";

    public string MemberId { get; init; } = "";

    /// <summary>All members for the leader, none for the others.</summary>
    public IReadOnlyList<JoinedMember> Members { get; init; } = [];

    /// <summary>True for a static leader that came back to an unchanged group: the assignment stands (KIP-814).</summary>
    public bool SkipsAssignment { get; init; }

    public static JoinGroupResponse Failed(LogErrorCode error, string memberId = "") => new() { Error = error, MemberId = memberId };
}

/// <summary>A member's share in the protocol's own bytes (<see cref="ConsumerProtocol"/> for consumers).</summary>
internal readonly record struct MemberAssignment(string MemberId, ReadOnlyMemory<byte> Assignment);

/// <summary>Kafka's SyncGroup request.</summary>
internal sealed record SyncGroupRequest
{
    public required string GroupId { get; init; }

    public required int Generation { get; init; }

    public required string MemberId { get; init; }

    public string? GroupInstanceId { get; init; }

    /// <summary>Null where the client does not say (before v5).</summary>
    public string? ProtocolType { get; init; }

    /// <summary>Null where the client does not say (before v5).</summary>
    public string? ProtocolName { get; init; }

    /// <summary>Every member's share from the leader, none from the others.</summary>
    public IReadOnlyList<MemberAssignment> Assignments { get; init; } = [];
}

/// <summary>Kafka's SyncGroup response.</summary>
internal sealed record SyncGroupResponse(LogErrorCode Error, string? ProtocolType, string? ProtocolName, ReadOnlyMemory<byte> Assignment)
{
    public static SyncGroupResponse Failed(LogErrorCode error) => new(error, null, null, default);
}

/// <summary>A member to be removed: by its id, or by its static name with an empty id.</summary>
internal readonly record struct LeavingMember(string MemberId, string? GroupInstanceId);

/// <summary>What became of a <see cref="LeavingMember"/>.</summary>
internal readonly record struct LeftMember(string MemberId, string? GroupInstanceId, LogErrorCode Error);

/// <summary>Who asks: a member of a generation, or nobody (empty id, generation -1: a simple consumer or an administrator).</summary>
internal readonly record struct GroupCaller(string MemberId, string? GroupInstanceId, int Generation)
{
    public static GroupCaller None => new("", null, -1);

    /// <summary>True where the caller claims no membership at all.</summary>
    public bool IsAnonymous => Generation < 0 && MemberId.Length == 0 && GroupInstanceId is null;
}

/// <summary>An offset to be committed.</summary>
internal readonly record struct OffsetCommit(TopicPartition Partition, Offset Offset, string Metadata, int LeaderEpoch = -1)
{
    public StoredOffset ToStored(long nowMs) => new(Offset.Value, LeaderEpoch, Metadata, nowMs);
}

/// <summary>A group's answer to a question for one offset; -1 where nothing is committed.</summary>
internal readonly record struct FetchedOffset(TopicPartition Partition, Offset Offset, string Metadata, int LeaderEpoch, LogErrorCode Error)
{
    public bool IsCommitted => Error == LogErrorCode.None && Offset.Value >= 0;
}
