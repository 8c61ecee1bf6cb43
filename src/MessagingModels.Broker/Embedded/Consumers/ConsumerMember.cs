using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Groups.Assignors;
using MessagingModels.Broker.Partitions;

namespace MessagingModels.Broker.Embedded.Consumers;

/// <summary>What a member learned from a rebalance.</summary>
/// <param name="Error">Why it failed for good, or none.</param>
/// <param name="Assignment">The member's partitions.</param>
internal sealed record RebalanceResult(LogErrorCode Error, IReadOnlyList<TopicPartition> Assignment);

/// <summary>
/// A consumer's side of the group protocol: joins, computes the assignment where it leads, syncs, leaves. Joins run beside the consumer's
/// reads; everything else is called by the consumer's one caller.
/// </summary>
internal sealed class ConsumerMember
{
    private const string ProtocolType = "consumer";

    private readonly ConsumerOptions _options;
    private readonly GroupCoordinator _groups;
    private readonly TopicRegistry _topics;
    private readonly IGroupAssignor[] _assignors;
    private readonly string _groupId;
    private readonly Lock _gate = new();
    private GroupCaller _current;
    private bool _wasTakenOut;

    public ConsumerMember(ConsumerOptions options, GroupCoordinator groups, TopicRegistry topics, AssignorRegistry assignors)
    {
        _options = options;
        _groups = groups;
        _topics = topics;
        _groupId = options.GroupId!;
        _assignors = [.. options.AssignmentStrategies.Select(assignors.Get)];
        _current = new GroupCaller("", options.GroupInstanceId, -1);

        // As in Kafka: partitions are kept over a rebalance only where every strategy that may be chosen allows it.
        IsCooperative = Array.TrueForAll(_assignors, AssignorRegistry.IsCooperative);
    }

    public bool IsCooperative { get; }

    /// <summary>Who the member is at present; outside of a generation its number is -1.</summary>
    public GroupCaller Caller
    {
        get
        {
            lock (_gate)
                return _current;
        }

        private set
        {
            lock (_gate)
            {
                _current = value;
                _wasTakenOut = false;
            }
        }
    }

    public bool IsLeader { get; private set; }

    /// <summary>Takes part in a rebalance, from joining to the assignment; starts over where the group moves on meanwhile.</summary>
    public async Task<RebalanceResult> JoinAsync(
        IReadOnlyCollection<string> subscription, IReadOnlyCollection<TopicPartition> owned, CancellationToken cancellationToken)
    {
        while (true)
        {
            JoinGroupResponse joined = await _groups.JoinAsync(Request(subscription, owned), cancellationToken).ConfigureAwait(false);
            if (joined.Error == LogErrorCode.None)
            {
                Caller = new GroupCaller(joined.MemberId, _options.GroupInstanceId, joined.Generation);
                IsLeader = joined.LeaderId == joined.MemberId;
                SyncGroupResponse synced = await SyncAsync(joined, cancellationToken).ConfigureAwait(false);
                if (synced.Error == LogErrorCode.None && ConsumerProtocol.TryReadAssignment(synced.Assignment.Span, out IReadOnlyList<TopicPartition> assignment))
                    return new RebalanceResult(LogErrorCode.None, assignment);
                if (!MayRetry(synced.Error))
                    return new RebalanceResult(synced.Error, []);
            }
            else if (joined.Error == LogErrorCode.MemberIdRequired)
            {
                Caller = Caller with { MemberId = joined.MemberId };
            }
            else if (!MayRetry(joined.Error))
            {
                return new RebalanceResult(joined.Error, []);
            }
        }
    }

    /// <summary>Keeps the member in its group. Without a generation there is nothing to keep; a member that was taken out hears that it is unknown.</summary>
    public LogErrorCode Heartbeat()
    {
        GroupCaller caller;
        lock (_gate)
        {
            if (_wasTakenOut)
                return LogErrorCode.UnknownMemberId;
            caller = _current;
        }

        return caller.Generation < 0 ? LogErrorCode.None : _groups.Heartbeat(_groupId, caller);
    }

    /// <summary>Forgets the generation, and with an unknown id the id as well.</summary>
    public void Reset(LogErrorCode reason)
        => Caller = new GroupCaller(reason == LogErrorCode.UnknownMemberId ? "" : Caller.MemberId, _options.GroupInstanceId, -1);

