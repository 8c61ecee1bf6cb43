using MessagingModels.Broker.Groups;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Broker.Tests.Groups;

public sealed class GroupCoordinatorTests : IAsyncDisposable
{
    private static readonly TopicPartition s_p0 = new("orders", 0);
    private static readonly TopicPartition s_p1 = new("orders", 1);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly BrokerContext _context;
    private GroupCoordinator _groups;

    public GroupCoordinatorTests()
    {
        _context = new BrokerContext
        {
            Data = DataDirectory.InMemory(),
            Options = new EmbeddedBrokerOptions { TimeProvider = _time },
            Loggers = NullLoggerFactory.Instance,
        };
        _groups = Open();
    }

    public async ValueTask DisposeAsync()
    {
        await _groups.DisposeAsync();
        _context.Data.Dispose();
    }

    [Fact]
    public async Task Committed_offset_is_fetched_with_its_metadata_after_a_restart()
    {
        await CommitAsync(s_p0, 42, "note");
        await ReopenAsync();

        FetchedOffset fetched = Fetch(s_p0);
        Assert.Equal((42, "note"), (fetched.Offset.Value, fetched.Metadata));
        Assert.False(Fetch(s_p1).IsCommitted);
    }

    [Fact]
    public void Unknown_group_has_no_offsets_and_no_error()
        => Assert.Equal((LogErrorCode.None, -1), (Fetch(s_p0).Error, Fetch(s_p0).Offset.Value));

    [Fact]
    public async Task Commit_for_an_unknown_partition_fails_alone()
    {
        IReadOnlyList<LogErrorCode> errors = await _groups.CommitOffsetsAsync(
            "billing", GroupCaller.None,
            [new OffsetCommit(new TopicPartition("nowhere", 0), new Offset(1), ""), new OffsetCommit(s_p0, new Offset(1), "")], default);
        Assert.Equal([LogErrorCode.UnknownTopicOrPartition, LogErrorCode.None], errors);
        Assert.Equal(1, Fetch(s_p0).Offset.Value);
    }

    [Fact]
    public async Task Commit_with_too_much_text_is_refused()
    {
        IReadOnlyList<LogErrorCode> errors = await _groups.CommitOffsetsAsync(
            "billing", GroupCaller.None, [new OffsetCommit(s_p0, new Offset(1), new string('x', 5000))], default);
        Assert.Equal([LogErrorCode.OffsetMetadataTooLarge], errors);
    }

    [Fact]
    public async Task Member_of_a_group_that_does_not_exist_cannot_commit()
    {
        IReadOnlyList<LogErrorCode> errors = await _groups.CommitOffsetsAsync(
            "billing", new GroupCaller("m", null, 3), [new OffsetCommit(s_p0, new Offset(1), "")], default);
        Assert.Equal([LogErrorCode.IllegalGeneration], errors);
        Assert.Empty(_groups.List());
    }

    [Fact]
    public async Task Two_members_share_a_group_through_the_coordinator()
    {
        JoinGroupResponse first = await JoinAsync("a");
        await SyncAsync(first);
        Task<JoinGroupResponse> second = JoinAsync("b");
        JoinGroupResponse leader = await JoinAsync("a", first.MemberId);
        JoinGroupResponse follower = await second;

        Task<SyncGroupResponse> waiting = SyncAsync(follower);
        Assert.False(waiting.IsCompleted);
        SyncGroupResponse own = await SyncAsync(leader);
        SyncGroupResponse other = await waiting;

        Assert.Equal((LogErrorCode.None, LogErrorCode.None), (own.Error, other.Error));
        GroupDescription described = _groups.Describe("billing", _ => new Offset(0))!;
        Assert.Equal((GroupStatus.Stable, 2, "range"), (described.Status, described.Members.Count, described.AssignmentStrategy));
    }

