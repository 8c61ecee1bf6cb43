using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.Tests;

public sealed class BrokerWatchTests
{
    [Fact]
    public async Task A_broker_that_runs_elsewhere_is_lost_after_several_failures_in_a_row()
    {
        int asked = 0;
        BrokerWatch watch = new("Kafka", [], _ => ++asked == 2 ? Task.CompletedTask : throw new BrokerUnavailableException($"refused {asked}."));

        string loss = await watch.RunAsync(TestContext.Current.CancellationToken).WaitAsync(Homes.Patience);

        Assert.Equal("Kafka does not answer any more: refused 5.", loss);
    }

    [Fact]
    public async Task The_watch_ends_when_nobody_is_interested_any_more()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new BrokerWatch("Kafka", [], null).RunAsync(stop.Token));
    }

    [Fact]
    public async Task A_process_is_told_dead_where_nobody_here_ended_it()
    {
        await using ProcessGroup group = ProcessGroup.Create("test", null);
        ShellCommand sleep = new("/bin/sleep", ["600"]);
        foreach (string name in (string[])["killed", "stopped", "dead", "alive"])
            await group.StartAsync(name, sleep, TestContext.Current.CancellationToken);

        await group.KillAsync("killed");
        await group.StopAsync("stopped");
        System.Diagnostics.Process.GetProcessById(group.ProcessIdOf("dead")).Kill();
        await group.ExitOf("dead").WaitAsync(Homes.Patience);

        Assert.Equal([false, false, true, false], ((string[])["killed", "stopped", "dead", "alive"]).Select(group.HasDied));
    }
}
