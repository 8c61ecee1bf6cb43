using CsCheck;
using MessagingModels.Broker.Groups.Assignors;

namespace MessagingModels.Broker.Tests.Groups.Assignors;

public sealed class AssignorTests
{
    private static readonly IGroupAssignor[] All =
        [new RangeAssignor(), new RoundRobinAssignor(), new StickyAssignor(), new CooperativeStickyAssignor()];

    /// <summary>Up to four topics, up to seven members that subscribe to some of them and own nothing yet.</summary>
    private static readonly Gen<(Dictionary<string, int> Counts, GroupMemberSubscription[] Members)> Groups =
        from counts in Gen.Int[1, 9].Array[1, 4]
        from masks in Gen.Int[1, 15].Array[1, 7]
        select (
            counts.Select((count, i) => (Name: $"t{i}", count)).ToDictionary(t => t.Name, t => t.count),
            masks.Select((mask, i) => new GroupMemberSubscription(
                $"m{i}", null, [.. Enumerable.Range(0, 4).Where(bit => (mask & (1 << bit)) != 0).Select(bit => $"t{bit}")], [])).ToArray());

    [Fact]
    public void Range_gives_neighbours_and_the_remainder_to_the_first()
    {
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> assignment = new RangeAssignor().Assign(
            new Dictionary<string, int> { ["a"] = 5 }, [Member("x", "a"), Member("y", "a")]);
        Assert.Equal([0, 1, 2], assignment["x"].Select(p => p.Partition));
        Assert.Equal([3, 4], assignment["y"].Select(p => p.Partition));
    }

    [Fact]
    public void Round_robin_deals_out_in_turn_over_all_topics()
    {
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> assignment = new RoundRobinAssignor().Assign(
            new Dictionary<string, int> { ["a"] = 3, ["b"] = 3 }, [Member("x", "a", "b"), Member("y", "a", "b")]);
        Assert.Equal([new("a", 0), new("a", 2), new("b", 1)], assignment["x"]);
        Assert.Equal([new("a", 1), new("b", 0), new("b", 2)], assignment["y"]);
    }

    [Fact]
    public void More_members_than_partitions_leaves_members_idle()
    {
        foreach (IGroupAssignor assignor in All)
        {
            IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> assignment = assignor.Assign(
                new Dictionary<string, int> { ["a"] = 2 }, [Member("x", "a"), Member("y", "a"), Member("z", "a")]);
            Assert.Equal([0, 1, 1], assignment.Values.Select(p => p.Count).Order());
        }
    }

    [Fact]
    public void Every_partition_with_a_subscriber_goes_to_exactly_one_subscriber() => Groups.Sample(group =>
    {
        foreach (IGroupAssignor assignor in All)
        {
            IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> assignment = assignor.Assign(group.Counts, group.Members);
            TopicPartition[] dealt = [.. assignment.Values.SelectMany(p => p)];
            Assert.Equal(dealt.Length, dealt.Distinct().Count());
            Assert.Equal(
                group.Counts.Where(t => group.Members.Any(m => m.Topics.Contains(t.Key))).Sum(t => t.Value), dealt.Length);
            foreach (GroupMemberSubscription member in group.Members)
                Assert.All(assignment[member.MemberId], p => Assert.Contains(p.Topic, member.Topics));
        }
    });

    [Fact]
    public void Sticky_is_balanced_where_all_subscribe_to_the_same() => Groups.Sample(group =>
    {
        GroupMemberSubscription[] members = [.. group.Members.Select(m => m with { Topics = [.. group.Counts.Keys] })];
        int[] counts = [.. new StickyAssignor().Assign(group.Counts, members).Values.Select(p => p.Count)];
        Assert.True(counts.Max() - counts.Min() <= 1);
    });

    [Fact]
    public void Sticky_moves_nothing_where_nothing_changed_and_only_the_orphans_where_a_member_left() => Groups.Sample(group =>
    {
        GroupMemberSubscription[] members = [.. group.Members.Select(m => m with { Topics = [.. group.Counts.Keys] })];
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> first = new StickyAssignor().Assign(group.Counts, members);
        GroupMemberSubscription[] again = [.. members.Select(m => m with { OwnedPartitions = first[m.MemberId] })];
        Assert.Equivalent(first, new StickyAssignor().Assign(group.Counts, again));
        if (again.Length == 1)
            return;
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> afterwards = new StickyAssignor().Assign(group.Counts, again[1..]);
        foreach (GroupMemberSubscription member in again[1..])
            Assert.All(first[member.MemberId], p => Assert.Contains(p, afterwards[member.MemberId]));
    });

    [Fact]
    public void Cooperative_never_gives_away_what_another_still_owns_and_gets_there_in_the_next_round() => Groups.Sample(group =>
    {
        GroupMemberSubscription[] members = [.. group.Members.Select(m => m with { Topics = [.. group.Counts.Keys] })];
        members[0] = members[0] with { OwnedPartitions = [.. SubscribedMembers.Partitions(group.Counts)] };
        CooperativeStickyAssignor assignor = new();
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> first = assignor.Assign(group.Counts, members);
        Assert.All(members[1..], m => Assert.Empty(first[m.MemberId]));
        GroupMemberSubscription[] second = [.. members.Select(m => m with { OwnedPartitions = first[m.MemberId] })];
        int[] counts = [.. assignor.Assign(group.Counts, second).Values.Select(p => p.Count)];
        Assert.Equal(group.Counts.Values.Sum(), counts.Sum());
        Assert.True(counts.Max() - counts.Min() <= 1);
    });

    [Fact]
    public void An_unknown_strategy_is_refused_with_the_known_ones()
    {
        LogException error = Assert.Throws<LogException>(() => new AssignorRegistry([]).Get("fair"));
        Assert.Equal(LogErrorCode.InconsistentGroupProtocol, error.ErrorCode);
        Assert.Contains("cooperative-sticky, range, roundrobin, sticky", error.Message, StringComparison.Ordinal);
    }

    private static GroupMemberSubscription Member(string id, params string[] topics) => new(id, null, topics, []);
}
