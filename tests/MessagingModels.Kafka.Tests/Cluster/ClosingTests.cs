using System.Diagnostics;

namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>Consumers that are closed while rebalances wait for them: those that did not read for longer than they may.</summary>
public sealed class ClosingTests(RealKafka kafka)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_maxPollInterval = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(AssignmentStrategy.Range, false, false)]
    [InlineData(AssignmentStrategy.Range, true, true)]
    [InlineData(AssignmentStrategy.CooperativeSticky, false, true)]
    [InlineData(AssignmentStrategy.CooperativeSticky, true, false)]
    public async Task Members_of_one_group_that_missed_the_poll_interval_close_at_once(string strategy, bool autoCommit, bool pollsBefore)
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync(partitions: 4);
        Random random = new(17);
        int[] waits = [.. Enumerable.Range(0, 12).Select(_ => random.Next(900, 2200))];
        await Task.WhenAll(waits.Select(async wait =>
        {
            ILogConsumer member = broker.CreateConsumer(Options(topic) with { AutoCommit = autoCommit, AssignmentStrategies = [strategy] });
            await member.SubscribeAsync([topic], new Listener());
            await member.PollAsync(TimeSpan.FromMilliseconds(100), 1);
            await Task.Delay(wait);
            if (pollsBefore)
                await member.PollAsync(TimeSpan.Zero, 1);
            await CloseAsync(member);
        }));

        await AwaitEmptyAsync(broker, topic);
    }

    [Fact]
    public async Task Member_that_missed_the_poll_interval_can_subscribe_again_and_loses_nothing()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync(partitions: 1);
        await using ILogProducer producer = broker.CreateProducer();
        await producer.ProduceAsync(topic, null, "a");
        await using ILogConsumer member = broker.CreateConsumer(Options(topic));
        Listener listener = new();
        await member.SubscribeAsync([topic], listener);
        Assert.Single(await RealKafka.ReadAsync(member, 1));
        await Task.Delay(2 * s_maxPollInterval);

        await member.UnsubscribeAsync().AsTask().WaitAsync(s_limit);
        Assert.Equal("assigned lost", listener.Seen);
        await member.SubscribeAsync([topic], listener).AsTask().WaitAsync(s_limit);
        Assert.Equal("a", Assert.Single(await RealKafka.ReadAsync(member, 1)).ValueText);
    }

    [Fact]
    public async Task Static_member_that_missed_the_poll_interval_closes_and_its_successor_takes_its_place()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync(partitions: 2);
        for (int i = 0; i < 2; i++)
        {
            ILogConsumer member = broker.CreateConsumer(Options(topic) with { GroupInstanceId = "one" });
            await member.SubscribeAsync([topic], new Listener()).AsTask().WaitAsync(s_limit);
            await member.PollAsync(TimeSpan.FromMilliseconds(100), 1);
            await Task.Delay(2 * s_maxPollInterval);
            await CloseAsync(member);
        }
    }

    [Fact]
    public async Task Dispose_does_not_wait_for_ever_for_a_listener_that_never_returns()
    {
        (_, string topic) = await TopicAsync(partitions: 1);
        KafkaLogBroker broker = await kafka.ConnectAsync(o => o.CloseTimeout = TimeSpan.FromSeconds(2));
        ILogConsumer member = broker.CreateConsumer(Options(topic) with { MaxPollInterval = s_limit });
        TaskCompletionSource never = new();
        await member.SubscribeAsync([topic], new Listener { Revoked = never.Task });
        await AwaitAssignmentAsync(member);

        Stopwatch watch = Stopwatch.StartNew();
        await member.DisposeAsync().AsTask().WaitAsync(s_limit);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(10));
        never.SetResult();
        await AwaitEmptyAsync(broker, topic);
    }

    [Fact]
    public async Task Listener_may_commit_while_its_consumer_is_disposed()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync(partitions: 1);
        ILogConsumer member = broker.CreateConsumer(Options(topic) with { MaxPollInterval = s_limit, SessionTimeout = TimeSpan.FromSeconds(10) });
        Listener listener = new() { Commit = new TopicPartitionOffset(topic, 0, new Offset(7)) };
        await member.SubscribeAsync([topic], listener);
        await AwaitAssignmentAsync(member);
        await CloseAsync(member);
        Assert.Equal("assigned revoked", listener.Seen);

        await using ILogConsumer next = broker.CreateConsumer(Options(topic));
        Assert.Equal(new Offset(7), (await next.CommittedAsync(new TopicPartition(topic, 0)))?.Offset);
    }

    private static ConsumerOptions Options(string group) => new()
    {
        GroupId = group,
        OffsetReset = OffsetReset.Earliest,
        SessionTimeout = TimeSpan.FromSeconds(1),
        HeartbeatInterval = TimeSpan.FromMilliseconds(250),
        MaxPollInterval = s_maxPollInterval,
    };

    private static async Task AwaitAssignmentAsync(ILogConsumer member)
    {
        using CancellationTokenSource limit = new(s_limit);
        while (member.Assignment.Count == 0)
            await member.PollAsync(TimeSpan.FromMilliseconds(100), 1, limit.Token);
    }

    private static async Task CloseAsync(ILogConsumer member)
    {
        Stopwatch watch = Stopwatch.StartNew();
        await member.DisposeAsync().AsTask().WaitAsync(s_limit);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"Closing took {watch.Elapsed}.");
    }

    /// <summary>A member whose join was under way when it closed goes with its session.</summary>
    private static async Task AwaitEmptyAsync(KafkaLogBroker broker, string group)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        while ((await broker.DescribeGroupAsync(group, limit.Token)).Members.Count > 0)
            await Task.Delay(100, limit.Token);
    }

    private async Task<(KafkaLogBroker Broker, string Topic)> TopicAsync(int partitions)
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("closing");
        await broker.CreateTopicAsync(topic, partitions);
        return (broker, topic);
    }

    private sealed class Listener : IRebalanceListener
    {
        public string Seen { get; private set; } = "";

        public Task Revoked { get; init; } = Task.CompletedTask;

        public TopicPartitionOffset? Commit { get; init; }

        public ValueTask OnAssignedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => Note("assigned");

        public async ValueTask OnRevokedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            await Revoked;
            if (Commit is { } offset)
                await consumer.CommitAsync([offset], cancellationToken);
            await Note("revoked");
        }

        public ValueTask OnLostAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => Note("lost");

        private ValueTask Note(string what)
        {
            Seen = $"{Seen} {what}".TrimStart();
            return ValueTask.CompletedTask;
        }
    }
}