    [Fact]
    public async Task Watchers_are_told_of_a_rebalance_at_once()
    {
        await SyncAsync(await JoinAsync("a"));
        int told = 0;
        using IDisposable watch = _groups.Watch("billing", () => told++);
        _ = JoinAsync("b");
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task Silent_member_is_dropped_by_the_timer()
    {
        await SyncAsync(await JoinAsync("a"));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(new GroupListing("billing", GroupStatus.Empty), Assert.Single(_groups.List()));
    }

    [Fact]
    public async Task Members_of_this_process_are_gone_after_a_restart_and_those_elsewhere_are_not()
    {
        await SyncAsync(await JoinAsync("a", host: GroupCoordinator.InProcessHost));
        await ReopenAsync();
        Assert.Equal(GroupStatus.Empty, Assert.Single(_groups.List()).Status);

        JoinGroupResponse remote = await JoinAsync("b", host: "/10.0.0.1");
        await SyncAsync(remote);
        await ReopenAsync();
        Assert.Equal(LogErrorCode.None, _groups.Heartbeat("billing", new GroupCaller(remote.MemberId, null, remote.Generation)));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(GroupStatus.Empty, Assert.Single(_groups.List()).Status);
    }

    [Fact]
    public async Task Group_with_members_is_neither_deleted_nor_reset()
    {
        await SyncAsync(await JoinAsync("a"));
        Assert.Equal(LogErrorCode.NonEmptyGroup, await _groups.DeleteAsync("billing", default));
        Assert.Equal(LogErrorCode.NonEmptyGroup, await _groups.ResetOffsetsAsync("billing", [new("orders", 0, new Offset(1))], default));
    }

    [Fact]
    public async Task Deleted_group_stays_away_after_a_restart()
    {
        await CommitAsync(s_p0, 42);
        Assert.Equal(LogErrorCode.None, await _groups.DeleteAsync("billing", default));
        await ReopenAsync();
        Assert.Empty(_groups.List());
        Assert.False(Fetch(s_p0).IsCommitted);
        Assert.Equal(LogErrorCode.GroupIdNotFound, await _groups.DeleteAsync("billing", default));
    }

    [Fact]
    public async Task Reset_creates_a_group_that_is_not_there()
    {
        Assert.Equal(LogErrorCode.None, await _groups.ResetOffsetsAsync("billing", [new("orders", 1, new Offset(7))], default));
        Assert.Equal(7, Fetch(s_p1).Offset.Value);
    }

    [Fact]
    public async Task Offsets_of_a_group_without_members_expire_and_the_group_with_them()
    {
        await CommitAsync(s_p0, 42);
        _time.Advance(TimeSpan.FromDays(6));
        _groups.RunMaintenance();
        Assert.True(Fetch(s_p0).IsCommitted);

        _time.Advance(TimeSpan.FromDays(2));
        Assert.False(Fetch(s_p0).IsCommitted);
        Assert.Empty(_groups.List());
        await ReopenAsync();
        Assert.Empty(_groups.List());
    }

    [Fact]
    public async Task Offsets_of_a_deleted_topic_are_forgotten()
    {
        await CommitAsync(s_p0, 42);
        await _groups.ForgetTopicAsync("orders", default);
        await ReopenAsync();
        Assert.False(Fetch(s_p0).IsCommitted);
    }

    [Fact]
    public async Task Offsets_of_a_subscribed_topic_are_not_deleted()
    {
        byte[] subscription = ConsumerProtocol.WriteSubscription(new ConsumerSubscription(["orders"], [], -1), asStickyUserData: false);
        await SyncAsync(await JoinAsync("a", metadata: subscription));
        TopicPartition other = new("parcels", 0);
        await _groups.ResetOffsetsAsync("other", [new("orders", 0, new Offset(1))], default);

        Assert.Equal(
            [LogErrorCode.GroupSubscribedToTopic, LogErrorCode.None], await _groups.DeleteOffsetsAsync("billing", [s_p0, other], default));
        Assert.Equal([LogErrorCode.None], await _groups.DeleteOffsetsAsync("other", [s_p0], default));
    }

    [Theory]
    [InlineData(true, 9, false)]
    [InlineData(false, 5, false)]
    [InlineData(true, 9, true)]
    [InlineData(false, 5, true)]
    public async Task Offsets_of_a_transaction_count_when_it_commits(bool commit, long expected, bool withRestart)
    {
        await CommitAsync(s_p0, 5);
        IReadOnlyList<LogErrorCode> errors = await _groups.CommitTransactionOffsetsAsync(
            "billing", 7, 0, GroupCaller.None, [new OffsetCommit(s_p0, new Offset(9), "")], default);
        Assert.Equal([LogErrorCode.None], errors);
        if (withRestart) await ReopenAsync();
        Assert.Equal(5, Fetch(s_p0).Offset.Value);
        Assert.Equal(LogErrorCode.UnstableOffsetCommit, Assert.Single(_groups.FetchOffsets("billing", [s_p0], requireStable: true)).Error);

        await _groups.CompleteTransactionAsync(7, 0, 0, commit, default);
        Assert.Equal(expected, Fetch(s_p0).Offset.Value);
        await ReopenAsync();
        Assert.Equal(expected, Assert.Single(_groups.FetchOffsets("billing", null, requireStable: true)).Offset.Value);
    }

    [Fact]
    public async Task Later_commit_wins_over_a_transaction_that_is_decided_after_it()
    {
        await _groups.CommitTransactionOffsetsAsync("billing", 7, 0, GroupCaller.None, [new OffsetCommit(s_p0, new Offset(9), "")], default);
        await CommitAsync(s_p0, 20);
        await _groups.CompleteTransactionAsync(7, 0, 0, commit: true, default);
        Assert.Equal(20, Fetch(s_p0).Offset.Value);
    }

    [Fact]
    public async Task Closed_transaction_gate_refuses_offsets()
    {
        _groups.TransactionGate = (_, _) => LogErrorCode.InvalidTransactionState;
        Assert.Equal(
            [LogErrorCode.InvalidTransactionState],
            await _groups.CommitTransactionOffsetsAsync("billing", 7, 0, GroupCaller.None, [new OffsetCommit(s_p0, new Offset(9), "")], default));
    }

    [Fact]
    public async Task Closing_answers_those_who_wait()
    {
        await SyncAsync(await JoinAsync("a"));
        Task<JoinGroupResponse> waiting = JoinAsync("b");
        await _groups.DisposeAsync();
        Assert.Equal(LogErrorCode.CoordinatorNotAvailable, (await waiting).Error);
        Assert.Equal(LogErrorCode.CoordinatorNotAvailable, (await JoinAsync("c")).Error);
    }

    private GroupCoordinator Open() => GroupCoordinator.Open(_context, partition => partition.Topic != "nowhere");

    private async Task ReopenAsync()
    {
        await _groups.DisposeAsync();
        _groups = Open();
    }

    private FetchedOffset Fetch(TopicPartition partition) => Assert.Single(_groups.FetchOffsets("billing", [partition], requireStable: false));

    private async Task CommitAsync(TopicPartition partition, long offset, string metadata = "")
        => Assert.Equal(
            [LogErrorCode.None],
            await _groups.CommitOffsetsAsync("billing", GroupCaller.None, [new OffsetCommit(partition, new Offset(offset), metadata)], default));

    private Task<JoinGroupResponse> JoinAsync(string client, string memberId = "", string host = "", byte[]? metadata = null)
        => _groups.JoinAsync(
            new JoinGroupRequest
            {
                GroupId = "billing",
                ClientId = client,
                ClientHost = host,
                MemberId = memberId,
                SessionTimeout = TimeSpan.FromSeconds(10),
                RebalanceTimeout = TimeSpan.FromSeconds(60),
                ProtocolType = "consumer",
                Protocols = [new GroupProtocol("range", metadata)],
            },
            default).AsTask().WaitAsync(s_limit);

    private Task<SyncGroupResponse> SyncAsync(JoinGroupResponse joined)
        => _groups.SyncAsync(
            new SyncGroupRequest { GroupId = "billing", Generation = joined.Generation, MemberId = joined.MemberId }, default)
            .AsTask().WaitAsync(s_limit);
}
