namespace MessagingModels.Broker.Groups;

/// <summary>Joining, and how a rebalance begins and gathers its members.</summary>
internal sealed partial class GroupState
{
    /// <summary>Takes a join request; its answer is among the effects of this or of a later command.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requestId">What the answer names.</param>
    /// <param name="newMemberId">An id nobody has had, for a member that comes without one.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">What is to be done.</param>
    public void Join(JoinGroupRequest request, long requestId, string newMemberId, TimeSpan now, GroupEffects effects)
    {
        LogErrorCode error = ValidateJoin(request);
        if (error != LogErrorCode.None)
            effects.Answer(requestId, JoinGroupResponse.Failed(error, request.MemberId));
        else if (request.MemberId.Length > 0)
            JoinKnown(request, requestId, now, effects);
        else if (request.GroupInstanceId is { } instance && _staticMembers.TryGetValue(instance, out string? current))
            ReplaceStatic(_members[current], newMemberId, request, requestId, now, effects);
        else if (request.GroupInstanceId is null && request.RequiresKnownMemberId)
            AskToComeBack(request, requestId, newMemberId, now, effects);
        else
            Add(newMemberId, request, requestId, now, effects);
    }

    private LogErrorCode ValidateJoin(JoinGroupRequest request)
    {
        if (Status == GroupStatus.Dead)
            return LogErrorCode.CoordinatorNotAvailable;
        if (request.SessionTimeout < options.MinSessionTimeout || request.SessionTimeout > options.MaxSessionTimeout)
            return LogErrorCode.InvalidSessionTimeout;
        if (!CanSupport(request))
            return LogErrorCode.InconsistentGroupProtocol;
        bool isNew = request.MemberId.Length == 0
            && (request.GroupInstanceId is null || !_staticMembers.ContainsKey(request.GroupInstanceId));
        return isNew && _members.Count + _pendingMembers.Count >= options.MaxGroupSize
            ? LogErrorCode.GroupMaxSizeReached
            : LogErrorCode.None;
    }

    private bool CanSupport(JoinGroupRequest request)
    {
        if (request.ProtocolType.Length == 0 || request.Protocols.Count == 0)
            return false;
        if (_members.Count == 0)
            return true;
        if (request.ProtocolType != ProtocolType)
            return false;
        foreach (GroupProtocol offered in request.Protocols)
        {
            if (_members.Values.All(member => member.MemberId == request.MemberId || member.Offers(offered.Name)))
                return true;
        }

        return false;
    }

    private void AskToComeBack(JoinGroupRequest request, long requestId, string newMemberId, TimeSpan now, GroupEffects effects)
    {
        _pendingMembers[newMemberId] = now + request.SessionTimeout;
        effects.Answer(requestId, JoinGroupResponse.Failed(LogErrorCode.MemberIdRequired, newMemberId));
    }

    private void JoinKnown(JoinGroupRequest request, long requestId, TimeSpan now, GroupEffects effects)
    {
        if (request.GroupInstanceId is null && _pendingMembers.Remove(request.MemberId))
        {
            Add(request.MemberId, request, requestId, now, effects);
            return;
        }

        LogErrorCode error = ValidateMember(request.MemberId, request.GroupInstanceId);
        if (error != LogErrorCode.None)
        {
            effects.Answer(requestId, JoinGroupResponse.Failed(error, request.MemberId));
            return;
        }

        GroupMember member = _members[request.MemberId];
        bool isUnchanged = member.Matches(request.Protocols);
        // A lost answer is given again; a leader that rejoins a stable group wants the partitions dealt out anew.
        bool repeats = Status == GroupStatus.CompletingRebalance ? isUnchanged
            : Status == GroupStatus.Stable && isUnchanged && member.MemberId != LeaderId;
        if (repeats)
        {
            Touch(member, now);
            effects.Answer(requestId, CurrentGeneration(member));
            return;
        }

        Update(member, request, requestId, now, effects);
        if (Status == GroupStatus.PreparingRebalance)
            TryCompleteJoin(now, effects);
        else
            PrepareRebalance(now, effects);
    }

    private void Add(string memberId, JoinGroupRequest request, long requestId, TimeSpan now, GroupEffects effects)
    {
        GroupMember member = new()
        {
            MemberId = memberId,
            GroupInstanceId = request.GroupInstanceId,
            IsNew = true,
        };
        if (_members.Count == 0) ProtocolType = request.ProtocolType;
        Insert(member);
        LeaderId ??= memberId;
        _membersAddedInDelay = true;
        Update(member, request, requestId, now, effects);
        if (Status == GroupStatus.PreparingRebalance)
            TryCompleteJoin(now, effects);
        else
            PrepareRebalance(now, effects);
    }

