using System.Diagnostics;
using System.Runtime.Versioning;

namespace MessagingModels.Cli.Tests;

/// <summary>The tool as a process of its own, interrupted while it works on a real broker that it started.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class InterruptionTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int Stop = 19;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task An_interrupted_comparison_ends_soon_with_130_and_leaves_nothing(int signal)
    {
        using Process tool = Start();
        int broker = await WaitForBrokerAsync();

        await SignalAsync(tool.Id, signal);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);

        Assert.Equal(130, tool.ExitCode);
        Assert.False(IsAlive(broker));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task A_second_interrupt_does_not_wait_for_a_broker_that_does_not_answer()
    {
        using Process tool = Start();
        int broker = await WaitForBrokerAsync();
        await SignalAsync(broker, Stop);

        await SignalAsync(tool.Id, Interrupt);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await SignalAsync(tool.Id, Interrupt);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(9));

        Assert.Equal(130, tool.ExitCode);
        DateTime deadline = DateTime.UtcNow + Patience;
        while (IsAlive(broker) || Directory.EnumerateDirectories(_directory.Path, "mm-compare-*").Any(static run => Directory.EnumerateDirectories(run, "mm-*").Any()))
        {
            Assert.True(DateTime.UtcNow < deadline, $"process {broker} or its directory is left");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Process Start()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("RABBITMQ_HOME")), "RABBITMQ_HOME is not set");
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "mm"))
        {
            ArgumentList = { "compare", "--targets", "rabbitmq", "--experiments", "throughput", "--out", Path.Combine(Path.GetTempPath(), "mm-never-written") },
            RedirectStandardOutput = true,
        };
        start.Environment["TMPDIR"] = _directory.Path;
        start.Environment["DOCKER_HOST"] = "tcp://127.0.0.1:1";
        return Process.Start(start)!;
    }

    /// <summary>Until the broker's machine runs and has been given some time to be worked on.</summary>
    private async Task<int> WaitForBrokerAsync()
    {
        DateTime deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            Assert.True(DateTime.UtcNow < deadline, "The broker did not start.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
            foreach (string log in Directory.EnumerateFiles(_directory.Path, "node1.log", SearchOption.AllDirectories))
            {
                if (!(await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken)).Contains(" completed with ", StringComparison.Ordinal))
                    continue;
                await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
                string group = Path.GetDirectoryName(Path.GetDirectoryName(log))!;
                return int.Parse(await File.ReadAllTextAsync(Path.Combine(group, "node1", "pid"), TestContext.Current.CancellationToken), null);
            }
        }
    }

    private static bool IsAlive(int id)
        => File.Exists($"/proc/{id}/stat") && File.ReadAllText($"/proc/{id}/stat") is var stat && stat[stat.LastIndexOf(')') + 2] != 'Z';

    private static async Task SignalAsync(int process, int signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
