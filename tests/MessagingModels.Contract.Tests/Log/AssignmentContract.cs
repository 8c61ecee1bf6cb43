using CsCheck;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>Which partitions each member gets from the strategies that leave nothing open: generated groups get what the definition says, computed here anew.</summary>
public abstract class AssignmentContract(ILogProvider provider) : LogContract(provider)
{
    /// <summary>Two to three members, each with one to three topics of one to five partitions.</summary>
    private static readonly Gen<(int[] Partitions, bool[][] Subscribed)> s_groups = Gen.Select(
        Gen.Int[1, 5].Array[3], Gen.Bool.Array[3].Where(topics => topics.Contains(true)).Array[2, 3]);

    [Fact]
    public Task Range_gives_each_member_its_range_of_each_topic()
        => SampleAsync(AssignmentStrategy.Range, static (topics, members) =>
        {
            foreach ((string topic, int count) in topics)
            {
                Member[] subscribed = [.. members.Where(m => m.Topics.Contains(topic))];
                int next = 0;
                for (int i = 0; i < subscribed.Length; i++)
                {
                    int share = (count / subscribed.Length) + (i < count % subscribed.Length ? 1 : 0);
                    for (int end = next + share; next < end; next++) subscribed[i].Expected.Add(new TopicPartition(topic, next));
                }
            }
        });

    [Fact]
    public Task Round_robin_deals_all_partitions_out_in_turn()
        => SampleAsync(AssignmentStrategy.RoundRobin, static (topics, members) =>
        {
            int turn = 0;
            foreach ((string topic, int count) in topics)
            {
                if (!members.Any(m => m.Topics.Contains(topic))) continue;
                for (int partition = 0; partition < count; partition++)
                {
                    while (!members[turn % members.Length].Topics.Contains(topic)) turn++;
                    members[turn++ % members.Length].Expected.Add(new TopicPartition(topic, partition));
                }
            }
        });

    [Fact]
    public async Task Group_uses_the_strategy_that_all_members_have_in_common()
    {
        string topic = await TopicAsync(partitions: 2), group = Unique("group");
        ILogConsumer first = await JoinAsync(MemberOf(group) with { AssignmentStrategies = ["range", "roundrobin"] }, null, topic);
        ILogConsumer second = Consumer(MemberOf(group) with { AssignmentStrategies = ["roundrobin"] });
        await ReadWhileAsync(second.SubscribeAsync([topic]).AsTask(), first);
        await ReadUntilAsync(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);

        Assert.Equal("roundrobin", (await Log.DescribeGroupAsync(group)).AssignmentStrategy);
    }

    /// <summary>Static members, so that their order, by which both strategies go, is known.</summary>
    private async Task SampleAsync(string strategy, Action<(string, int)[], Member[]> expect)
    {
        Demand(LogFeature.StaticMembership);
        await s_groups.SampleAsync(
            async (partitions, subscribed) =>
            {
                string group = Unique("group");
                (string Name, int Count)[] topics = new (string, int)[partitions.Length];
                for (int i = 0; i < topics.Length; i++) topics[i] = (await TopicAsync(partitions[i]), partitions[i]);
                Array.Sort(topics, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
                Member[] members = [.. subscribed.Select((topicsOf, m) => new Member(
                    Log.CreateConsumer(MemberOf(group, strategy) with { GroupInstanceId = $"member-{m}", SessionTimeout = TimeSpan.FromSeconds(6) }),
                    [.. topics.Where((_, t) => topicsOf[t]).Select(t => t.Name)], []))];
                expect(topics, members);
                try
                {
                    await SettleAsync(members);
                }
                finally
                {
                    foreach (Member member in members) await member.Consumer.DisposeAsync();
                }
            },
            iter: Provider.Samples, threads: 1);
    }

    private static async Task SettleAsync(Member[] members)
    {
        List<ILogConsumer> joined = [];
        foreach (Member member in members)
        {
            await ReadWhileAsync(member.Consumer.SubscribeAsync(member.Topics).AsTask(), [.. joined]);
            joined.Add(member.Consumer);
        }

        await ReadUntilAsync(
            () => members.All(m => m.Consumer.Assignment.Count == m.Expected.Count && m.Consumer.Membership.Generation == members[0].Consumer.Membership.Generation),
            [.. joined]);
        foreach (Member member in members) Assert.Equal(Names(member.Expected), Names(member.Consumer.Assignment));
    }

    private static IEnumerable<string> Names(IEnumerable<TopicPartition> partitions) => partitions.Select(p => p.ToString()).Order(StringComparer.Ordinal);

    private sealed record Member(ILogConsumer Consumer, string[] Topics, List<TopicPartition> Expected);
}

public sealed class Assignment_on_native(NativeLog log) : AssignmentContract(log);

public sealed class Assignment_on_native_on_disk(NativeDiskLog log) : AssignmentContract(log);

public sealed class Assignment_on_kafka(KafkaLog log) : AssignmentContract(log);
