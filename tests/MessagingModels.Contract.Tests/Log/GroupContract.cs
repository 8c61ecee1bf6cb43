using System.Text.RegularExpressions;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>How a group shares the partitions of its topics.</summary>
public abstract class GroupContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Only_member_has_every_partition()
    {
        string topic = await TopicAsync(partitions: 3);
        ILogConsumer member = await JoinAsync(Unique("group"), topic);

        Assert.Equal([0, 1, 2], member.Assignment.Select(p => p.Partition).Order());
        Assert.True(member.Membership.Generation > 0);
        Assert.NotEmpty(member.Membership.MemberId);
    }

    [Fact]
    public async Task Group_is_joined_and_shared_with_nothing_but_its_name()
    {
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        for (int i = 0; i < 2; i++) await WriteAsync(new TopicPartition(topic, i), "a");
        ILogConsumer first = Closing(await Log.JoinGroupAsync(group, topic));
        Assert.Equal(2, (await ReadAsync(first, 2)).Count);

        ValueTask<ILogConsumer> joining = Log.JoinGroupAsync(group, topic);
        await ReadUntilAsync(() => joining.IsCompleted, first);
        ILogConsumer second = Closing(await joining);
        await ReadUntilAsync(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(AssignmentStrategy.Range)]
    [InlineData(AssignmentStrategy.RoundRobin)]
    [InlineData(AssignmentStrategy.Sticky)]
    [InlineData(AssignmentStrategy.CooperativeSticky)]
    public async Task Members_share_the_partitions_and_the_rest_takes_over_when_one_leaves(string? strategy)
    {
        DemandStrategy(strategy);
        string topic = await TopicAsync(partitions: 4), group = Unique("group");
        ILogConsumer first = await JoinAsync(MemberOf(group, strategy), null, topic);
        ILogConsumer second = Log.CreateConsumer(MemberOf(group, strategy));
        await using (second)
        {
            await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
            await ReadUntilAsync(() => first.Assignment.Count == 2 && second.Assignment.Count == 2, first, second);
            Assert.Equal([0, 1, 2, 3], first.Assignment.Concat(second.Assignment).Select(p => p.Partition).Order());
        }

        await ReadUntilAsync(() => first.Assignment.Count == 4, first);
    }

    [Fact]
    public async Task Each_record_goes_to_one_member()
    {
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        ILogConsumer first = await JoinAsync(group, topic), second = Consumer(MemberOf(group));
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);
        for (int partition = 0; partition < 2; partition++)
            await WriteAsync(new TopicPartition(topic, partition), $"{partition}a", $"{partition}b");

        string?[] ofFirst = await ReadValuesAsync(first, 2), ofSecond = await ReadValuesAsync(second, 2);
        Assert.Equal(["0a", "0b", "1a", "1b"], ofFirst.Concat(ofSecond).Order());
        await ReadNothingAsync(first);
        await ReadNothingAsync(second);
    }

    [Fact]
    public async Task Member_too_many_waits_without_a_partition_and_takes_over()
    {
        string topic = await TopicAsync(), group = Unique("group");
        ILogConsumer first = Log.CreateConsumer(MemberOf(group)), second = Consumer(MemberOf(group));
        await using (first)
        {
            await first.SubscribeAsync([topic]);
            await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
            await ReadUntilAsync(() => first.Assignment.Count + second.Assignment.Count == 1
                && second.Membership.Generation == first.Membership.Generation, first, second);
        }

        await ReadUntilAsync(() => second.Assignment.Count == 1, second);
    }

    [Fact]
    public async Task Groups_read_independently()
    {
        string topic = await TopicAsync();
        await WriteAsync(new TopicPartition(topic, 0), "a", "b");

        Assert.Equal(["a", "b"], await ReadValuesAsync(await JoinAsync(Unique("group"), topic), 2));
        Assert.Equal(["a", "b"], await ReadValuesAsync(await JoinAsync(Unique("group"), topic), 2));
    }

    [Fact]
    public async Task Member_reads_all_its_topics()
    {
        string one = await TopicAsync(), other = await TopicAsync();
        await WriteAsync(new TopicPartition(one, 0), "a");
        await WriteAsync(new TopicPartition(other, 0), "b");

        Assert.Equal(["a", "b"], (await ReadValuesAsync(await JoinAsync(Unique("group"), one, other), 2)).Order());
    }

    [Fact]
    public async Task Members_of_different_topics_share_a_group()
    {
        string one = await TopicAsync(), other = await TopicAsync(), group = Unique("group");
        ILogConsumer first = await JoinAsync(group, one), second = Consumer(MemberOf(group));
        await ReadWhileAsync(second.SubscribeAsync([other]).AsTask(), first);
        await ReadUntilAsync(() => second.Assignment.Count == 1 && first.Assignment.Count == 1, first, second);

        Assert.Equal([new TopicPartition(one, 0)], first.Assignment);
        Assert.Equal([new TopicPartition(other, 0)], second.Assignment);
    }

    [Fact]
    public async Task Topic_created_after_the_subscription_is_read()
    {
        string topic = Unique("later"), existing = await TopicAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), existing, topic);
        Assert.Equal([new TopicPartition(existing, 0)], member.Assignment);
        await Log.CreateTopicAsync(topic);
        await WriteAsync(new TopicPartition(topic, 0), "a");

        Assert.Equal(["a"], await ReadValuesAsync(member, 1));
    }

    [Fact]
    public async Task Pattern_covers_the_topics_that_match_and_those_created_later()
    {
        Demand(LogFeature.PatternSubscription);
        string stem = Unique("pattern");
        await Log.CreateTopicAsync(stem + "-1");
        await Log.CreateTopicAsync(stem + "-x");
        ILogConsumer member = Consumer(MemberOf(Unique("group")));
        await member.SubscribeAsync(new Regex(Regex.Escape(stem) + "-[0-9]"));
        Assert.Equal([new TopicPartition(stem + "-1", 0)], member.Assignment);
        await Log.CreateTopicAsync(stem + "-2");
        await WriteAsync(new TopicPartition(stem + "-2", 0), "a");

        Assert.Equal(["a"], await ReadValuesAsync(member, 1));
        Assert.Equal([stem + "-1", stem + "-2"], member.Assignment.Select(p => p.Topic).Order());
    }

    [Fact]
    public async Task Pattern_matches_whole_names()
    {
        Demand(LogFeature.PatternSubscription);
        string stem = Unique("whole");
        await Log.CreateTopicAsync(stem);
        await Log.CreateTopicAsync(stem + "-longer");
        await Log.CreateTopicAsync(stem + "-longer-still");
        await Log.CreateTopicAsync("x-" + stem);
        ILogConsumer member = Consumer(MemberOf(Unique("group")));
        await member.SubscribeAsync(new Regex($"{Regex.Escape(stem)}|{Regex.Escape(stem)}-longer"));

        Assert.Equal([new TopicPartition(stem, 0), new TopicPartition(stem + "-longer", 0)], member.Assignment.OrderBy(static partition => partition.Topic, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Added_partitions_are_dealt_out()
    {
        Demand(LogFeature.AddingPartitions);
        string topic = await TopicAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), topic);
        await Log.AddPartitionsAsync(topic, 3);

        await ReadUntilAsync(() => member.Assignment.Count == 3, member);
    }

    [Fact]
    public async Task Subscription_can_be_changed()
    {
        string one = await TopicAsync(), other = await TopicAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), one);
        await member.SubscribeAsync([other]);
        await ReadUntilAsync(() => member.Assignment.Contains(new TopicPartition(other, 0)), member);

        Assert.Equal([new TopicPartition(other, 0)], member.Assignment);
    }

    [Fact]
    public async Task Unsubscribed_member_leaves_its_partitions_to_the_others()
    {
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        ILogConsumer first = await JoinAsync(group, topic), second = Consumer(MemberOf(group));
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => second.Assignment.Count == 1, first, second);
        await first.UnsubscribeAsync();

        Assert.Empty(first.Assignment);
        await ReadUntilAsync(() => second.Assignment.Count == 2, second);
    }

    [Fact]
    public async Task Subscribing_and_choosing_partitions_exclude_each_other()
    {
        string topic = await TopicAsync();
        ILogConsumer member = await JoinAsync(Unique("group"), topic), chooser = Consumer(MemberOf(Unique("group")));
        await chooser.AssignAsync([new TopicPartition(topic, 0)]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => member.AssignAsync([new TopicPartition(topic, 0)]).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => chooser.SubscribeAsync([topic]).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => Consumer(new ConsumerOptions()).SubscribeAsync([topic]).AsTask());
    }

    [Fact]
    public async Task Members_without_a_strategy_in_common_are_refused()
    {
        string topic = await TopicAsync(), group = Unique("group");
        await JoinAsync(MemberOf(group), null, topic);

        await RefusedAsync(LogErrorCode.InconsistentGroupProtocol, async () =>
        {
            ILogConsumer second = await JoinAsync(MemberOf(group, AssignmentStrategy.RoundRobin), null, topic);
            await ReadUntilAsync(() => second.Assignment.Count > 0, second);
        });
    }

    [Fact]
    public async Task Member_that_stops_reading_leaves_and_comes_back_with_its_next_read()
    {
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        RecordingListener listener = new();
        ILogConsumer idle = await JoinAsync(
            MemberOf(group) with { SessionTimeout = TimeSpan.FromSeconds(1), MaxPollInterval = TimeSpan.FromSeconds(2) }, listener, topic);
        ILogConsumer busy = Consumer(MemberOf(group));
        await busy.SubscribeAsync([topic]);
        try
        {
            await ReadUntilAsync(() => busy.Assignment.Count == 2, busy);
        }
        finally
        {
            // It has missed its time by now: it reads on before anything else becomes of it, also where the wait has failed.
            await idle.PollAsync(Moment);
        }

        await ReadUntilAsync(() => idle.Assignment.Count == 1 && busy.Assignment.Count == 1, busy, idle);
        Assert.Equal("lost 0 1", listener.Calls.FirstOrDefault(c => c.StartsWith("lost", StringComparison.Ordinal)));
    }

    private void DemandStrategy(string? strategy)
    {
        if (strategy == AssignmentStrategy.Sticky) Demand(LogFeature.StickyAssignment);
        if (strategy == AssignmentStrategy.CooperativeSticky) Demand(LogFeature.CooperativeRebalancing);
    }
}

public sealed class Groups_on_native(NativeLog log) : GroupContract(log);

public sealed class Groups_on_native_on_disk(NativeDiskLog log) : GroupContract(log);

public sealed class Groups_on_kafka(KafkaLog log) : GroupContract(log);

/// <summary>With the strategies of options that name none: an eager one, and a cooperative one that waits until all members know it.</summary>
public sealed class Groups_with_default_strategies_on_native(NativeLog log) : GroupContract(log)
{
    protected override IReadOnlyList<string> Strategies => new ConsumerOptions().AssignmentStrategies;
}

public sealed class Groups_with_default_strategies_on_kafka(KafkaLog log) : GroupContract(log)
{
    protected override IReadOnlyList<string> Strategies => new ConsumerOptions().AssignmentStrategies;
}
