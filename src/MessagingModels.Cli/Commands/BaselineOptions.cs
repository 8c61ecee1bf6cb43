using System.CommandLine;
using MessagingModels.Comparison;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Cli.Commands;

/// <summary>The options of <c>mm compare</c> that keep a run, and hold a new one against it.</summary>
internal sealed class BaselineOptions
{
    private readonly Option<string?> _save = new("--save") { Description = "Keep this run under a name, in 'saved' below the report's directory.", HelpName = "NAME" };
    private readonly Option<string?> _against = new("--against") { Description = "Show what changed from a kept run, by its name or the path of its .json file.", HelpName = "NAME" };
    private readonly Option<bool> _force = new("--force") { Description = "Compare with a run of another machine, build or scale too." };

    public void AddTo(Command command)
    {
        command.Add(_save);
        command.Add(_against);
        command.Add(_force);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_force) is { Implicit: false } && result.GetResult(_against) is null)
                result.AddError("--force goes with --against.");
        });
    }

    public Baseline Read(ParseResult parsed) => new(parsed.GetValue(_save), parsed.GetValue(_against), parsed.GetValue(_force));
}

/// <summary>What is to be kept of a run, and what it is held against.</summary>
/// <param name="Save">The name to keep it under; null for not at all.</param>
/// <param name="Against">The kept run, by name or file; null for none.</param>
/// <param name="Force">True to compare whatever speaks against it.</param>
internal sealed record Baseline(string? Save, string? Against, bool Force)
{
    /// <summary>Reads the kept run and refuses what cannot be compared, kept or written, before anything is measured.</summary>
    public async Task<SavedRun?> OpenAsync(string directory, ComparisonOptions options, CancellationToken cancellationToken)
    {
        string? kept = Save is null ? null : SavedRuns.PathOf(directory, Save);
        SavedRun? earlier = Against is null ? null : await SavedRuns.OpenAsync(directory, Against, options, Force, cancellationToken).ConfigureAwait(false);
        ReportDirectory.EnsureWritable(directory, ReportWriter.HtmlFileName, ReportWriter.JsonFileName);
        if (kept is not null)
            ReportDirectory.EnsureWritable(Path.GetDirectoryName(kept)!, Path.GetFileName(kept));
        return earlier;
    }

    /// <summary>Keeps the run where that was asked for.</summary>
    /// <returns>The path of its file, or null.</returns>
    public async Task<string?> SaveAsync(ComparisonReport report, string directory, CancellationToken cancellationToken)
        => Save is null ? null : await SavedRuns.SaveAsync(report, directory, Save, cancellationToken).ConfigureAwait(false);
}
