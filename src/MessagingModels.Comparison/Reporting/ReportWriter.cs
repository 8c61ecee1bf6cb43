using System.Text;

namespace MessagingModels.Comparison.Reporting;

/// <summary>Writes the report files.</summary>
public static class ReportWriter
{
    /// <summary>The name of the HTML file.</summary>
    public const string HtmlFileName = "comparison.html";

    /// <summary>The name of the JSON file.</summary>
    public const string JsonFileName = "comparison.json";

    /// <summary>Writes both files, replacing earlier ones.</summary>
    /// <param name="report">What to write.</param>
    /// <param name="directory">Where to; made where it does not exist.</param>
    /// <param name="cancellationToken">Ends the writing; a file may then be incomplete.</param>
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
        await using (FileStream json = File.Create(files.JsonPath))
            await JsonReport.WriteAsync(report, json, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(files.HtmlPath, HtmlReport.Create(report), Encoding.UTF8, cancellationToken).ConfigureAwait(false);
        return files;
    }
}

/// <summary>The files of a report.</summary>
/// <param name="HtmlPath">The full path of the HTML file.</param>
/// <param name="JsonPath">The full path of the JSON file.</param>
public sealed record ReportFiles(string HtmlPath, string JsonPath);
