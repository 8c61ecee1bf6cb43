using MessagingModels.Cli.Output;
using MessagingModels.Comparison;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Cli.Tests.Output;

public sealed class UnfinishedReportTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose()
    {
        _output.Dispose();
        _directory.Dispose();
    }

    private string[] Lines => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public async Task Where_it_is_is_said_when_it_is_first_written()
    {
        UnfinishedReport unfinished = Create(_directory.Path);
        await unfinished.KeepAsync(Report());
        await unfinished.KeepAsync(Report());

        Assert.StartsWith($"So far: {Path.Combine(_directory.Path, "comparison.unfinished.html")} ", Assert.Single(Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_does_not_end_the_run_and_is_told_once()
    {
        string file = Path.Combine(_directory.Path, "file");
        await File.WriteAllTextAsync(file, "in the way");
        UnfinishedReport unfinished = Create(file);
        await unfinished.KeepAsync(Report());
        await unfinished.KeepAsync(Report());
        unfinished.ShowAfterInterruption();

        Assert.StartsWith("Note: what was measured so far could not be written", Assert.Single(Lines), StringComparison.Ordinal);
    }

    private UnfinishedReport Create(string directory) => new(directory, new ComparisonConsole(_output));

    private static ComparisonReport Report() => ComparisonConsoleTests.CreateReport() with { Unfinished = new UnfinishedRun([]) };
}
