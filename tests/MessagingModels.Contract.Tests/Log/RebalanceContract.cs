using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>What a listener is told while a group rebalances, and which members are disturbed.</summary>
public abstract class RebalanceContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Listener_is_told_of_the_first_assignment()
    {
        string topic = await TopicAsync(partitions: 2);
        RecordingListener listener = new();
        await JoinAsync(MemberOf(Unique("group")), listener, topic);

        Assert.Equal(["assigned 0 1"], listener.Calls);
    }

    [Fact]
    public async Task Eager_member_gives_up_everything_and_gets_its_share()
    {
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        RecordingListener listener = new();
        ILogConsumer first = await JoinAsync(MemberOf(group), listener, topic), second = Consumer(MemberOf(group));
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);

        Assert.Equal(["assigned 0 1", "revoked 0 1", $"assigned {first.Assignment.Single().Partition}"], listener.Calls);
    }

    [Fact]
    public async Task Rebalance_that_a_listener_holds_up_over_several_heartbeats_is_one_rebalance()
    {
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        ConsumerOptions options = MemberOf(group);
        RecordingListener listener = new() { Revoking = async (_, _) => await Task.Delay(3 * options.HeartbeatInterval) };
        ILogConsumer first = await JoinAsync(options, listener, topic), second = Consumer(options);
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);
        await ReadNothingAsync(first);
        await ReadNothingAsync(second);

        Assert.Equal(["assigned 0 1", "revoked 0 1", $"assigned {first.Assignment.Single().Partition}"], listener.Calls);
        Assert.Equal(first.Membership.Generation, second.Membership.Generation);
    }

    [Fact]
    public async Task Cooperative_member_gives_up_only_what_it_loses()
    {
        Demand(LogFeature.CooperativeRebalancing);
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        RecordingListener listener = new();
        ConsumerOptions options = MemberOf(group, AssignmentStrategy.CooperativeSticky);
        ILogConsumer first = await JoinAsync(options, listener, topic), second = Consumer(options);
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);

        Assert.Equal(["assigned 0 1", $"revoked {second.Assignment.Single().Partition}"], listener.Calls);
    }

    [Fact]
    public async Task Cooperative_member_that_loses_nothing_is_not_disturbed()
    {
        Demand(LogFeature.CooperativeRebalancing);
        string topic = await TopicAsync(), group = Unique("group");
        RecordingListener listener = new();
        ConsumerOptions options = MemberOf(group, AssignmentStrategy.CooperativeSticky);
        ILogConsumer first = await JoinAsync(options, listener, topic), second = Consumer(options);
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => second.Membership.Generation == first.Membership.Generation && second.Membership.Generation > 1, first, second);

        Assert.Equal(["assigned 0"], listener.Calls);
        Assert.Single(first.Assignment);
    }

    [Fact]
    public async Task Partitions_can_be_committed_while_they_are_revoked()
    {
        string topic = await TopicAsync(), group = Unique("group");
        TopicPartition partition = new(topic, 0);
        await WriteAsync(partition, "a", "b", "c");
        RecordingListener listener = new() { Revoking = (consumer, _) => consumer.CommitAsync() };
        ILogConsumer first = await JoinAsync(MemberOf(group), listener, topic), second = Consumer(MemberOf(group));
        await ReadAsync(first, 2);
        await first.PauseAsync([partition]);
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => listener.Calls.Contains("revoked 0"), first);

        Assert.Equal(new Offset(2), (await second.CommittedAsync(partition))?.Offset);
    }

    [Fact]
    public async Task Positions_can_be_sought_while_partitions_are_assigned()
    {
        string topic = await TopicAsync();
        TopicPartition partition = new(topic, 0);
        await WriteAsync(partition, "a", "b", "c");
        RecordingListener listener = new() { Assigning = (consumer, partitions) => consumer.SeekAsync(partitions.Single(), new Offset(2)) };
        ILogConsumer member = await JoinAsync(MemberOf(Unique("group")), listener, topic);

        Assert.Equal(["c"], await ReadValuesAsync(member, 1));
    }

    [Fact]
    public async Task Leaving_member_is_told_that_its_partitions_go()
    {
        string topic = await TopicAsync(partitions: 2);
        RecordingListener listener = new();
        ILogConsumer member = await JoinAsync(MemberOf(Unique("group")), listener, topic);
        await member.UnsubscribeAsync();

        Assert.Equal(["assigned 0 1", "revoked 0 1"], listener.Calls);
    }

    [Fact]
    public async Task Closed_member_is_told_that_its_partitions_go()
    {
        string topic = await TopicAsync();
        RecordingListener listener = new();
        await using (await JoinAsync(MemberOf(Unique("group")), listener, topic))
            Assert.Equal(["assigned 0"], listener.Calls);

        Assert.Equal(["assigned 0", "revoked 0"], listener.Calls);
    }

    [Fact]
    public async Task Records_handed_out_before_a_rebalance_are_not_handed_out_again_once_committed()
    {
        string topic = await TopicAsync(partitions: 4), group = Unique("group");
        for (int i = 0; i < 4; i++) await WriteAsync(new TopicPartition(topic, i), "a", "b");
        ILogConsumer first = await JoinAsync(group, topic), second = Consumer(MemberOf(group));
        List<LogRecord> seen = await ReadAsync(first, 8);
        await first.CommitAsync();
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => first.Assignment.Count == 2 && second.Assignment.Count == 2, first, second);
        for (int i = 0; i < 4; i++) await WriteAsync(new TopicPartition(topic, i), "c");
        seen.AddRange(await ReadAsync(first, 2));
        seen.AddRange(await ReadAsync(second, 2));

        Assert.Equal(12, seen.Select(r => (r.Partition, r.Offset)).Distinct().Count());
    }
}

public sealed class Rebalancing_on_native(NativeLog log) : RebalanceContract(log);

public sealed class Rebalancing_on_native_on_disk(NativeDiskLog log) : RebalanceContract(log);

public sealed class Rebalancing_on_kafka(KafkaLog log) : RebalanceContract(log);

/// <summary>With the strategies of options that name none.</summary>
public sealed class Rebalancing_with_default_strategies_on_native(NativeLog log) : RebalanceContract(log)
{
    protected override IReadOnlyList<string> Strategies => new ConsumerOptions().AssignmentStrategies;
}

public sealed class Rebalancing_with_default_strategies_on_kafka(KafkaLog log) : RebalanceContract(log)
{
    protected override IReadOnlyList<string> Strategies => new ConsumerOptions().AssignmentStrategies;
}
