using System.Diagnostics;
using System.Text.Json;

namespace MessagingModels.Cli.Tests.Commands;

/// <summary>Comparisons that end in the middle of their second experiment, which takes far longer than the first.</summary>
public sealed class UnfinishedCompareTests : IDisposable
{
    private const string Long = "compare --targets native --experiments data-model,throughput --quick --repeat 200";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>After what the first experiment found is on disk: until then the second has not begun.</summary>
    private static readonly TimeSpan IntoTheSecond = TimeSpan.FromMilliseconds(300);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string UnfinishedPage => Path.Combine(_directory.Path, "comparison.unfinished.html");

    [Fact]
    public async Task What_was_measured_is_on_disk_when_the_process_is_killed()
    {
        using Process tool = Start();
        try
        {
            await WaitForUnfinishedAsync(tool);
        }
        finally
        {
            tool.Kill();
        }

        await tool.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);

        Assert.NotEqual(0, tool.ExitCode);
        Assert.Contains(UnfinishedPage, await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        AssertUnfinishedAfterTheFirst();
        Assert.Contains("This report is unfinished", await File.ReadAllTextAsync(UnfinishedPage, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_directory.Path, "comparison.json")));
    }

    [Fact]
    public async Task An_interrupted_run_leaves_an_unfinished_report_beside_the_complete_one_and_says_where()
    {
        await ToolRun.OutputOfAsync($"compare --targets native --experiments data-model --quick --repeat 1 --out {_directory}");
        string complete = await File.ReadAllTextAsync(Path.Combine(_directory.Path, "comparison.json"), TestContext.Current.CancellationToken);
        using CancellationTokenSource stop = new();
        Task<ToolRun> running = ToolRun.OfAsync([.. Long.Split(' '), "--out", _directory.Path], cancellationToken: stop.Token);
        await WaitForUnfinishedAsync(tool: null);
        await stop.CancelAsync();
        ToolRun run = await running;

        Assert.Equal(130, run.ExitCode);
        Assert.Equal(["mm: interrupted"], run.Error);
        Assert.Equal(
            ["Interrupted: what had been measured is kept as an unfinished report.", $"Report: {UnfinishedPage}", $"Data:   {Path.ChangeExtension(UnfinishedPage, "json")}"],
            run.Output.TakeLast(3));
        AssertUnfinishedAfterTheFirst();
        Assert.Equal(complete, await File.ReadAllTextAsync(Path.Combine(_directory.Path, "comparison.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_run_that_comes_to_its_end_leaves_no_unfinished_report()
    {
        await ToolRun.OutputOfAsync($"compare --targets native --experiments data-model --quick --repeat 1 --out {_directory}");

        Assert.Equal(["comparison.html", "comparison.json"], Directory.GetFileSystemEntries(_directory.Path).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    private Process Start()
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "mm"), [.. Long.Split(' '), "--out", _directory.Path])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["TMPDIR"] = _directory.Path;
        return Process.Start(start)!;
    }

    private async Task WaitForUnfinishedAsync(Process? tool)
    {
        DateTime deadline = DateTime.UtcNow + Patience;
        while (!File.Exists(UnfinishedPage))
        {
            Assert.False(tool is { HasExited: true }, "The tool ended by itself.");
            Assert.True(DateTime.UtcNow < deadline, "Nothing was written after the first experiment.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await Task.Delay(IntoTheSecond, TestContext.Current.CancellationToken);
    }

    private void AssertUnfinishedAfterTheFirst()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(UnfinishedPage, "json")));
        JsonElement first = Assert.Single(json.RootElement.GetProperty("experiments").EnumerateArray());
        Assert.Equal("data-model", first.GetProperty("name").GetString());
        Assert.NotEqual(0, json.RootElement.GetProperty("claims").GetArrayLength());
        JsonElement notRun = Assert.Single(json.RootElement.GetProperty("unfinished").GetProperty("notRun").EnumerateArray());
        Assert.Equal(("native", "throughput"), (notRun.GetProperty("target").GetString(), Assert.Single(notRun.GetProperty("experiments").EnumerateArray()).GetString()));
    }
}
