using System.Diagnostics;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Provisioning.Tests;

public sealed class ProcessGroupTests : IDisposable
{
    private static readonly ShellCommand Sleep = new("/bin/sleep", ["600"]);

    private readonly WorkDirectory _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task A_process_runs_until_it_is_killed_and_can_run_again()
    {
        await using ProcessGroup group = ProcessGroup.Create("test", _work.Path);
        await group.StartAsync("one", Sleep, TestContext.Current.CancellationToken);
        int first = group.ProcessIdOf("one");
        Assert.True(group.IsRunning("one"));
        await Wait.UntilAsync(() => Processes.CommandLineOf(first) == "/bin/sleep 600 ", () => Processes.CommandLineOf(first));

        await group.KillAsync("one");
        Assert.Equal(128 + 9, await group.ExitOf("one"));
        Assert.False(group.IsRunning("one"));

        await group.StartAsync("one", Sleep, TestContext.Current.CancellationToken);
        Assert.NotEqual(first, group.ProcessIdOf("one"));
        await group.StopAsync("one");
        Assert.Equal(128 + 15, await group.ExitOf("one"));
        await group.StopAsync("one");
    }

    [Fact]
    public async Task A_process_can_be_killed_before_its_start_was_awaited()
    {
        await using ProcessGroup group = ProcessGroup.Create("test", _work.Path);
        for (int round = 0; round < 10; round++)
        {
            Task start = group.StartAsync("one", Sleep, TestContext.Current.CancellationToken);
            await Wait.UntilAsync(() => group.IsRunning("one"), () => "It was not started.");

            await group.KillAsync("one").WaitAsync(Homes.Patience);

            await start;
            Assert.False(group.IsRunning("one"));
        }
    }

    [Fact]
    public async Task An_exit_code_and_what_was_said_are_kept()
    {
        await using ProcessGroup group = ProcessGroup.Create("test", _work.Path);
        ShellCommand command = new("/bin/sh", ["-c", "echo \"it's $WORD\"; exit 7"]) { Environment = new Dictionary<string, string> { ["WORD"] = "a 'b' $HOME" } };

        await group.StartAsync("one", command, TestContext.Current.CancellationToken);

        Assert.Equal(7, await group.ExitOf("one"));
        Assert.Equal("it's a 'b' $HOME\n", await File.ReadAllTextAsync(group.LogOf("one"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_process_that_does_not_stop_when_asked_is_killed()
    {
        await using ProcessGroup group = ProcessGroup.Create("test", _work.Path, stopGrace: TimeSpan.FromSeconds(1));
        LogTail log = new(group.LogOf("one"));
        ShellCommand stubborn = new("/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"]);
        await group.StartAsync("one", stubborn, TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => log.Contains("ready"), log.Excerpt);

        await group.StopAsync("one");

        Assert.Equal(128 + 9, await group.ExitOf("one"));
    }

    [Fact]
    public async Task Disposal_ends_all_and_removes_the_directory()
    {
        ProcessGroup group = ProcessGroup.Create("test", _work.Path);
        foreach (string name in (string[])["one", "two", "three"])
            await group.StartAsync(name, Sleep, TestContext.Current.CancellationToken);
        int[] processes = [group.SupervisorId, .. ((string[])["one", "two", "three"]).Select(group.ProcessIdOf)];

        await group.DisposeAsync();
        await group.DisposeAsync();

        Assert.All(processes, id => Assert.False(Processes.IsAlive(id)));
        Assert.Empty(_work.LeftOver());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => group.StartAsync("four", Sleep, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Disposal_ends_all_even_when_the_supervising_shell_was_killed()
    {
        ProcessGroup group = ProcessGroup.Create("test", _work.Path);
        await group.StartAsync("one", Sleep, TestContext.Current.CancellationToken);
        int process = group.ProcessIdOf("one");
        using (Process supervisor = Process.GetProcessById(group.SupervisorId))
        {
            supervisor.Kill();
            await supervisor.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => group.KillAsync("one"));
        await group.DisposeAsync();

        Assert.False(Processes.IsAlive(process));
        Assert.Empty(_work.LeftOver());
    }

    [Fact]
    public async Task A_supervising_shell_that_is_asked_to_end_takes_all_with_it()
    {
        await using ProcessGroup group = ProcessGroup.Create("test", _work.Path);
        await group.StartAsync("one", Sleep, TestContext.Current.CancellationToken);

        using (Process kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {group.SupervisorId}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(128 + 9, await group.ExitOf("one"));
        await Wait.UntilAsync(() => _work.LeftOver().Count == 0, () => string.Join(", ", _work.LeftOver()));
    }

    [Fact]
    public async Task An_interrupt_from_the_terminal_leaves_the_processes_to_their_owner()
    {
        await using ProcessGroup group = ProcessGroup.Create("test", _work.Path);
        await group.StartAsync("one", Sleep, TestContext.Current.CancellationToken);

        using (Process kill = Process.Start("/bin/sh", ["-c", $"kill -INT {group.SupervisorId} {group.ProcessIdOf("one")}; kill -HUP {group.SupervisorId}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await group.StartAsync("two", Sleep, TestContext.Current.CancellationToken);

        Assert.True(group.IsRunning("one"));
        Assert.True(group.IsRunning("two"));
    }

    [Fact]
    public void A_work_directory_that_cannot_be_made_is_named()
    {
        string file = Path.Combine(_work.Path, "file");
        File.WriteAllText(file, "");

        BrokerUnavailableException error = Assert.Throws<BrokerUnavailableException>(() => ProcessGroup.Create("test", Path.Combine(file, "below")));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }
}
