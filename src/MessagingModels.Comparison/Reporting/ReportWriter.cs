using System.Text;

namespace MessagingModels.Comparison.Reporting;

/// <summary>Writes the report files. A reader finds each of them whole, even while it is replaced.</summary>
public static class ReportWriter
{
    /// <summary>The name of the HTML file.</summary>
    public const string HtmlFileName = "comparison.html";

    /// <summary>The name of the JSON file.</summary>
    public const string JsonFileName = "comparison.json";

    /// <summary>The name of the HTML file of an unfinished report.</summary>
    public const string UnfinishedHtmlFileName = "comparison.unfinished.html";

    /// <summary>The name of the JSON file of an unfinished report.</summary>
    public const string UnfinishedJsonFileName = "comparison.unfinished.json";

    /// <summary>
    /// Writes both files, replacing earlier ones. Those of an unfinished report stand beside those of an earlier run that is complete, and are removed once
    /// a complete one is written.
    /// </summary>
    /// <param name="report">What to write.</param>
    /// <param name="directory">Where to; made where it does not exist.</param>
    /// <param name="cancellationToken">Ends the writing; a file that was not yet written whole is then as it was before.</param>
    /// <returns>Where the files are.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public static async Task<ReportFiles> WriteAsync(
        ComparisonReport report, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        Directory.CreateDirectory(directory);
        ReportFiles unfinished = FilesIn(directory, UnfinishedHtmlFileName, UnfinishedJsonFileName);
        ReportFiles files = report.Unfinished is null ? FilesIn(directory, HtmlFileName, JsonFileName) : unfinished;
        await AtomicFile.WriteAsync(files.JsonPath, file => JsonReport.WriteAsync(report, file, cancellationToken)).ConfigureAwait(false);
        await AtomicFile.WriteAsync(files.HtmlPath, async file =>
        {
            await using StreamWriter writer = new(file, Encoding.UTF8, leaveOpen: true);
            await writer.WriteAsync(HtmlReport.Create(report).AsMemory(), cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (report.Unfinished is null)
        {
            File.Delete(unfinished.HtmlPath);
            File.Delete(unfinished.JsonPath);
        }

        return files;
    }

    private static ReportFiles FilesIn(string directory, string html, string json)
        => new(Path.GetFullPath(Path.Combine(directory, html)), Path.GetFullPath(Path.Combine(directory, json)));
}

/// <summary>The files of a report.</summary>
/// <param name="HtmlPath">The full path of the HTML file.</param>
/// <param name="JsonPath">The full path of the JSON file.</param>
public sealed record ReportFiles(string HtmlPath, string JsonPath);
