using MessagingModels.Broker.Groups;

namespace MessagingModels.Broker.Tests.Groups;

public class GroupStateTests
{
    private readonly GroupDriver _group = new();

    [Fact]
    public void First_member_leads_and_gets_its_assignment_from_itself()
    {
        long join = _group.Join("a");

        JoinGroupResponse joined = _group.JoinAnswer(join);
        Assert.Equal((LogErrorCode.None, 1, "a", "a"), (joined.Error, joined.Generation, joined.LeaderId, joined.MemberId));
        Assert.Equal(["a"], joined.Members.Select(m => m.MemberId));
        Assert.Equal(GroupStatus.CompletingRebalance, _group.State.Status);

        long sync = _group.Sync("a", 1, ("a", "all"));
        Assert.Equal("all", _group.SyncText(sync));
        Assert.Equal(GroupStatus.Stable, _group.State.Status);
    }

    [Fact]
    public void Second_member_waits_until_the_first_rejoins()
    {
        _group.Stabilise("a");
        long second = _group.Join("b");
        Assert.False(_group.HasAnswered(second));
        Assert.Equal(LogErrorCode.RebalanceInProgress, _group.Heartbeat("a", 1));

        long first = _group.Rejoin("a");

        Assert.Equal(2, _group.JoinAnswer(second).Generation);
        Assert.Equal(2, _group.JoinAnswer(first).Members.Count);
        Assert.Empty(_group.JoinAnswer(second).Members);
    }

    [Fact]
    public void Followers_wait_for_the_leaders_assignment()
    {
        _group.Join("a");
        long second = _group.Join("b");
        _group.Rejoin("a");
        Assert.True(_group.HasAnswered(second));

        long follower = _group.Sync("b", 2);
        Assert.False(_group.HasAnswered(follower));
        _group.Sync("a", 2, ("a", "one"), ("b", "two"));

        Assert.Equal("two", _group.SyncText(follower));
    }

    [Fact]
    public void Member_that_does_not_rejoin_is_dropped_at_the_rebalance_timeout()
    {
        _group.Stabilise("a");
        long second = _group.Join("b");
        for (int i = 0; i < 11 && !_group.HasAnswered(second); i++)
        {
            _group.Advance(TimeSpan.FromSeconds(6));
            if (!_group.HasAnswered(second)) Assert.Equal(LogErrorCode.RebalanceInProgress, _group.Heartbeat("a", 1));
        }

        Assert.Equal((2, "b"), (_group.JoinAnswer(second).Generation, _group.JoinAnswer(second).LeaderId));
        Assert.Equal(LogErrorCode.UnknownMemberId, _group.Heartbeat("a", 1));
    }

    [Fact]
    public void Silent_member_is_dropped_at_its_session_timeout_and_the_others_rebalance()
    {
        _group.Stabilise("a", "b");
        int generation = _group.State.Generation;
        _group.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(LogErrorCode.None, _group.Heartbeat("a", generation));
        _group.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(LogErrorCode.RebalanceInProgress, _group.Heartbeat("a", generation));
        Assert.Equal(LogErrorCode.UnknownMemberId, _group.Heartbeat("b", generation));
    }

    [Fact]
    public void Member_that_joined_but_never_syncs_is_dropped()
    {
        _group.Stabilise("a", "b");
        long b = _group.Rejoin("b");
        _group.Rejoin("a");
        Assert.True(_group.HasAnswered(b));
        int generation = _group.State.Generation;
        long waiting = _group.Sync("b", generation);

        for (int i = 0; i < 11; i++)
        {
            _group.Advance(TimeSpan.FromSeconds(6));
            _group.Heartbeat("a", generation);
        }

        Assert.Equal(LogErrorCode.RebalanceInProgress, _group.SyncAnswer(waiting).Error);
        Assert.Equal(LogErrorCode.UnknownMemberId, _group.Heartbeat("a", generation));
    }

