using System.Text;

namespace MessagingModels.Comparison.Reporting;

/// <summary>Writes the report files. A reader finds each of them whole, even while it is replaced.</summary>
public static class ReportWriter
{
    /// <summary>The name of the HTML file.</summary>
    public const string HtmlFileName = "comparison.html";

    /// <summary>The name of the JSON file.</summary>
    public const string JsonFileName = "comparison.json";

    /// <summary>Writes both files, replacing earlier ones.</summary>
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
        ReportFiles files = new(
            Path.GetFullPath(Path.Combine(directory, HtmlFileName)), Path.GetFullPath(Path.Combine(directory, JsonFileName)));
        await AtomicFile.WriteAsync(files.JsonPath, file => JsonReport.WriteAsync(report, file, cancellationToken)).ConfigureAwait(false);
        await AtomicFile.WriteAsync(files.HtmlPath, async file =>
        {
            await using StreamWriter writer = new(file, Encoding.UTF8, leaveOpen: true);
            await writer.WriteAsync(HtmlReport.Create(report).AsMemory(), cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return files;
    }
}

/// <summary>The files of a report.</summary>
/// <param name="HtmlPath">The full path of the HTML file.</param>
/// <param name="JsonPath">The full path of the JSON file.</param>
public sealed record ReportFiles(string HtmlPath, string JsonPath);
