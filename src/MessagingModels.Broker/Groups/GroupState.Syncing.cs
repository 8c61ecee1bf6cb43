namespace MessagingModels.Broker.Groups;

/// <summary>How a generation begins, gets its assignment and loses those who are late.</summary>
internal sealed partial class GroupState
{
    /// <summary>When <see cref="Tick"/> has something to do next; <see cref="TimeSpan.MaxValue"/> for never.</summary>
    public TimeSpan NextDeadline
    {
        get
        {
            TimeSpan next = TimeSpan.MaxValue;
            if (Status == GroupStatus.PreparingRebalance) next = _rebalanceDeadline;
            if (_unsynced.Count > 0) next = Earlier(next, _syncDeadline);
            foreach (TimeSpan deadline in _pendingMembers.Values) next = Earlier(next, deadline);
            foreach (GroupMember member in _members.Values)
            {
                if (!IsKeptAlive(member)) next = Earlier(next, member.Deadline);
            }

            return next;
        }
    }

    /// <summary>Does what is due: drops members that were silent, joined or synced too late.</summary>
    public void Tick(TimeSpan now, GroupEffects effects)
    {
        bool pendingExpired = false;
        foreach ((string memberId, TimeSpan deadline) in _pendingMembers)
        {
            if (deadline <= now) pendingExpired |= _pendingMembers.Remove(memberId);
        }

        foreach (GroupMember member in _members.Values.Where(m => m.Deadline <= now && !IsKeptAlive(m)).ToArray())
            Remove(member, LogErrorCode.UnknownMemberId, now, effects);

        if (_unsynced.Count > 0 && _syncDeadline <= now)
        {
            foreach (string memberId in _unsynced.ToArray()) Forget(_members[memberId], LogErrorCode.UnknownMemberId, effects);
            PrepareRebalance(now, effects);
        }

        if (Status != GroupStatus.PreparingRebalance)
            return;
        if (_rebalanceDeadline <= now)
            EndOfRebalanceWait(now, effects);
        else if (pendingExpired)
            TryCompleteJoin(now, effects);
    }

    /// <summary>Takes a sync request; its answer is among the effects of this or of a later command.</summary>
    public void Sync(SyncGroupRequest request, long requestId, TimeSpan now, GroupEffects effects)
    {
        LogErrorCode error = ValidateSync(request);
        if (error != LogErrorCode.None)
        {
            effects.Answer(requestId, SyncGroupResponse.Failed(error));
            return;
        }

        GroupMember member = _members[request.MemberId];
        _unsynced.Remove(member.MemberId);
        Touch(member, now);
        if (Status == GroupStatus.Stable)
        {
            effects.Answer(requestId, AssignmentOf(member));
            return;
        }

        if (member.SyncRequest is { } older)
            effects.Answer(older, SyncGroupResponse.Failed(LogErrorCode.RebalanceInProgress));
        member.SyncRequest = requestId;
        if (member.MemberId == LeaderId)
            BecomeStable(request.Assignments, now, effects);
    }

    private LogErrorCode ValidateSync(SyncGroupRequest request)
    {
        LogErrorCode error = Validate(new GroupCaller(request.MemberId, request.GroupInstanceId, request.Generation));
        if (error != LogErrorCode.None)
            return error;
        if ((request.ProtocolType is { } type && type != ProtocolType) || (request.ProtocolName is { } name && name != ProtocolName))
            return LogErrorCode.InconsistentGroupProtocol;
        return Status == GroupStatus.PreparingRebalance ? LogErrorCode.RebalanceInProgress : LogErrorCode.None;
    }

    private void BecomeStable(IReadOnlyList<MemberAssignment> assignments, TimeSpan now, GroupEffects effects)
    {
        foreach (GroupMember member in _members.Values) member.Assignment = default;
        foreach (MemberAssignment share in assignments)
        {
            if (_members.TryGetValue(share.MemberId, out GroupMember? member)) member.Assignment = share.Assignment;
        }

        Status = GroupStatus.Stable;
        effects.StoresMetadata = true;
        foreach (GroupMember member in _members.Values)
        {
            if (member.SyncRequest is not { } sync)
                continue;
            member.SyncRequest = null;
            Touch(member, now);
            effects.Answer(sync, AssignmentOf(member));
        }
    }

