using CsCheck;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>
/// What the sticky strategies promise (KIP-54, KIP-429), held by generated groups: each partition has one member, the shares are as even as the
/// subscriptions allow, and when a member joins or leaves, no partition moves that need not.
/// </summary>
public abstract class StickyAssignmentContract(ILogProvider provider) : LogContract(provider)
{
    /// <summary>One to three topics of one to six partitions, and two or three members, of which one leaves in the end.</summary>
    private static readonly Gen<(int[] Partitions, int Members, int Leaving)> s_groups = Gen.Select(Gen.Int[1, 6].Array[1, 3], Gen.Int[2, 3], Gen.Int[0, 1]);

    /// <summary>As above, but each member has topics of its own choice.</summary>
    private static readonly Gen<(int[] Partitions, bool[][] Subscribed)> s_mixedGroups = Gen.Select(
        Gen.Int[1, 5].Array[3], Gen.Bool.Array[3].Where(topics => topics.Contains(true)).Array[2, 3]);

    [Theory]
    [InlineData(AssignmentStrategy.Sticky)]
    [InlineData(AssignmentStrategy.CooperativeSticky)]
    public async Task Nothing_moves_that_need_not_when_a_member_joins_or_leaves(string strategy)
    {
        DemandStrategy(strategy);
        await s_groups.SampleAsync(
            async (counts, size, leaving) =>
            {
                (string Name, int Count)[] topics = await TopicsAsync(counts);
                await using Group group = new(Log, MemberOf(Unique("group"), strategy), topics);
                string[] names = [.. topics.Select(t => t.Name)];
                for (int i = 0; i < size; i++) await group.JoinAsync(names);
                await group.SettleAsync();
                Dictionary<Member, TopicPartition[]> before = group.Shares();

                // Who was there gives up some and gets nothing; so no more moves than the new member has.
                await group.JoinAsync(names);
                await group.SettleAsync();
                foreach ((Member member, TopicPartition[] share) in before) Assert.Empty(member.Consumer.Assignment.Except(share));

                // Who stays gets some and gives up nothing.
                before = group.Shares();
                Member left = group.Members[leaving];
                await group.LeaveAsync(left);
                await group.SettleAsync();
                foreach ((Member member, TopicPartition[] share) in before.Where(m => m.Key != left)) Assert.Empty(share.Except(member.Consumer.Assignment));
            },
            iter: Provider.Samples, threads: 1);
    }

    [Theory]
    [InlineData(AssignmentStrategy.Sticky)]
    [InlineData(AssignmentStrategy.CooperativeSticky)]
    public async Task Shares_are_as_even_as_different_subscriptions_allow(string strategy)
    {
        DemandStrategy(strategy);
        await s_mixedGroups.SampleAsync(
            async (counts, subscribed) =>
            {
                (string Name, int Count)[] topics = await TopicsAsync(counts);
                await using Group group = new(Log, MemberOf(Unique("group"), strategy), topics);
                foreach (bool[] choice in subscribed) await group.JoinAsync([.. topics.Where((_, t) => choice[t]).Select(t => t.Name)]);
                await group.SettleAsync();
            },
            iter: Provider.Samples, threads: 1);
    }

    private void DemandStrategy(string strategy)
        => Demand(strategy == AssignmentStrategy.Sticky ? LogFeature.StickyAssignment : LogFeature.CooperativeRebalancing);

    private async Task<(string Name, int Count)[]> TopicsAsync(int[] counts)
    {
        List<(string, int)> topics = [];
        foreach (int count in counts) topics.Add((await TopicAsync(count), count));
        return [.. topics];
    }

    private sealed record Member(ILogConsumer Consumer, string[] Topics);

    private sealed class Group(ILogBroker log, ConsumerOptions options, (string Name, int Count)[] topics) : IAsyncDisposable
    {
        public List<Member> Members { get; } = [];

        private ILogConsumer[] Consumers => [.. Members.Select(m => m.Consumer)];

        public Dictionary<Member, TopicPartition[]> Shares() => Members.ToDictionary(m => m, m => m.Consumer.Assignment.ToArray());

        public async Task JoinAsync(string[] chosen)
        {
            Member member = new(log.CreateConsumer(options), chosen);
            ILogConsumer[] others = Consumers;
            Members.Add(member);
            await ReadWhileAsync(member.Consumer.SubscribeAsync(chosen).AsTask(), others);
        }

        public async Task LeaveAsync(Member member)
        {
            Members.Remove(member);
            await member.Consumer.DisposeAsync();
        }

        /// <summary>Reads until each partition that somebody wants has one member and the shares are even. Who has two more than another must have nothing that the other wants.</summary>
        public Task SettleAsync() => ReadUntilAsync(IsSettled, Consumers);

        public async ValueTask DisposeAsync()
        {
            foreach (Member member in Members) await member.Consumer.DisposeAsync();
        }

        private bool IsSettled()
        {
            IEnumerable<TopicPartition> wanted = topics.Where(t => Members.Any(m => m.Topics.Contains(t.Name)))
                .SelectMany(t => Enumerable.Range(0, t.Count).Select(i => new TopicPartition(t.Name, i)));
            TopicPartition[] dealt = [.. Members.SelectMany(m => m.Consumer.Assignment)];
            return dealt.Length == wanted.Count() && wanted.All(dealt.Contains) && Members.All(
                more => Members.All(less => more.Consumer.Assignment.Count < less.Consumer.Assignment.Count + 2
                    || !more.Consumer.Assignment.Any(p => less.Topics.Contains(p.Topic))));
        }
    }
}

public sealed class Sticky_assignment_on_native(NativeLog log) : StickyAssignmentContract(log);

public sealed class Sticky_assignment_on_native_on_disk(NativeDiskLog log) : StickyAssignmentContract(log);

public sealed class Sticky_assignment_on_kafka(KafkaLog log) : StickyAssignmentContract(log);
