namespace MessagingModels.Broker.Groups;

/// <summary>
/// The members of one group and their rebalances: Kafka's classic group protocol (KIP-62, KIP-345, KIP-394, KIP-429, KIP-814). A pure state
/// machine: a command and the time go in, effects come out; no I/O, no clock, no thread. Not thread-safe; called by the coordinator under
/// the group's lock. Times are those of a monotonic clock. Committed offsets are kept beside it, in <see cref="GroupOffsets"/>.
/// </summary>
internal sealed partial class GroupState(string groupId, GroupCoordinatorOptions options)
{
    /// <summary>The protocol type of consumers, whose metadata the coordinator can read.</summary>
    public const string ConsumerProtocolType = "consumer";

    private readonly OrderedDictionary<string, GroupMember> _members = [];
    private readonly Dictionary<string, string> _staticMembers = [];
    private readonly Dictionary<string, TimeSpan> _pendingMembers = [];
    private readonly HashSet<string> _unsynced = [];

    private TimeSpan _rebalanceDeadline = TimeSpan.MaxValue;
    private TimeSpan _initialDelayEnd;
    private bool _isInitialDelay;
    private bool _membersAddedInDelay;
    private TimeSpan _syncDeadline = TimeSpan.MaxValue;
    private HashSet<string>? _subscribedTopics = [];

    public string GroupId { get; } = groupId;

    public GroupStatus Status { get; private set; } = GroupStatus.Empty;

    public int Generation { get; private set; }

    /// <summary>Null for a group that never had members.</summary>
    public string? ProtocolType { get; private set; }

    /// <summary>The strategy of the present generation, or null.</summary>
    public string? ProtocolName { get; private set; }

    public string? LeaderId { get; private set; }

    public IReadOnlyCollection<GroupMember> Members => _members.Values;

    /// <summary>True where a member reads the topic, or may: some member's subscription cannot be read.</summary>
    public bool IsSubscribedTo(string topic) => _members.Count > 0 && (_subscribedTopics?.Contains(topic) ?? true);

    /// <summary>True while a member that is waited for can still come: nothing else keeps the group from being removed.</summary>
    public bool HasNoMembers => _members.Count == 0 && _pendingMembers.Count == 0;

    public GroupMember? Find(string memberId) => _members.GetValueOrDefault(memberId);

    /// <summary>Restores a generation that was stored. Its members count as heard of now.</summary>
    public void Restore(GroupMetadata metadata, TimeSpan now)
    {
        Generation = metadata.Generation;
        ProtocolType = metadata.ProtocolType.Length == 0 ? null : metadata.ProtocolType;
        ProtocolName = metadata.ProtocolName;
        LeaderId = metadata.LeaderId;
        foreach (GroupMember member in metadata.Members)
        {
            member.Deadline = now + member.SessionTimeout;
            Insert(member);
        }

        if (_members.Count == 0)
        {
            ProtocolName = null;
            LeaderId = null;
            return;
        }

        Status = GroupStatus.Stable;
        ReadSubscriptions();
    }

    public LogErrorCode Heartbeat(GroupCaller caller, TimeSpan now)
    {
        LogErrorCode error = Validate(caller);
        if (error != LogErrorCode.None)
            return error;
        Touch(_members[caller.MemberId], now);
        return Status == GroupStatus.PreparingRebalance ? LogErrorCode.RebalanceInProgress : LogErrorCode.None;
    }

    /// <summary>May the caller commit offsets? A member of the present generation, or anybody while there are no members.</summary>
    public LogErrorCode ValidateCommit(GroupCaller caller, bool isTransactional, TimeSpan now)
    {
        if (Status == GroupStatus.Dead)
            return LogErrorCode.CoordinatorNotAvailable;
        if (caller.Generation < 0 && Status == GroupStatus.Empty)
            return LogErrorCode.None;
        if (caller.IsAnonymous)
            return isTransactional ? LogErrorCode.None : LogErrorCode.UnknownMemberId;
        LogErrorCode error = Validate(caller);
        if (error != LogErrorCode.None)
            return error;
        if (isTransactional)
            return LogErrorCode.None;
        Touch(_members[caller.MemberId], now);
        return Status == GroupStatus.CompletingRebalance ? LogErrorCode.RebalanceInProgress : LogErrorCode.None;
    }

