namespace MessagingModels.Cli.Tests.Commands;

public sealed class QueueCommandTests
{
    [Fact]
    public async Task A_queue_is_declared_filled_listed_purged_and_deleted_over_several_runs()
    {
        using TemporaryDirectory data = new();

        Assert.Equal(
            ["Declared the queue tasks; it holds 0 messages."],
            await ToolRun.OutputOfAsync($"queue declare tasks --data {data} --argument x-max-length=10 --argument x-overflow=reject-publish"));
        Assert.Equal(["Published 3."], await ToolRun.OutputOfAsync($"publish --queue tasks --data {data} a bb ccc"));

        string row = (await ToolRun.OutputOfAsync($"queue list --data {data}"))[1];
        Assert.StartsWith("tasks  3         6 ", row, StringComparison.Ordinal);
        Assert.Contains("x-max-length=10", row, StringComparison.Ordinal);

        Assert.Equal(["Deleted 3 messages of the queue tasks."], await ToolRun.OutputOfAsync($"queue purge tasks --data {data}"));
        Assert.Equal(["Deleted the queue tasks with 0 messages."], await ToolRun.OutputOfAsync($"queue delete tasks --data {data}"));
    }

    [Theory]
    [InlineData("queue purge missing", "missing")]
    [InlineData("queue delete missing", "missing")]
    [InlineData("queue bind tasks missing", "missing")]
    [InlineData("queue declare tasks --argument x-max-length=5", "x-max-length")]
    [InlineData("consume --queue missing", "missing")]
    public async Task What_the_broker_refuses_is_told_in_a_line_with_exit_code_1(string commandLine, string named)
    {
        using TemporaryDirectory data = new();
        await ToolRun.OutputOfAsync($"queue declare tasks --data {data}");

        ToolRun run = await ToolRun.OfAsync($"{commandLine} --data {data}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(named, Assert.Single(run.Error), StringComparison.Ordinal);
    }
}
