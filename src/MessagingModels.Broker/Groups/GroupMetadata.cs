namespace MessagingModels.Broker.Groups;

/// <summary>What is stored of a group's membership.</summary>
internal sealed record GroupMetadata
{
    /// <summary>Empty for a group that never had members.</summary>
    public required string ProtocolType { get; init; }

    public required int Generation { get; init; }

    public string? ProtocolName { get; init; }

    public string? LeaderId { get; init; }

    /// <summary>When the group came into the state that is stored: milliseconds since 1970; -1 where that is not known.</summary>
    public required long StateTimestampMs { get; init; }

    public required IReadOnlyList<GroupMember> Members { get; init; }
}