    /// <summary>Leaves; a static member only goes silent, so that it finds its partitions again (KIP-345).</summary>
    public async ValueTask LeaveAsync()
    {
        GroupCaller caller = Caller;
        if (caller.MemberId.Length == 0 || _options.GroupInstanceId is not null)
            return;
        Caller = new GroupCaller("", _options.GroupInstanceId, -1);
        await LeaveAsync(caller).ConfigureAwait(false);
    }

    /// <summary>
    /// Leaves for a reader that does not read, also with a static name. May be called beside anything else: a member that is in another generation
    /// by now is left alone.
    /// </summary>
    public ValueTask TakeOutAsync(GroupCaller silent)
    {
        lock (_gate)
        {
            if (_current != silent)
                return ValueTask.CompletedTask;
            _current = new GroupCaller("", _options.GroupInstanceId, -1);
            _wasTakenOut = true;
        }

        return LeaveAsync(silent);
    }

    private async ValueTask LeaveAsync(GroupCaller caller)
        => await _groups.LeaveAsync(_groupId, [new LeavingMember(caller.MemberId, caller.GroupInstanceId)], CancellationToken.None).ConfigureAwait(false);

    private JoinGroupRequest Request(IReadOnlyCollection<string> subscription, IReadOnlyCollection<TopicPartition> owned) => new()
    {
        GroupId = _groupId,
        MemberId = Caller.MemberId,
        GroupInstanceId = _options.GroupInstanceId,
        ClientId = _options.ClientId,
        ClientHost = GroupCoordinator.InProcessHost,
        SessionTimeout = _options.SessionTimeout,
        RebalanceTimeout = _options.MaxPollInterval,
        ProtocolType = ProtocolType,
        Protocols = [.. _assignors.Select(a => new GroupProtocol(a.Name, ConsumerProtocol.WriteSubscription(
            new ConsumerSubscription(subscription, IsSticky(a) ? owned : [], Caller.Generation), a is StickyAssignor)))],
    };

    private static bool IsSticky(IGroupAssignor assignor) => assignor is not (RangeAssignor or RoundRobinAssignor);

    private ValueTask<SyncGroupResponse> SyncAsync(JoinGroupResponse joined, CancellationToken cancellationToken)
        => _groups.SyncAsync(
            new SyncGroupRequest
            {
                GroupId = _groupId,
                Generation = joined.Generation,
                MemberId = joined.MemberId,
                GroupInstanceId = _options.GroupInstanceId,
                ProtocolType = joined.ProtocolType,
                ProtocolName = joined.ProtocolName,
                Assignments = IsLeader && !joined.SkipsAssignment ? Assign(joined) : [],
            },
            cancellationToken);

    private MemberAssignment[] Assign(JoinGroupResponse joined)
    {
        IGroupAssignor assignor = Array.Find(_assignors, a => a.Name == joined.ProtocolName)!;
        List<GroupMemberSubscription> members = [];
        foreach (JoinedMember member in joined.Members.OrderBy(m => m.MemberId, StringComparer.Ordinal))
        {
            if (ConsumerProtocol.TryReadSubscription(member.Metadata.Span, out ConsumerSubscription? subscription))
                members.Add(new GroupMemberSubscription(member.MemberId, member.GroupInstanceId, subscription.Topics, subscription.OwnedPartitions));
        }

        Dictionary<string, int> counts = members.SelectMany(m => m.Topics).Distinct(StringComparer.Ordinal)
            .Select(_topics.Find).OfType<Topic>().ToDictionary(t => t.Name, t => t.Partitions.Count, StringComparer.Ordinal);
        return [.. assignor.Assign(counts, members).Select(a => new MemberAssignment(a.Key, ConsumerProtocol.WriteAssignment(a.Value)))];
    }

    private bool MayRetry(LogErrorCode error)
    {
        switch (error)
        {
            case LogErrorCode.RebalanceInProgress or LogErrorCode.CoordinatorLoadInProgress:
                return true;
            case LogErrorCode.UnknownMemberId or LogErrorCode.IllegalGeneration:
                Reset(error);
                return true;
            default:
                return false;
        }
    }
}
