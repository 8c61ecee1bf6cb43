using System.Text.RegularExpressions;
using MessagingModels.Broker.Embedded.Consumers;
using MessagingModels.Broker.Tests.Partitions;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Broker.Tests.Embedded.Consumers;

public sealed class ConsumerGroupTests : IAsyncDisposable
{
    private static readonly TopicPartition s_p0 = new("orders", 0);
    private static readonly TopicPartition s_p1 = new("orders", 1);

    private readonly LogHarness _log = new();

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    [Fact]
    public async Task Next_member_reads_on_from_what_was_committed()
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, "a", "b", "c");
        await using (EmbeddedConsumer first = _log.Member())
        {
            await first.SubscribeAsync(["orders"]);
            await LogHarness.ReadAsync(first, 2);
            await first.CommitAsync();
            Assert.Equal(new Offset(2), (await first.CommittedAsync(s_p0))!.Value.Offset);
        }

        await using EmbeddedConsumer second = _log.Member();
        await second.SubscribeAsync(["orders"]);
        Assert.Equal(["c"], await LogHarness.ReadAsync(second, 1));
    }

    [Fact]
    public async Task Automatic_commit_at_disposal_covers_what_was_read()
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, "a", "b");
        ConsumerOptions options = new() { GroupId = "billing", OffsetReset = OffsetReset.Earliest, AutoCommit = true };
        await using (EmbeddedConsumer first = _log.Consumer(options))
        {
            await first.SubscribeAsync(["orders"]);
            await LogHarness.ReadAsync(first, 1);
        }

        await using EmbeddedConsumer second = _log.Consumer(options);
        await second.SubscribeAsync(["orders"]);
        Assert.Equal(["b"], await LogHarness.ReadAsync(second, 1));
    }

    [Theory]
    [InlineData(AssignmentStrategy.Range)]
    [InlineData(AssignmentStrategy.RoundRobin)]
    [InlineData(AssignmentStrategy.Sticky)]
    [InlineData(AssignmentStrategy.CooperativeSticky)]
    public async Task Two_members_share_the_partitions_and_one_takes_over_when_the_other_leaves(string strategy)
    {
        await _log.CreateAsync("orders", partitions: 2);
        await using EmbeddedConsumer first = _log.Member("billing", strategy);
        await first.SubscribeAsync(["orders"]);
        Assert.Equal(2, first.Assignment.Count);

        EmbeddedConsumer second = _log.Member("billing", strategy);
        Task joining = second.SubscribeAsync(["orders"]).AsTask();
        await LogHarness.PollUntilAsync(() => joining.IsCompleted, first);
        await joining;
        await LogHarness.PollUntilAsync(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);
        Assert.Equal([s_p0, s_p1], first.Assignment.Concat(second.Assignment).OrderBy(p => p.Partition));

        await second.DisposeAsync();
        await LogHarness.PollUntilAsync(() => first.Assignment.Count == 2, first);
    }

    [Fact]
    public async Task Cooperative_member_keeps_what_it_does_not_lose()
    {
        await _log.CreateAsync("orders", partitions: 2);
        RecordingListener listener = new();
        await using EmbeddedConsumer first = _log.Member("billing", AssignmentStrategy.CooperativeSticky);
        await using EmbeddedConsumer second = _log.Member("billing", AssignmentStrategy.CooperativeSticky);
        await first.SubscribeAsync(["orders"], listener);
        Task joining = second.SubscribeAsync(["orders"]).AsTask();
        await LogHarness.PollUntilAsync(() => joining.IsCompleted, first);
        await LogHarness.PollUntilAsync(() => second.Assignment.Count == 1, first, second);

        Assert.Equal("assigned orders-0 orders-1", listener.Calls.First());
        Assert.Equal($"revoked {second.Assignment.Single()}", listener.Calls.Last());
        Assert.Equal(2, listener.Calls.Count);
    }

    [Fact]
    public async Task Revoked_partitions_can_be_committed_by_the_listener()
    {
        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, "a", "b");
        RecordingListener listener = new() { Revoking = (consumer, _) => consumer.CommitAsync() };
        await using EmbeddedConsumer first = _log.Member();
        await using EmbeddedConsumer second = _log.Member();
        await first.SubscribeAsync(["orders"], listener);
        await LogHarness.ReadAsync(first, 1);
        Task joining = second.SubscribeAsync(["orders"]).AsTask();
        await LogHarness.PollUntilAsync(() => joining.IsCompleted, first);

        Assert.Contains("revoked orders-0", listener.Calls);
        Assert.Equal(new Offset(1), (await second.CommittedAsync(s_p0))!.Value.Offset);
    }

    [Fact]
    public async Task Topic_created_later_is_read_by_name_and_by_pattern()
    {
        await using EmbeddedConsumer byName = _log.Member("names");
        await using EmbeddedConsumer byPattern = _log.Member("patterns");
        await byName.SubscribeAsync(["orders"]);
        await byPattern.SubscribeAsync(new Regex("ord.*"));
        Assert.Empty(byName.Assignment);

        await _log.CreateAsync("orders");
        await _log.AppendAsync(s_p0, "a");
        Assert.Equal(["a"], await LogHarness.ReadAsync(byName, 1));
        Assert.Equal(["a"], await LogHarness.ReadAsync(byPattern, 1));
    }

    [Fact]
    public async Task Member_that_stops_reading_leaves_and_rejoins_with_its_next_read()
    {
        FakeTimeProvider time = new();
        await using LogHarness log = new(time);
        await log.CreateAsync("orders");
        RecordingListener listener = new();
        await using EmbeddedConsumer consumer = log.Consumer(new ConsumerOptions
        {
            GroupId = "billing",
            MaxPollInterval = TimeSpan.FromSeconds(30),
            SessionTimeout = TimeSpan.FromSeconds(10),
        });
        await consumer.SubscribeAsync(["orders"], listener);
        string memberId = consumer.Membership.MemberId;
        for (int i = 0; i < 12; i++) time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(-1, consumer.Membership.Generation);
        LogException refused = await Assert.ThrowsAsync<LogException>(async () => await consumer.CommitAsync([new("orders", 0, Offset.Zero)]));
        Assert.Equal(LogErrorCode.UnknownMemberId, refused.ErrorCode);

        await PollUntilAsync(() => listener.Calls.Count >= 3, consumer);

        Assert.Equal(["assigned orders-0", "lost orders-0", "assigned orders-0"], listener.Calls);
        Assert.NotEqual(memberId, consumer.Membership.MemberId);
    }

    [Fact]
    public async Task Member_that_stops_reading_during_a_rebalance_has_lost_its_partitions()
    {
        FakeTimeProvider time = new();
        await using LogHarness log = new(time);
        await log.CreateAsync("orders");
        RecordingListener listener = new();
        ConsumerOptions options = new() { GroupId = "billing", MaxPollInterval = TimeSpan.FromSeconds(30), SessionTimeout = TimeSpan.FromSeconds(10) };
        await using EmbeddedConsumer idle = log.Consumer(options);
        await using EmbeddedConsumer other = log.Consumer(options);
        await idle.SubscribeAsync(["orders"], listener);
        await other.SubscribeAsync(["orders"]);
        for (int i = 0; i < 12; i++) time.Advance(TimeSpan.FromSeconds(3));
        await idle.PollAsync(TimeSpan.Zero);

        Assert.Equal(["assigned orders-0", "lost orders-0"], listener.Calls);
    }

    [Fact]
    public async Task Subscription_waits_for_its_assignment_however_slow_the_disk()
    {
        TimeSpan flush = TimeSpan.Zero;
        CrashingFileSystem files = new(new MemoryFileSystem()) { BeforeFlush = () => Thread.Sleep(flush) };
        await using LogHarness log = new(files);
        await log.CreateAsync("orders");
        flush = TimeSpan.FromMilliseconds(400);
        await using EmbeddedConsumer member = log.Member();
        await member.SubscribeAsync(["orders"]);

        Assert.Equal([s_p0], member.Assignment);
    }

    [Fact]
    public async Task Heartbeats_during_a_rebalance_do_not_cause_another()
    {
        FakeTimeProvider time = new();
        await using LogHarness log = new(time);
        await log.CreateAsync("orders", partitions: 2);
        ConsumerOptions options = new() { GroupId = "billing", AssignmentStrategies = [AssignmentStrategy.Range] };
        RecordingListener listener = new() { Revoking = (_, _) => Advance(time, options.HeartbeatInterval) };
        await using EmbeddedConsumer first = log.Consumer(options);
        await using EmbeddedConsumer second = log.Consumer(options);
        await first.SubscribeAsync(["orders"], listener);
        await second.SubscribeAsync(["orders"]);
        await PollUntilAsync(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);
        for (int i = 0; i < 3; i++) await first.PollAsync(TimeSpan.Zero);

        Assert.Equal(["assigned orders-0 orders-1", "revoked orders-0 orders-1", $"assigned {first.Assignment.Single()}"], listener.Calls);
        Assert.Equal((2, 2), (first.Membership.Generation, second.Membership.Generation));
    }

    [Fact]
    public async Task Member_whose_listener_holds_up_a_rebalance_for_too_long_comes_back_once()
    {
        FakeTimeProvider time = new();
        await using LogHarness log = new(time);
        await log.CreateAsync("orders", partitions: 2);
        ConsumerOptions options = new() { GroupId = "billing", AssignmentStrategies = [AssignmentStrategy.Range] };
        RecordingListener listener = new() { Revoking = (_, _) => Advance(time, 2 * options.MaxPollInterval) };
        await using EmbeddedConsumer slow = log.Consumer(options);

        // Nobody reads from it meanwhile either; it must not be taken out as well.
        await using EmbeddedConsumer other = log.Consumer(options with { MaxPollInterval = 10 * options.MaxPollInterval });
        await slow.SubscribeAsync(["orders"], listener);
        string memberId = slow.Membership.MemberId;
        await other.SubscribeAsync(["orders"]);
        await PollUntilAsync(() => slow.Assignment.Count == 1 && other.Assignment.Count == 1, slow, other);
        for (int i = 0; i < 3; i++) await slow.PollAsync(TimeSpan.Zero);

        Assert.NotEqual(memberId, slow.Membership.MemberId);
        Assert.Equal(["assigned orders-0 orders-1", "revoked orders-0 orders-1", $"assigned {slow.Assignment.Single()}"], listener.Calls);
    }

    [Fact]
    public async Task Heartbeats_keep_a_member_that_reads_seldom()
    {
        FakeTimeProvider time = new();
        await using LogHarness log = new(time);
        await log.CreateAsync("orders");
        await using EmbeddedConsumer consumer = log.Consumer(new ConsumerOptions { GroupId = "billing", SessionTimeout = TimeSpan.FromSeconds(10) });
        await consumer.SubscribeAsync(["orders"]);
        GroupMembership membership = consumer.Membership;
        for (int i = 0; i < 40; i++) time.Advance(TimeSpan.FromSeconds(3));
        await consumer.PollAsync(TimeSpan.Zero);

        Assert.Equal(membership, consumer.Membership);
        Assert.Single(consumer.Assignment);
    }

    [Fact]
    public async Task Static_member_that_returns_keeps_its_partitions_without_a_rebalance()
    {
        await _log.CreateAsync("orders");
        ConsumerOptions options = new() { GroupId = "billing", GroupInstanceId = "till-1" };
        EmbeddedConsumer first = _log.Consumer(options);
        await first.SubscribeAsync(["orders"]);
        int generation = first.Membership.Generation;
        await first.DisposeAsync();
        await using EmbeddedConsumer second = _log.Consumer(options);
        await second.SubscribeAsync(["orders"]);

        Assert.Equal([s_p0], second.Assignment);
        Assert.Equal(generation, second.Membership.Generation);
    }

    [Fact]
    public async Task Replaced_static_member_is_fenced()
    {
        await _log.CreateAsync("orders");
        ConsumerOptions options = new() { GroupId = "billing", GroupInstanceId = "till-1", HeartbeatInterval = TimeSpan.FromMilliseconds(20) };
        await using EmbeddedConsumer first = _log.Consumer(options);
        await using EmbeddedConsumer second = _log.Consumer(options);
        await first.SubscribeAsync(["orders"]);
        await second.SubscribeAsync(["orders"]);

        LogException error = await Assert.ThrowsAsync<LogException>(async () => await first.PollAsync(LogHarness.Limit));
        Assert.Equal(LogErrorCode.FencedInstanceId, error.ErrorCode);
    }

    [Fact]
    public async Task Consumer_without_a_group_neither_subscribes_nor_commits()
    {
        await _log.CreateAsync("orders");
        await using EmbeddedConsumer consumer = _log.Consumer();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.SubscribeAsync(["orders"]));
        await consumer.AssignAsync([s_p0]);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.CommitAsync());
    }

    [Fact]
    public void Unknown_strategy_is_named_by_the_refusal()
    {
        LogException error = Assert.Throws<LogException>(() => _log.Member("billing", "mine"));
        Assert.Equal(LogErrorCode.InconsistentGroupProtocol, error.ErrorCode);
        Assert.Contains("mine", error.Message, StringComparison.Ordinal);
    }

    private static ValueTask Advance(FakeTimeProvider time, TimeSpan by)
    {
        time.Advance(by);
        return ValueTask.CompletedTask;
    }

    /// <summary>Has members read, whose clock stands still, until a condition holds.</summary>
    private static async Task PollUntilAsync(Func<bool> condition, params EmbeddedConsumer[] members)
    {
        using CancellationTokenSource bound = new(LogHarness.Limit);
        while (!condition())
        {
            bound.Token.ThrowIfCancellationRequested();
            foreach (EmbeddedConsumer member in members) await member.PollAsync(TimeSpan.Zero);
            await Task.Yield();
        }
    }
}
