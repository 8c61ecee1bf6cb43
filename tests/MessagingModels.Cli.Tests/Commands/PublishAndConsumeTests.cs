using MessagingModels.Broker;

namespace MessagingModels.Cli.Tests.Commands;

public sealed class PublishAndConsumeTests
{
    [Fact]
    public async Task Records_are_read_back_from_the_start_every_time()
    {
        using TemporaryDirectory data = new();
        await ToolRun.OutputOfAsync($"topic create orders --data {data}");

        Assert.Equal(["Published 2."], await ToolRun.OutputOfAsync($"publish --topic orders --key alice --data {data} '1 tea' '2 cakes'"));

        string[] expected = ["0:0\talice\t1 tea", "0:1\talice\t2 cakes"];
        Assert.Equal(expected, await ToolRun.OutputOfAsync($"consume --topic orders --data {data}"));
        Assert.Equal(expected, await ToolRun.OutputOfAsync($"consume --topic orders --data {data}"));
    }

    [Fact]
    public async Task A_group_goes_on_where_its_last_run_ended()
    {
        using TemporaryDirectory data = new();
        await ToolRun.OutputOfAsync($"topic create orders --data {data}");
        await ToolRun.OutputOfAsync($"publish --topic orders --data {data}", input: "a\nb\nc\n");

        Assert.Equal(["0:0\t\ta", "0:1\t\tb"], await ToolRun.OutputOfAsync($"consume --topic orders --group billing --count 2 --data {data}"));
        Assert.Equal(["0:2\t\tc"], await ToolRun.OutputOfAsync($"consume --topic orders --group billing --data {data}"));
        Assert.Empty(await ToolRun.OutputOfAsync($"consume --topic orders --group billing --data {data}"));
    }

    [Fact]
    public async Task A_queue_gives_each_message_once()
    {
        using TemporaryDirectory data = new();
        await ToolRun.OutputOfAsync($"queue declare audit --data {data}");
        await ToolRun.OutputOfAsync($"queue bind audit amq.topic --key order.# --data {data}");

        Assert.Equal(["Published 1."], await ToolRun.OutputOfAsync($"publish --exchange amq.topic --key order.placed --data {data} '1 tea'"));

        Assert.Equal(["order.placed\t1 tea"], await ToolRun.OutputOfAsync($"consume --queue audit --data {data}"));
        Assert.Empty(await ToolRun.OutputOfAsync($"consume --queue audit --data {data}"));
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_is_told_of()
    {
        using TemporaryDirectory data = new();
        await ToolRun.OutputOfAsync($"queue declare audit --data {data}");

        ToolRun run = await ToolRun.OfAsync($"publish --exchange amq.topic --key order.placed --data {data} '1 tea'");

        Assert.Equal("mm: 1 had no queue or topic to go to (routing key 'order.placed').", Assert.Single(run.Error));
        Assert.Equal(["Published 0."], run.Output);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task A_directory_that_another_broker_has_open_is_refused()
    {
        using TemporaryDirectory data = new();
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = data.Path });

        ToolRun run = await ToolRun.OfAsync($"topic list --data {data}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(data.Path, Assert.Single(run.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_command_ends_with_130()
    {
        using TemporaryDirectory data = new();
        await ToolRun.OutputOfAsync($"topic create orders --data {data}");
        using CancellationTokenSource interrupted = new();
        await interrupted.CancelAsync();

        ToolRun run = await ToolRun.OfAsync(["consume", "--topic", "orders", "--data", data.Path], cancellationToken: interrupted.Token);

        Assert.Equal(130, run.ExitCode);
        Assert.Equal("mm: interrupted", Assert.Single(run.Error));
    }
}
