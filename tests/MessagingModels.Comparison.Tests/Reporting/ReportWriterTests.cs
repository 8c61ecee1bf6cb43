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
}
