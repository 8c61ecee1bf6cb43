using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Cli.Output;

/// <summary>Keeps on disk what a comparison has measured so far, for a run that does not come to its end.</summary>
internal sealed class UnfinishedReport(string directory, ComparisonConsole console)
{
    private ReportFiles? _files;
    private bool _hasFailed;

    /// <summary>Writes what there is. Where it cannot be written the user is told, once, and the run goes on.</summary>
    public async Task KeepAsync(ComparisonReport report)
    {
        try
        {
            // Not cancelled: it is short, and who interrupts the run wants to have it.
            ReportFiles files = await ReportWriter.WriteAsync(report, directory, CancellationToken.None).ConfigureAwait(false);

            // Said at once, for a process that dies says nothing.
            if (_files is null)
                console.ShowUnfinished(files);
            _files = files;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
                console.ShowNotKept(exception.Message);
            _hasFailed = true;
        }
    }

    /// <summary>Says where it is, after the run was interrupted; nothing where the run had not come that far.</summary>
    public void ShowAfterInterruption()
    {
        if (_files is not null)
            console.ShowInterrupted(_files);
    }
}
