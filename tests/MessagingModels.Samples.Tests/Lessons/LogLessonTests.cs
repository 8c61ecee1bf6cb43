namespace MessagingModels.Samples.Tests.Lessons;

public sealed class LogLessonTests
{
    [Fact]
    public async Task Hello_log_reads_what_it_wrote_in_both_groups()
        => Assert.Equal(
            [
                "Created the topic foo.",
                "Wrote key=value to foo-0 at offset 0.",
                "The group 'first' read key=value at offset 0.",
                "The group 'second' read key=value at offset 0.",
            ],
            await LessonRun.RunAsync("hello-log"));

    [Fact]
    public async Task Equal_keys_share_a_partition_in_order()
    {
        IReadOnlyList<string> lines = await LessonRun.RunAsync("partitions-and-keys");

        foreach (string key in new[] { "alice", "bob", "carol", "dave" })
        {
            string[] partitions = [.. lines.Where(line => line.StartsWith($"{key,-5} ->", StringComparison.Ordinal)).Select(line => line.Split(',')[0])];
            Assert.Equal(2, partitions.Length);
            Assert.Single(partitions.Distinct());
            int first = lines.Index().Single(line => line.Item.EndsWith($": {key}'s first", StringComparison.Ordinal)).Index;
            int second = lines.Index().Single(line => line.Item.EndsWith($": {key}'s second", StringComparison.Ordinal)).Index;
            Assert.True(first < second);
        }

        Assert.Equal("A record that names partition 2 went to partition 2.", lines[^1]);
    }

    [Fact]
    public async Task A_group_shares_the_partitions_and_another_reads_all()
    {
        IReadOnlyList<string> lines = await LessonRun.RunAsync("consumer-groups");

        Assert.Equal(["orders-0", "orders-1"], lines.Take(2).Select(line => line[^8..]).Order(StringComparer.Ordinal));
        Assert.Contains("audit, only member: orders-0, orders-1", lines);
        Assert.Equal(
            ["order 0, order 2", "order 1, order 3"],
            lines.Where(line => line.StartsWith("billing, member", StringComparison.Ordinal) && line.Contains("read", StringComparison.Ordinal))
                .Select(line => line.Split("read: ")[1]).Order(StringComparer.Ordinal));
        Assert.Contains("audit read: order 0, order 1, order 2, order 3", lines);
        Assert.Contains("billing: 2 members, 2 committed offsets.", lines);
    }

    [Fact]
    public async Task Partitions_move_to_a_new_member_and_back()
    {
        IReadOnlyList<string> lines = await LessonRun.RunAsync("rebalance");

        Assert.Contains("Alone, the first member has 4 partitions.", lines);
        Assert.Contains("Now the first has 2 and the second 2.", lines);
        Assert.Contains("The first member has 4 partitions again.", lines);
        Assert.Contains("The group is Stable, with 1 member, by the strategy cooperative-sticky.", lines);
        string given = lines.First(line => line.StartsWith("  first gives up ", StringComparison.Ordinal));
        Assert.Contains(given.Replace("first gives up", "second gets", StringComparison.Ordinal), lines);
    }

    [Fact]
    public async Task A_group_goes_on_at_its_commit_and_replays_from_anywhere()
        => Assert.Equal(
            [
                "Wrote orders 0 to 4, a minute apart.",
                "billing read order 0 and committed it.",
                "billing read order 1 and committed it.",
                "After a restart the committed offset is 2, the lag 3.",
                "billing reads on with order 2.",
                "From the beginning: order 0.",
                "From offset 3: order 3.",
                "From 12:01: order 1.",
                "After its offsets were set to 12:04, billing reads order 4.",
            ],
            await LessonRun.RunAsync("offsets-and-replay"));

    [Fact]
    public async Task Retention_cuts_the_head_and_compaction_keeps_the_last_value_of_a_key()
    {
        IReadOnlyList<string> lines = await LessonRun.RunAsync("retention-and-compaction");

        Assert.StartsWith("clicks keeps 604800000 ms", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("the end is still 10.", lines[1], StringComparison.Ordinal);
        Assert.Equal(
            [
                "  1: bob = Paris",
                "  4: alice = Lima",
                "  5: carol = (deleted; the mark goes after delete.retention.ms)",
                "  6: dave = Bern",
            ],
            lines.Skip(4));
    }

    [Fact]
    public async Task A_transaction_that_was_cut_off_is_invisible_and_its_work_done_once()
    {
        IReadOnlyList<string> lines = await LessonRun.RunAsync("idempotence-and-transactions");

        Assert.Contains("When the first worker wakes up it is refused: it was fenced.", lines);
        Assert.Contains("All that was ever written: tea: 3 EUR; tea: 3 EUR; cake: 5 EUR", lines);
        Assert.Contains("What is committed:         tea: 3 EUR; cake: 5 EUR", lines);
    }

    [Fact]
    public async Task An_own_partitioner_chooses_the_partition()
    {
        IReadOnlyList<string> lines = await LessonRun.RunAsync("own-partitioner");

        Assert.Contains("vip-alice -> partition 0", lines);
        Assert.Contains("vip-dave -> partition 0", lines);
        Assert.DoesNotContain("bob -> partition 0", lines);
        Assert.Equal("Partition 0 holds 2 records, all of them for customers that must not wait.", lines[^1]);
    }
}
