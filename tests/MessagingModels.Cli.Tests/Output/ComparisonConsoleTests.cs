using MessagingModels.Cli.Output;
using MessagingModels.Comparison;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Cli.Tests.Output;

public sealed class ComparisonConsoleTests
{
    [Fact]
    public void Piped_output_has_each_row_of_a_table_on_a_line_of_its_own_uncut()
    {
        string because = string.Join(' ', Enumerable.Repeat("a figure of many words", 30));
        string[] lines = Show(CreateReport() with { Answers = [new NeedAnswer("A need", "log", because, "throughput", "command")] });

        Assert.Contains(lines, line => line.StartsWith("A need", StringComparison.Ordinal) && line.EndsWith(because, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, static line => line.Contains('│', StringComparison.Ordinal) || line.Contains('\u001b', StringComparison.Ordinal));
    }

    [Fact]
    public void Markup_in_what_a_report_says_is_text()
        => Assert.Contains("Note: [red]not red[/] at all", Show(CreateReport() with { Conditions = CreateReport().Conditions with { Warnings = ["[red]not red[/] at all"] } }));

    [Fact]
    public void Where_a_run_was_saved_is_said()
        => Assert.Contains("Saved:  /somewhere/saved/first.json", Show(CreateReport(), "/somewhere/saved/first.json"));

    [Fact]
    public void A_forced_comparison_says_what_speaks_against_it()
    {
        ComparisonReport report = CreateReport();
        string[] lines = Show(SavedRuns.Compare(new SavedRun("old", report, ["there were 2 cores and are 4"]), report));

        Assert.Contains("Compared by force: there were 2 cores and are 4.", lines);
        Assert.Contains(lines, static line => line.StartsWith("Against 'old': ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Progress_names_the_system_that_an_experiment_runs_on()
    {
        using StringWriter output = new() { NewLine = "\n" };
        await new ComparisonConsole(output).ShowProgressAsync(progress =>
        {
            progress.Report(new ComparisonProgress("latency", "Latency", 2, 7, ComparisonStage.Finished, TimeSpan.FromSeconds(1.5), "") { Target = "kafka" });
            progress.Report(new ComparisonProgress("latency", "Latency", 3, 7, ComparisonStage.Failed, TimeSpan.FromSeconds(2), "no luck") { Target = "rabbitmq" });
            return Task.FromResult(CreateReport());
        });

        Assert.Equal("done   2/7 latency on kafka (1.5 s)\nfailed 3/7 latency on rabbitmq (2.0 s): no luck\n", output.ToString());
    }

    private static string[] Show(ComparisonReport report, string? savedPath = null)
    {
        using StringWriter output = new() { NewLine = "\n" };
        new ComparisonConsole(output).ShowReport(report, new ReportFiles("/somewhere/comparison.html", "/somewhere/comparison.json"), savedPath);
        return output.ToString().Split('\n');
    }

    internal static ComparisonReport CreateReport() => new()
    {
        StartedAt = DateTimeOffset.UnixEpoch,
        DurationSeconds = 1,
        Command = "mm compare",
        Options = new ComparisonOptions(),
        Conditions = new RunConditions
        {
            OperatingSystem = "Linux",
            Architecture = "X64",
            Processor = "A processor",
            Cores = 2,
            MemoryBytes = 1,
            WorkDirectory = "/tmp",
            FileSystem = "ext4",
            DiskFreeBytes = 1,
            Runtime = ".NET 10",
            RuntimeSettings = "",
            Version = "0.1.0",
            Configuration = "Release",
            Targets = [new TargetDescription("native", "0.1.0", TargetDescription.InProcess)],
            Warnings = [],
        },
        Workload = new WorkloadSummary("generated", 1, 1, 1, 1, 1, [], 0),
        Answers = [],
        Claims = [],
        FaultMatrix = null,
        Experiments = [],
    };
}
