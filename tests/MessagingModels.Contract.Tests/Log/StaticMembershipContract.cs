using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>Members with a name of their own that come back (KIP-345), and members that do not.</summary>
public abstract class StaticMembershipContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Returning_member_has_its_partitions_again_without_a_rebalance()
    {
        Demand(LogFeature.StaticMembership);
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        RecordingListener listener = new();
        ILogConsumer other = await JoinAsync(Static(group, "b"), listener, topic);
        ILogConsumer member = Log.CreateConsumer(Static(group, "a"));
        await ReadWhileAsync(member.SubscribeAsync([topic]).AsTask(), other);
        await ReadUntilAsync(() => member.Assignment.Count == 1 && other.Assignment.Count == 1, member, other);
        (int generation, int calls) = (other.Membership.Generation, listener.Calls.Count);
        await member.DisposeAsync();
        ILogConsumer returned = Consumer(Static(group, "a"));
        await ReadWhileAsync(returned.SubscribeAsync([topic]).AsTask(), other);
        await ReadUntilAsync(() => returned.Assignment.Count == 1, returned, other);

        Assert.Equal(generation, returned.Membership.Generation);
        Assert.Equal(generation, other.Membership.Generation);
        Assert.Equal(calls, listener.Calls.Count);
        Assert.Equal([new TopicPartition(topic, 0)], returned.Assignment);
    }

    [Theory]
    [InlineData(AssignmentStrategy.Range)]
    [InlineData(AssignmentStrategy.Sticky)]
    [InlineData(AssignmentStrategy.CooperativeSticky)]
    public async Task Member_that_returns_after_several_rebalances_has_its_partitions_again_without_another(string strategy)
    {
        Demand(LogFeature.StaticMembership);
        if (strategy == AssignmentStrategy.Sticky) Demand(LogFeature.StickyAssignment);
        if (strategy == AssignmentStrategy.CooperativeSticky) Demand(LogFeature.CooperativeRebalancing);
        string topic = await TopicAsync(partitions: 3), group = Unique("group");
        ILogConsumer leader = await JoinAsync(Static(group, "b", strategy), null, topic);
        ILogConsumer member = Log.CreateConsumer(Static(group, "a", strategy)), third = Consumer(Static(group, "c", strategy));
        await ReadWhileAsync(member.SubscribeAsync([topic]).AsTask(), leader);
        await ReadWhileAsync(third.SubscribeAsync([topic]).AsTask(), leader, member);
        await ReadUntilAsync(() => Settled(leader, member, third), leader, member, third);
        (int generation, TopicPartition[] had) = (leader.Membership.Generation, [.. member.Assignment]);
        await member.DisposeAsync();
        ILogConsumer returned = Consumer(Static(group, "a", strategy));
        await ReadWhileAsync(returned.SubscribeAsync([topic]).AsTask(), leader, third);
        await ReadUntilAsync(() => returned.Assignment.Count == 1, returned, leader, third);

        Assert.Equal(had, returned.Assignment);
        Assert.Equal((generation, generation), (returned.Membership.Generation, leader.Membership.Generation));
    }

    [Fact]
    public async Task Newer_member_of_the_same_name_fences_the_older_one()
    {
        Demand(LogFeature.StaticMembership);
        string topic = await TopicAsync(), group = Unique("group");
        ILogConsumer older = await JoinAsync(Static(group, "a"), null, topic);
        await JoinAsync(Static(group, "a"), null, topic);

        LogException fenced = await RefusedAsync(LogErrorCode.FencedInstanceId, () => ReadUntilAsync(() => false, older));
        Assert.True(fenced.IsFenced);
    }

    [Fact]
    public async Task Static_member_that_stays_away_is_dropped_after_its_session()
    {
        Demand(LogFeature.StaticMembership);
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        ILogConsumer other = await JoinAsync(Static(group, "b"), null, topic);
        ILogConsumer member = Log.CreateConsumer(Static(group, "a") with { SessionTimeout = TimeSpan.FromSeconds(1) });
        await ReadWhileAsync(member.SubscribeAsync([topic]).AsTask(), other);
        await ReadUntilAsync(() => member.Assignment.Count == 1, member, other);
        await member.DisposeAsync();

        await ReadUntilAsync(() => other.Assignment.Count == 2, other);
    }

    [Fact]
    public async Task Membership_carries_the_static_name()
    {
        Demand(LogFeature.StaticMembership);
        string group = Unique("group");
        ILogConsumer member = await JoinAsync(Static(group, "till-1"), null, await TopicAsync());

        Assert.Equal((group, "till-1"), (member.Membership.GroupId, member.Membership.GroupInstanceId));
        GroupMemberDescription described = Assert.Single((await Log.DescribeGroupAsync(group)).Members);
        Assert.Equal("till-1", described.GroupInstanceId);
    }

    private static bool Settled(params ILogConsumer[] members)
        => members.All(m => m.Assignment.Count == 1 && m.Membership.Generation == members[0].Membership.Generation);

    private ConsumerOptions Static(string group, string name, string? strategy = null) => MemberOf(group, strategy) with { GroupInstanceId = name };
}

public sealed class Static_membership_on_native(NativeLog log) : StaticMembershipContract(log);

public sealed class Static_membership_on_native_on_disk(NativeDiskLog log) : StaticMembershipContract(log);

public sealed class Static_membership_on_kafka(KafkaLog log) : StaticMembershipContract(log);
