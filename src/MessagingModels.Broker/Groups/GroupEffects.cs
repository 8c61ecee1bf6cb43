namespace MessagingModels.Broker.Groups;

/// <summary>What a command to <see cref="GroupState"/> leaves to be done. Reused from command to command.</summary>
internal sealed class GroupEffects
{
    public List<(long Request, JoinGroupResponse Response)> Joins { get; } = [];

    public List<(long Request, SyncGroupResponse Response)> Syncs { get; } = [];

    /// <summary>True where the group's metadata must be stored before the answers go out.</summary>
    public bool StoresMetadata { get; set; }

    /// <summary>True where members have to rejoin, which they otherwise learn with their next heartbeat.</summary>
    public bool StartsRebalance { get; set; }

    public bool HasAnswers => Joins.Count > 0 || Syncs.Count > 0;

    public void Answer(long request, JoinGroupResponse response) => Joins.Add((request, response));

    public void Answer(long request, SyncGroupResponse response) => Syncs.Add((request, response));

    public void Clear()
    {
        Joins.Clear();
        Syncs.Clear();
        StoresMetadata = false;
        StartsRebalance = false;
    }
}
