using System.Text;
using MessagingModels.Broker.Groups;

namespace MessagingModels.Broker.Tests.Groups;

/// <summary>Drives a <see cref="GroupState"/> by hand, with a clock of its own, and keeps the answers.</summary>
internal sealed class GroupDriver(GroupCoordinatorOptions? options = null)
{
    private readonly Dictionary<long, JoinGroupResponse> _joins = [];
    private readonly Dictionary<long, SyncGroupResponse> _syncs = [];
    private long _requests;

    public GroupState State { get; } = new("group", options ?? new GroupCoordinatorOptions());

    public GroupEffects Effects { get; } = new();

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public static JoinGroupRequest Request(string clientId) => new()
    {
        GroupId = "group",
        ClientId = clientId,
        SessionTimeout = TimeSpan.FromSeconds(10),
        RebalanceTimeout = TimeSpan.FromSeconds(60),
        ProtocolType = "consumer",
        Protocols = [new GroupProtocol("range", default)],
    };

    public long Send(JoinGroupRequest request, string newMemberId)
    {
        long id = ++_requests;
        State.Join(request, id, newMemberId, Now, Effects);
        Collect();
        return id;
    }

    public long Join(string memberId) => Send(Request(memberId), memberId);

    public long Rejoin(string memberId) => Send(Request(memberId) with { MemberId = memberId }, "unused");

    public long Sync(string memberId, int generation, params (string Member, string Share)[] shares)
        => Sync(memberId, null, generation, shares);

    public long SyncStatic(string memberId, string instance, int generation, params (string Member, string Share)[] shares)
        => Sync(memberId, instance, generation, shares);

    public LogErrorCode Heartbeat(string memberId, int generation) => State.Heartbeat(new GroupCaller(memberId, null, generation), Now);

    public LogErrorCode Leave(string memberId)
    {
        LogErrorCode error = State.Leave(new LeavingMember(memberId, null), Now, Effects);
        Collect();
        return error;
    }

    public void Advance(TimeSpan by)
    {
        TimeSpan end = Now + by;
        while (State.NextDeadline <= end)
        {
            Now = State.NextDeadline > Now ? State.NextDeadline : Now;
            State.Tick(Now, Effects);
            Collect();
        }

        Now = end;
    }

    /// <summary>Joins the members and gives each "all".</summary>
    public void Stabilise(params string[] members)
    {
        foreach (string member in members) Join(member);
        foreach (string member in members)
        {
            if (State.Status == GroupStatus.PreparingRebalance && State.Find(member)!.JoinRequest is null) Rejoin(member);
        }

        foreach (string member in members.Reverse()) Sync(member, State.Generation, [.. members.Select(m => (m, "all"))]);
        Assert.Equal(GroupStatus.Stable, State.Status);
    }

    public void StabiliseStatic(string memberId, string instance)
    {
        Send(Request(memberId) with { GroupInstanceId = instance }, memberId);
        SyncStatic(memberId, instance, State.Generation, (memberId, "all"));
        Assert.Equal(GroupStatus.Stable, State.Status);
    }

    public bool HasAnswered(long request) => _joins.ContainsKey(request) || _syncs.ContainsKey(request);

    public JoinGroupResponse JoinAnswer(long request) => _joins[request];

    public SyncGroupResponse SyncAnswer(long request) => _syncs[request];

    public string SyncText(long request)
    {
        Assert.Equal(LogErrorCode.None, _syncs[request].Error);
        return Encoding.UTF8.GetString(_syncs[request].Assignment.Span);
    }

    private long Sync(string memberId, string? instance, int generation, (string Member, string Share)[] shares)
    {
        long id = ++_requests;
        SyncGroupRequest request = new()
        {
            GroupId = "group",
            Generation = generation,
            MemberId = memberId,
            GroupInstanceId = instance,
            Assignments = [.. shares.Select(s => new MemberAssignment(s.Member, Encoding.UTF8.GetBytes(s.Share)))],
        };
        State.Sync(request, id, Now, Effects);
        Collect();
        return id;
    }

    private void Collect()
    {
        foreach ((long request, JoinGroupResponse response) in Effects.Joins)
            Assert.True(_joins.TryAdd(request, response), "A join was answered twice.");
        foreach ((long request, SyncGroupResponse response) in Effects.Syncs)
            Assert.True(_syncs.TryAdd(request, response), "A sync was answered twice.");
        Effects.Clear();
    }
}