    private void EndOfRebalanceWait(TimeSpan now, GroupEffects effects)
    {
        if (_isInitialDelay && _membersAddedInDelay && now < _initialDelayEnd)
        {
            _membersAddedInDelay = false;
            _rebalanceDeadline = Earlier(now + options.InitialRebalanceDelay, _initialDelayEnd);
            return;
        }

        CompleteJoin(now, effects);
    }

    private void CompleteJoin(TimeSpan now, GroupEffects effects)
    {
        _isInitialDelay = false;
        // Static members keep their place until their session ends.
        foreach (GroupMember late in _members.Values.Where(member => member.JoinRequest is null && !member.IsStatic).ToArray())
            Forget(late, LogErrorCode.UnknownMemberId, effects);
        if (_members.Count == 0)
        {
            BecomeEmpty(effects);
            return;
        }

        if (LeaderId is null || _members[LeaderId].JoinRequest is null)
        {
            GroupMember? leader = _members.Values.FirstOrDefault(member => member.JoinRequest is not null);
            if (leader is null)
            {
                _rebalanceDeadline = now + LongestRebalanceTimeout();
                return;
            }

            LeaderId = leader.MemberId;
        }

        BeginGeneration(now, effects);
    }

    private void BecomeEmpty(GroupEffects effects)
    {
        Generation++;
        ProtocolName = null;
        LeaderId = null;
        Status = GroupStatus.Empty;
        _rebalanceDeadline = TimeSpan.MaxValue;
        _subscribedTopics = [];
        effects.StoresMetadata = true;
    }

    private void BeginGeneration(TimeSpan now, GroupEffects effects)
    {
        Generation++;
        ProtocolName = SelectProtocol();
        Status = GroupStatus.CompletingRebalance;
        _rebalanceDeadline = TimeSpan.MaxValue;
        _syncDeadline = now + LongestRebalanceTimeout();
        ReadSubscriptions();
        foreach (GroupMember member in _members.Values)
        {
            member.IsNew = false;
            Touch(member, now);
            _unsynced.Add(member.MemberId);
            if (member.JoinRequest is not { } join)
                continue;
            member.JoinRequest = null;
            effects.Answer(join, CurrentGeneration(member));
        }
    }

    /// <summary>Of the strategies that all members offer, the one that most of them like best.</summary>
    private string? SelectProtocol()
    {
        Dictionary<string, int> votes = [];
        string? chosen = null;
        foreach (GroupMember member in _members.Values)
        {
            foreach (GroupProtocol offered in member.Protocols)
            {
                if (!_members.Values.All(other => other.Offers(offered.Name)))
                    continue;
                votes[offered.Name] = votes.GetValueOrDefault(offered.Name) + 1;
                if (chosen is null || votes[offered.Name] > votes[chosen]) chosen = offered.Name;
                break;
            }
        }

        return chosen;
    }

    private JoinGroupResponse CurrentGeneration(GroupMember member) => new()
    {
        Generation = Generation,
        ProtocolType = ProtocolType,
        ProtocolName = ProtocolName,
        LeaderId = LeaderId ?? "",
        MemberId = member.MemberId,
        Members = member.MemberId == LeaderId && Status == GroupStatus.CompletingRebalance ? MembersForLeader() : [],
    };

    private JoinedMember[] MembersForLeader()
        => [.. _members.Values.Select(m => new JoinedMember(m.MemberId, m.GroupInstanceId, m.MetadataOf(ProtocolName)))];

    private SyncGroupResponse AssignmentOf(GroupMember member)
        => new(LogErrorCode.None, ProtocolType, ProtocolName, member.Assignment);

    private static bool IsKeptAlive(GroupMember member)
        => !member.IsNew && (member.JoinRequest is not null || member.SyncRequest is not null);
}
