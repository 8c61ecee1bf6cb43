namespace MessagingModels.Cli.Tests.Commands;

public sealed class TopicCommandTests
{
    [Fact]
    public async Task A_topic_is_created_listed_described_and_deleted_over_several_runs()
    {
        using TemporaryDirectory data = new();

        Assert.Equal(
            ["Created the topic orders with 3 partitions."],
            await ToolRun.OutputOfAsync($"topic create orders --data {data} --partitions 3 --config retention.ms=60000"));
        Assert.Equal(
            ["TOPIC   PARTITIONS  OFFSETS", "orders  3           0"],
            await ToolRun.OutputOfAsync($"topic list --data {data}"));

        IReadOnlyList<string> description = await ToolRun.OutputOfAsync($"topic describe orders --data {data}");
        Assert.Contains("2          0      0    ok", description);
        Assert.Contains(description, line => line.StartsWith("retention.ms ", StringComparison.Ordinal) && line.EndsWith("60000                set", StringComparison.Ordinal));

        Assert.Equal(["Deleted the topic orders."], await ToolRun.OutputOfAsync($"topic delete orders --data {data}"));
        Assert.Single(await ToolRun.OutputOfAsync($"topic list --data {data}"));
    }

    [Theory]
    [InlineData("topic create orders", "orders")]
    [InlineData("topic create two --config retention.ms=soon", "retention.ms")]
    [InlineData("topic create 'not legal'", "not legal")]
    [InlineData("topic describe missing", "missing")]
    [InlineData("topic delete missing", "missing")]
    public async Task What_the_broker_refuses_is_told_in_a_line_with_exit_code_1(string commandLine, string named)
    {
        using TemporaryDirectory data = new();
        await ToolRun.OutputOfAsync($"topic create orders --data {data}");

        ToolRun run = await ToolRun.OfAsync($"{commandLine} --data {data}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(named, Assert.Single(run.Error), StringComparison.Ordinal);
    }
}
