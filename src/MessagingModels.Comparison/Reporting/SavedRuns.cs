using System.Text.Json;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Reporting;

/// <summary>Keeps runs under a name, as the JSON of their report, so that later ones can be held against them.</summary>
public static class SavedRuns
{
    /// <summary>The directory below that of the report in which runs are kept.</summary>
    public const string DirectoryName = "saved";

    private const double MemoryTolerance = 0.02;

    /// <summary>The file of a saved run.</summary>
    /// <param name="directory">The directory of the report.</param>
    /// <param name="name">The run's name: letters, digits, '-', '_' and '.', of which it does not begin with the last.</param>
    /// <exception cref="ComparisonInputException">The name is none.</exception>
    public static string PathOf(string directory, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 100 || name[0] == '.' || name.Any(static letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')))
            throw new ComparisonInputException($"A run cannot be saved under the name '{name}'; use letters, digits, '-', '_' and '.', and do not begin with a dot.");
        return Path.GetFullPath(Path.Combine(directory, DirectoryName, $"{name}.json"));
    }

    /// <summary>Saves a run, in place of an earlier one of that name.</summary>
    /// <param name="report">The run.</param>
    /// <param name="directory">The directory of the report.</param>
    /// <param name="name">The run's name.</param>
    /// <param name="cancellationToken">Ends the writing; an earlier run of that name is then still there.</param>
    /// <returns>The full path of its file.</returns>
    /// <exception cref="ComparisonInputException">The name is none.</exception>
    /// <exception cref="ArgumentException">The run is unfinished: what was not measured would look as if it had gone away since.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static async Task<string> SaveAsync(ComparisonReport report, string directory, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Unfinished is not null)
            throw new ArgumentException("An unfinished run cannot be saved.", nameof(report));
        string path = PathOf(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await AtomicFile.WriteAsync(path, file => JsonReport.WriteAsync(report with { Against = null }, file, cancellationToken)).ConfigureAwait(false);
        return path;
    }

    /// <summary>Reads a saved run and makes sure, before anything is measured, that a run with these options on this machine can be held against it.</summary>
    /// <param name="directory">The directory of the report.</param>
    /// <param name="nameOrFile">The run's name, or the path of a JSON report, which ends in <c>.json</c>.</param>
    /// <param name="options">The options of the run to come.</param>
    /// <param name="force">True to compare them whatever speaks against it; the report then says what does.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The saved run.</returns>
    /// <exception cref="ComparisonInputException">There is no such run, its file is no report, or the runs cannot be compared: other machine, other scale, other build, or the earlier one is unfinished.</exception>
    public static async Task<SavedRun> OpenAsync(
        string directory, string nameOrFile, ComparisonOptions options, bool force, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(nameOrFile);
        ArgumentNullException.ThrowIfNull(options);
        string path = nameOrFile.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? Path.GetFullPath(nameOrFile) : PathOf(directory, nameOrFile);
        ComparisonReport report = await ReadAsync(path, nameOrFile, cancellationToken).ConfigureAwait(false);
        return Check(nameOrFile, report, ConditionsProbe.Read(Path.GetTempPath()), options, force);
    }

    /// <summary>Says what changed from a saved run to a new one.</summary>
    /// <param name="earlier">The saved run.</param>
    /// <param name="now">The new run.</param>
    /// <returns>The new run's report, with the difference in it.</returns>
    public static ComparisonReport Compare(SavedRun earlier, ComparisonReport now)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(now);
        return now with { Against = RunMatcher.Compare(earlier, now) };
    }

    internal static SavedRun Check(string name, ComparisonReport report, RunConditions now, ComparisonOptions options, bool force)
    {
        string[] mismatches = [.. Mismatches(report, now, options)];
        if (mismatches.Length > 0 && !force)
            throw new ComparisonInputException($"The run '{name}' cannot be compared with one made here: {string.Join("; ", mismatches)}. With --force it is compared all the same.");
        return new SavedRun(name, report, mismatches);
    }

    /// <summary>Whether two runs were made on one machine; null where one of them does not say on which, as reports of before version 2.1.</summary>
    internal static bool? IsSameMachine(RunConditions then, RunConditions now)
        => then.MachineId.Length == 0 || now.MachineId.Length == 0 ? null : then.MachineId == now.MachineId;

    private static IEnumerable<string> Mismatches(ComparisonReport earlier, RunConditions now, ComparisonOptions options)
    {
        RunConditions then = earlier.Conditions;
        if (earlier.Unfinished is { } unfinished)
            yield return $"it was not run to its end, with {Words.Count(unfinished.Count, "experiment")} still to come";
        bool? isSameMachine = IsSameMachine(then, now);
        if (isSameMachine == false)
            yield return "it was made on another machine";
        if (then.Processor != now.Processor || then.Architecture != now.Architecture)
            yield return $"the processor was {then.Processor} ({then.Architecture}) and is {now.Processor} ({now.Architecture})";
        if (then.Cores != now.Cores)
            yield return $"there were {then.Cores} cores and are {now.Cores}";
        if (Math.Abs(then.MemoryBytes - now.MemoryBytes) > MemoryTolerance * Math.Max(then.MemoryBytes, now.MemoryBytes))
            yield return $"memory was {Figures.Bytes(then.MemoryBytes)} and is {Figures.Bytes(now.MemoryBytes)}";

        // An update leaves a machine the same one; where its id is not known, another system is all there is to tell.
        if (isSameMachine is null && then.OperatingSystem != now.OperatingSystem)
            yield return $"the operating system was {then.OperatingSystem} and is {now.OperatingSystem}";
        if (earlier.Options.Quick != options.Quick)
            yield return earlier.Options.Quick ? "it was a quick run and this is a full one" : "it was a full run and this is a quick one";
        if (then.Configuration != now.Configuration)
            yield return $"it was a {then.Configuration} build and this is a {now.Configuration} build";
    }

    private static async Task<ComparisonReport> ReadAsync(string path, string nameOrFile, CancellationToken cancellationToken)
    {
        try
        {
            await using FileStream file = File.OpenRead(path);
            return await JsonReport.ReadAsync(file, cancellationToken).ConfigureAwait(false) is { } report && report.SchemaVersion.StartsWith("2.", StringComparison.Ordinal)
                ? report
                : throw new ComparisonInputException($"{path} is not a report that this program can read: it is of another schema version. Make a new one with --save.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ComparisonInputException($"There is no saved run '{nameOrFile}' ({path}). {ListSaved(path)}", exception);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new ComparisonInputException($"{path} is not a report of mm compare: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    private static string ListSaved(string path)
    {
        string? directory = Path.GetDirectoryName(path);
        string[] names = directory is not null && Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory, "*.json").Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)]
            : [];
        return names.Length > 0 ? $"There are: {string.Join(", ", names)}." : "--save NAME makes one.";
    }
}

/// <summary>A run that was saved, to hold another against.</summary>
/// <param name="Name">Its name, or its file.</param>
/// <param name="Report">What it found.</param>
/// <param name="Mismatches">What speaks against comparing them, and was overruled.</param>
public sealed record SavedRun(string Name, ComparisonReport Report, IReadOnlyList<string> Mismatches);
