using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public sealed class ReportWriterTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Both_files_are_written_into_a_directory_that_is_made_for_them()
    {
        ReportFiles files = await ReportWriter.WriteAsync(SampleReport.Create(), Path.Combine(_directory, "new"));

        Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(files.HtmlPath), StringComparison.Ordinal);
        Assert.StartsWith("{", await File.ReadAllTextAsync(files.JsonPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Earlier_files_are_replaced()
    {
        await ReportWriter.WriteAsync(SampleReport.Create(), _directory);
        ReportFiles files = await ReportWriter.WriteAsync(SampleReport.Create() with { Claims = [], Experiments = [] }, _directory);

        Assert.DoesNotContain("It broke", await File.ReadAllTextAsync(files.JsonPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unfinished_report_stands_beside_a_complete_one()
    {
        ReportFiles complete = await ReportWriter.WriteAsync(SampleReport.Create(), _directory);
        ReportFiles unfinished = await ReportWriter.WriteAsync(SampleReport.CreateUnfinished(), _directory);

        Assert.Equal(
            ["comparison.html", "comparison.json", "comparison.unfinished.html", "comparison.unfinished.json"],
            Directory.GetFiles(_directory).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("unfinished", await File.ReadAllTextAsync(complete.HtmlPath), StringComparison.Ordinal);
        Assert.Contains("unfinished", await File.ReadAllTextAsync(unfinished.HtmlPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_complete_report_removes_the_unfinished_one()
    {
        await ReportWriter.WriteAsync(SampleReport.CreateUnfinished(), _directory);
        ReportFiles complete = await ReportWriter.WriteAsync(SampleReport.Create(), _directory);

        Assert.Equal([complete.HtmlPath, complete.JsonPath], Directory.GetFiles(_directory).Order(StringComparer.Ordinal));
    }
}
