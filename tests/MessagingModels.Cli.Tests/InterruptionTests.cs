using System.Diagnostics;
using System.Runtime.Versioning;

namespace MessagingModels.Cli.Tests;

/// <summary>The tool as a process of its own, interrupted while it works on a real broker that it started.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class InterruptionTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int Kill = 9;
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
        while (IsAlive(broker) || ProcessDirectories().Any())
        {
            Assert.True(DateTime.UtcNow < deadline, $"process {broker} or its directory is left");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_tool_of_kafka_that_runs_when_the_comparison_is_killed_is_gone_soon()
    {
        Assert.SkipUnless(HasJava, "java is not on the PATH");
        using Process tool = Start("kafka", "history");
        int consumer = await WaitForToolAsync();

        await SignalAsync(tool.Id, Kill);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);

        DateTime deadline = DateTime.UtcNow + TimeSpan.FromSeconds(10);
        while (IsAlive(consumer) || ProcessDirectories().Any())
        {
            Assert.True(DateTime.UtcNow < deadline, $"process {consumer} or a directory is left: {string.Join(", ", ProcessDirectories())}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static bool HasJava
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "java")));

    /// <summary>What the shells that watch over processes remove.</summary>
    private IEnumerable<string> ProcessDirectories()
        => Directory.EnumerateDirectories(_directory.Path, "mm-compare-*").SelectMany(static run => Directory.EnumerateDirectories(run, "mm-*"));

    private Process Start(string target = "rabbitmq", string experiment = "throughput")
    {
        string home = $"{target.ToUpperInvariant()}_HOME";
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable(home)), $"{home} is not set");
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "mm"))
        {
            ArgumentList = { "compare", "--targets", target, "--experiments", experiment, "--out", Path.Combine(Path.GetTempPath(), "mm-never-written") },
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

    /// <summary>Until one of Kafka's tools reads from the broker, which shows in what it writes.</summary>
    private async Task<int> WaitForToolAsync()
    {
        DateTime deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            Assert.True(DateTime.UtcNow < deadline, "No tool was started.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
            foreach (string group in ProcessDirectories().Where(static path => Path.GetFileName(path).StartsWith("mm-tool-", StringComparison.Ordinal)))
            {
                FileInfo output = new(Path.Combine(group, "logs", "tool.log"));
                if (output is not { Exists: true, Length: > 0 })
                    continue;
                int id = int.Parse(await File.ReadAllTextAsync(Path.Combine(group, "tool", "pid"), TestContext.Current.CancellationToken), null);
                Assert.Contains("org.apache.kafka.tools.", await File.ReadAllTextAsync($"/proc/{id}/cmdline", TestContext.Current.CancellationToken), StringComparison.Ordinal);
                return id;
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
