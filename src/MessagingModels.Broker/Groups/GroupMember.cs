namespace MessagingModels.Broker.Groups;

/// <summary>A member as <see cref="GroupState"/> keeps it. Changed by that state only.</summary>
internal sealed class GroupMember
{
    public required string MemberId { get; set; }

    public string? GroupInstanceId { get; init; }

    public string ClientId { get; set; } = "";

    public string ClientHost { get; set; } = "";

    public TimeSpan SessionTimeout { get; set; }

    public TimeSpan RebalanceTimeout { get; set; }

    public IReadOnlyList<GroupProtocol> Protocols { get; set; } = [];

    public ReadOnlyMemory<byte> Assignment { get; set; }

    /// <summary>True until the member has got its first answer: it cannot send heartbeats before.</summary>
    public bool IsNew { get; set; }

    /// <summary>When the member counts as dead, on the coordinator's monotonic clock.</summary>
    public TimeSpan Deadline { get; set; }

    /// <summary>The join request that waits for an answer, or null.</summary>
    public long? JoinRequest { get; set; }

    /// <summary>The sync request that waits for an answer, or null.</summary>
    public long? SyncRequest { get; set; }

    public bool IsStatic => GroupInstanceId is not null;

    public ReadOnlyMemory<byte> MetadataOf(string? protocol)
    {
        foreach (GroupProtocol offered in Protocols)
        {
            if (offered.Name == protocol)
                return offered.Metadata;
        }

        return default;
    }

    public bool Offers(string protocol)
    {
        foreach (GroupProtocol offered in Protocols)
        {
            if (offered.Name == protocol)
                return true;
        }

        return false;
    }

    /// <summary>True where a rejoin asks for just what the member already has.</summary>
    public bool Matches(IReadOnlyList<GroupProtocol> protocols)
    {
        if (protocols.Count != Protocols.Count)
            return false;
        for (int i = 0; i < protocols.Count; i++)
        {
            if (protocols[i].Name != Protocols[i].Name || !protocols[i].Metadata.Span.SequenceEqual(Protocols[i].Metadata.Span))
                return false;
        }

        return true;
    }
}