    [Fact]
    public void Client_without_an_id_is_asked_to_come_back_with_one()
    {
        long first = _group.Send(GroupDriver.Request("a") with { MemberId = "", RequiresKnownMemberId = true }, "a");
        Assert.Equal((LogErrorCode.MemberIdRequired, "a"), (_group.JoinAnswer(first).Error, _group.JoinAnswer(first).MemberId));

        long second = _group.Rejoin("a");
        Assert.Equal(LogErrorCode.None, _group.JoinAnswer(second).Error);
    }

    [Fact]
    public void Id_that_nobody_was_given_is_unknown()
        => Assert.Equal(LogErrorCode.UnknownMemberId, _group.JoinAnswer(_group.Rejoin("stranger")).Error);

    [Fact]
    public void Group_of_given_size_takes_no_more()
    {
        GroupDriver group = new(new GroupCoordinatorOptions { MaxGroupSize = 1 });
        group.Stabilise("a");
        Assert.Equal(LogErrorCode.GroupMaxSizeReached, group.JoinAnswer(group.Join("b")).Error);
    }

    [Fact]
    public void Session_timeout_outside_the_bounds_is_refused()
        => Assert.Equal(
            LogErrorCode.InvalidSessionTimeout,
            _group.JoinAnswer(_group.Send(GroupDriver.Request("a") with { SessionTimeout = TimeSpan.FromHours(1) }, "a")).Error);

    [Fact]
    public void Member_without_a_common_strategy_is_refused()
    {
        _group.Stabilise("a");
        long join = _group.Send(GroupDriver.Request("b") with { Protocols = [new GroupProtocol("other", default)] }, "b");
        Assert.Equal(LogErrorCode.InconsistentGroupProtocol, _group.JoinAnswer(join).Error);
    }

    [Fact]
    public void Strategy_that_most_members_prefer_is_chosen_among_the_common_ones()
    {
        GroupProtocol range = new("range", default), sticky = new("sticky", default);
        _group.Send(GroupDriver.Request("a") with { Protocols = [range, sticky] }, "a");
        _group.Send(GroupDriver.Request("b") with { Protocols = [sticky, range] }, "b");
        _group.Send(GroupDriver.Request("c") with { Protocols = [new GroupProtocol("own", default), sticky, range] }, "c");
        _group.Send(GroupDriver.Request("a") with { MemberId = "a", Protocols = [range, sticky] }, "a");
        Assert.Equal("sticky", _group.State.ProtocolName);
    }

    [Fact]
    public void Follower_that_rejoins_unchanged_gets_the_present_generation()
    {
        _group.Stabilise("a", "b");
        long again = _group.Rejoin("b");
        Assert.Equal(_group.State.Generation, _group.JoinAnswer(again).Generation);
        Assert.Equal(GroupStatus.Stable, _group.State.Status);
    }

    [Fact]
    public void Leader_that_rejoins_a_stable_group_forces_a_rebalance()
    {
        _group.Stabilise("a", "b");
        Assert.False(_group.HasAnswered(_group.Rejoin("a")));
        Assert.Equal(GroupStatus.PreparingRebalance, _group.State.Status);
    }

    [Fact]
    public void Last_member_that_leaves_leaves_an_empty_group_behind()
    {
        _group.Stabilise("a");
        Assert.Equal(LogErrorCode.None, _group.Leave("a"));
        Assert.Equal((GroupStatus.Empty, 2), (_group.State.Status, _group.State.Generation));
    }