    private void Update(GroupMember member, JoinGroupRequest request, long requestId, TimeSpan now, GroupEffects effects)
    {
        if (member.JoinRequest is { } older)
            effects.Answer(older, JoinGroupResponse.Failed(LogErrorCode.RebalanceInProgress, member.MemberId));
        member.JoinRequest = requestId;
        member.ClientId = request.ClientId;
        member.ClientHost = request.ClientHost;
        member.SessionTimeout = request.SessionTimeout;
        member.RebalanceTimeout = request.RebalanceTimeout;
        member.Protocols = request.Protocols;
        member.Deadline = now + (member.IsNew ? options.NewMemberJoinTimeout : member.SessionTimeout);
    }

    /// <summary>A static member came back without its id (KIP-345): it takes its predecessor's place, and partitions where it can.</summary>
    private void ReplaceStatic(
        GroupMember member, string newMemberId, JoinGroupRequest request, long requestId, TimeSpan now, GroupEffects effects)
    {
        string oldMemberId = member.MemberId;
        bool wasLeader = LeaderId == oldMemberId;
        bool keepsPlace = Status == GroupStatus.Stable
            && request.Protocols.Any(p => p.Name == ProtocolName && AsksForTheSame(p.Metadata.Span, member.MetadataOf(ProtocolName).Span));
        Forget(member, LogErrorCode.FencedInstanceId, effects);
        member.MemberId = newMemberId;
        Insert(member);
        if (wasLeader) LeaderId = newMemberId;
        Update(member, request, requestId, now, effects);

        if (keepsPlace && SelectProtocol() == ProtocolName)
        {
            member.JoinRequest = null;
            effects.StoresMetadata = true;
            // An old client must not deal out partitions that the others hold: it is told of a leader it is not.
            effects.Answer(requestId, CurrentGeneration(member) with
            {
                LeaderId = wasLeader && !request.SupportsSkippingAssignment ? oldMemberId : LeaderId ?? "",
                Members = wasLeader && request.SupportsSkippingAssignment ? MembersForLeader() : [],
                SkipsAssignment = wasLeader && request.SupportsSkippingAssignment,
            });
        }
        else if (Status == GroupStatus.PreparingRebalance)
        {
            TryCompleteJoin(now, effects);
        }
        else
        {
            PrepareRebalance(now, effects);
        }
    }

    /// <summary>
    /// Are two members' metadata the same to the assignment? A consumer's also say what it owned in which generation (KIP-792), which a consumer
    /// that starts anew cannot know.
    /// </summary>
    private bool AsksForTheSame(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> other)
        => metadata.SequenceEqual(other)
            || (ProtocolType == ConsumerProtocolType
                && ConsumerProtocol.TryReadSubscription(metadata, out ConsumerSubscription? subscription)
                && ConsumerProtocol.TryReadSubscription(other, out ConsumerSubscription? otherSubscription)
                && subscription.Topics.ToHashSet().SetEquals(otherSubscription.Topics));

    private void PrepareRebalance(TimeSpan now, GroupEffects effects)
    {
        foreach (GroupMember member in _members.Values)
        {
            if (member.SyncRequest is not { } sync)
                continue;
            member.SyncRequest = null;
            effects.Answer(sync, SyncGroupResponse.Failed(LogErrorCode.RebalanceInProgress));
        }

        _unsynced.Clear();
        _syncDeadline = TimeSpan.MaxValue;
        _isInitialDelay = Status == GroupStatus.Empty && options.InitialRebalanceDelay > TimeSpan.Zero;
        _membersAddedInDelay = false;
        _initialDelayEnd = now + LongestRebalanceTimeout();
        _rebalanceDeadline = _isInitialDelay ? Earlier(now + options.InitialRebalanceDelay, _initialDelayEnd) : _initialDelayEnd;
        Status = GroupStatus.PreparingRebalance;
        effects.StartsRebalance = true;
        TryCompleteJoin(now, effects);
    }

    private void TryCompleteJoin(TimeSpan now, GroupEffects effects)
    {
        if (!_isInitialDelay && _pendingMembers.Count == 0 && _members.Values.All(member => member.JoinRequest is not null))
            CompleteJoin(now, effects);
    }

    private TimeSpan LongestRebalanceTimeout()
    {
        TimeSpan longest = TimeSpan.Zero;
        foreach (GroupMember member in _members.Values)
        {
            if (member.RebalanceTimeout > longest) longest = member.RebalanceTimeout;
        }

        return longest;
    }

    private static TimeSpan Earlier(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