    /// <summary>Removes a member at its own wish or an administrator's.</summary>
    public LogErrorCode Leave(LeavingMember leaving, TimeSpan now, GroupEffects effects)
    {
        if (Status == GroupStatus.Dead)
            return LogErrorCode.CoordinatorNotAvailable;
        string memberId = leaving.MemberId;
        if (leaving.GroupInstanceId is { } instance)
        {
            if (!_staticMembers.TryGetValue(instance, out string? current))
                return LogErrorCode.UnknownMemberId;
            if (memberId.Length > 0 && memberId != current)
                return LogErrorCode.FencedInstanceId;
            memberId = current;
        }
        else if (_pendingMembers.Remove(memberId))
        {
            if (Status == GroupStatus.PreparingRebalance)
                TryCompleteJoin(now, effects);
            return LogErrorCode.None;
        }

        if (!_members.TryGetValue(memberId, out GroupMember? member))
            return LogErrorCode.UnknownMemberId;
        Remove(member, LogErrorCode.UnknownMemberId, now, effects);
        return LogErrorCode.None;
    }

    /// <summary>Ends the group: every waiting request fails.</summary>
    public void Die(LogErrorCode error, GroupEffects effects)
    {
        foreach (GroupMember member in _members.Values) FailRequests(member, error, effects);
        _members.Clear();
        _staticMembers.Clear();
        _pendingMembers.Clear();
        _unsynced.Clear();
        Status = GroupStatus.Dead;
        _rebalanceDeadline = _syncDeadline = TimeSpan.MaxValue;
    }

    /// <summary>The group's metadata to be stored.</summary>
    public GroupMetadata ToMetadata(long stateTimestampMs) => new()
    {
        ProtocolType = ProtocolType ?? "",
        Generation = Generation,
        ProtocolName = ProtocolName,
        LeaderId = LeaderId,
        StateTimestampMs = stateTimestampMs,
        Members = [.. _members.Values],
    };

    /// <summary>Is the caller a member of the present generation?</summary>
    private LogErrorCode Validate(GroupCaller caller)
    {
        LogErrorCode error = ValidateMember(caller.MemberId, caller.GroupInstanceId);
        if (error != LogErrorCode.None)
            return error;
        return caller.Generation == Generation ? LogErrorCode.None : LogErrorCode.IllegalGeneration;
    }

    private LogErrorCode ValidateMember(string memberId, string? groupInstanceId)
    {
        if (Status == GroupStatus.Dead)
            return LogErrorCode.CoordinatorNotAvailable;
        if (groupInstanceId is not null)
        {
            if (!_staticMembers.TryGetValue(groupInstanceId, out string? current))
                return LogErrorCode.UnknownMemberId;
            if (current != memberId)
                return LogErrorCode.FencedInstanceId;
        }

        return _members.ContainsKey(memberId) ? LogErrorCode.None : LogErrorCode.UnknownMemberId;
    }

    private void Insert(GroupMember member)
    {
        _members.Add(member.MemberId, member);
        if (member.GroupInstanceId is { } instance) _staticMembers[instance] = member.MemberId;
    }

    private void Remove(GroupMember member, LogErrorCode error, TimeSpan now, GroupEffects effects)
    {
        Forget(member, error, effects);
        if (Status is GroupStatus.Stable or GroupStatus.CompletingRebalance)
            PrepareRebalance(now, effects);
        else if (Status == GroupStatus.PreparingRebalance)
            TryCompleteJoin(now, effects);
    }

    private void Forget(GroupMember member, LogErrorCode error, GroupEffects effects)
    {
        FailRequests(member, error, effects);
        _members.Remove(member.MemberId);
        _unsynced.Remove(member.MemberId);
        if (member.GroupInstanceId is { } instance) _staticMembers.Remove(instance);
        if (LeaderId == member.MemberId) LeaderId = null;
    }

    private static void FailRequests(GroupMember member, LogErrorCode error, GroupEffects effects)
    {
        if (member.JoinRequest is { } join) effects.Answer(join, JoinGroupResponse.Failed(error, member.MemberId));
        if (member.SyncRequest is { } sync) effects.Answer(sync, SyncGroupResponse.Failed(error));
        member.JoinRequest = null;
        member.SyncRequest = null;
    }

    private static void Touch(GroupMember member, TimeSpan now) => member.Deadline = now + member.SessionTimeout;

    private void ReadSubscriptions()
    {
        _subscribedTopics = [];
        if (ProtocolType != ConsumerProtocolType)
        {
            _subscribedTopics = null;
            return;
        }

        foreach (GroupMember member in _members.Values)
        {
            if (!ConsumerProtocol.TryReadSubscription(member.MetadataOf(ProtocolName).Span, out ConsumerSubscription? subscription))
            {
                _subscribedTopics = null;
                return;
            }

            _subscribedTopics.UnionWith(subscription.Topics);
        }
    }
}