    [Fact]
    public void Static_member_that_comes_back_keeps_its_assignment_without_a_rebalance()
    {
        _group.StabiliseStatic("a", "instance-a");
        int generation = _group.State.Generation;
        long back = _group.Send(GroupDriver.Request("a2") with { GroupInstanceId = "instance-a", SupportsSkippingAssignment = true }, "a2");

        JoinGroupResponse answer = _group.JoinAnswer(back);
        Assert.Equal((LogErrorCode.None, generation, "a2", true), (answer.Error, answer.Generation, answer.MemberId, answer.SkipsAssignment));
        Assert.Equal("all", _group.SyncText(_group.SyncStatic("a2", "instance-a", generation)));
        Assert.Equal(LogErrorCode.FencedInstanceId, _group.State.Heartbeat(new GroupCaller("a", "instance-a", generation), _group.Now));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Static_member_that_comes_back_after_rebalances_keeps_its_place_though_it_knows_of_none(bool asStickyUserData)
    {
        _group.Send(Subscribing("a", new(["orders"], [new TopicPartition("orders", 0)], 7), asStickyUserData), "a");
        _group.SyncStatic("a", "instance-a", 1, ("a", "all"));
        long same = _group.Send(Subscribing("a2", new(["orders"], [], -1), asStickyUserData), "a2");
        Assert.Equal(1, _group.JoinAnswer(same).Generation);

        long other = _group.Send(Subscribing("a3", new(["orders", "payments"], [], -1), asStickyUserData), "a3");
        Assert.Equal(2, _group.JoinAnswer(other).Generation);
    }

    [Fact]
    public void Static_member_with_another_subscription_causes_a_rebalance()
    {
        _group.StabiliseStatic("a", "instance-a");
        long back = _group.Send(
            GroupDriver.Request("a2") with { GroupInstanceId = "instance-a", Protocols = [new GroupProtocol("range", new byte[] { 1 })] }, "a2");
        Assert.Equal(2, _group.JoinAnswer(back).Generation);
    }

    [Fact]
    public void Static_member_leaves_by_its_instance_name()
    {
        _group.StabiliseStatic("a", "instance-a");
        Assert.Equal(LogErrorCode.None, _group.State.Leave(new LeavingMember("", "instance-a"), _group.Now, _group.Effects));
        Assert.Equal(GroupStatus.Empty, _group.State.Status);
    }

    [Fact]
    public void Initial_delay_gathers_members_before_the_first_generation()
    {
        GroupDriver group = new(new GroupCoordinatorOptions { InitialRebalanceDelay = TimeSpan.FromSeconds(3) });
        long a = group.Join("a");
        group.Advance(TimeSpan.FromSeconds(2));
        long b = group.Join("b");
        group.Advance(TimeSpan.FromSeconds(2));
        Assert.False(group.HasAnswered(a));
        group.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((1, 1), (group.JoinAnswer(a).Generation, group.JoinAnswer(b).Generation));
    }

    [Theory]
    [InlineData("a", 1, LogErrorCode.None)]
    [InlineData("a", 0, LogErrorCode.IllegalGeneration)]
    [InlineData("x", 1, LogErrorCode.UnknownMemberId)]
    [InlineData("", -1, LogErrorCode.UnknownMemberId)]
    public void Only_members_of_the_generation_commit_while_there_are_members(string member, int generation, LogErrorCode expected)
    {
        _group.Stabilise("a");
        Assert.Equal(expected, _group.State.ValidateCommit(new GroupCaller(member, null, generation), isTransactional: false, _group.Now));
    }

    [Fact]
    public void Anybody_may_commit_to_an_empty_group()
        => Assert.Equal(LogErrorCode.None, _group.State.ValidateCommit(GroupCaller.None, isTransactional: false, _group.Now));

    [Fact]
    public void Nobody_commits_between_join_and_sync()
    {
        _group.Join("a");
        Assert.Equal(
            LogErrorCode.RebalanceInProgress, _group.State.ValidateCommit(new GroupCaller("a", null, 1), isTransactional: false, _group.Now));
    }

    private static JoinGroupRequest Subscribing(string clientId, ConsumerSubscription subscription, bool asStickyUserData) => GroupDriver.Request(clientId) with
    {
        GroupInstanceId = "instance-a",
        Protocols = [new GroupProtocol("range", ConsumerProtocol.WriteSubscription(subscription, asStickyUserData))],
    };
}
