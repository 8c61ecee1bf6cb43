using System.Diagnostics;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison;

/// <summary>Runs the experiments of the comparison, one after the other, and gathers what they found.</summary>
public static class ComparisonRunner
{
    /// <summary>The experiments there are, in the order in which they run.</summary>
    public static IReadOnlyList<ExperimentInfo> Experiments { get; } = [.. ExperimentCatalog.All.Select(static experiment => experiment.Info)];

    /// <summary>Runs the experiments. One that fails is reported as failed, and the others go on.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told of every step, or null.</param>
    /// <param name="cancellationToken">Ends the run; data directories and child processes are still removed.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="ComparisonInputException">An experiment is unknown, a number is not legal, or the messages file cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static async Task<ComparisonReport> RunAsync(
        ComparisonOptions options, IProgress<ComparisonProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return await RunAsync(options, RunScale.For(options), progress, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<ComparisonReport> RunAsync(
        ComparisonOptions options, RunScale scale, IProgress<ComparisonProgress>? progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<IExperiment> experiments = ExperimentCatalog.Select(options);
        Workload workload = await Workload.LoadAsync(options, cancellationToken).ConfigureAwait(false);
        DateTimeOffset startedAt = DateTimeOffset.Now;
        long start = Stopwatch.GetTimestamp();

        using WorkDirectory directory = WorkDirectory.Create(options.WorkDirectory);
        NativeTarget target = new(directory);
        RunConditions conditions = ConditionsProbe.Read(directory.Path, [target.Description]);
        List<(ExperimentReport Report, ExperimentOutcome Outcome)> results = [];
        for (int i = 0; i < experiments.Count; i++)
        {
            ExperimentRun run = new(experiments[i], i + 1, experiments.Count, progress);
            results.Add(await run.RunAsync(target, workload, scale, options, cancellationToken).ConfigureAwait(false));
        }

        return new ComparisonReport
        {
            StartedAt = startedAt,
            DurationSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
            Command = CommandLine.For(options, experiment: null),
            Options = options,
            Conditions = conditions,
            Workload = workload.Summary,
            Answers = [.. results.SelectMany(static result => result.Outcome.Answers).OrderBy(static answer => answer.Rank).Select(static answer => answer.Answer)],
            Claims = [.. results.SelectMany(static result => result.Outcome.Claims)],
            FaultMatrix = results.Select(static result => result.Outcome.FaultMatrix).FirstOrDefault(static matrix => matrix is not null),
            Experiments = [.. results.Select(static result => result.Report)],
        };
    }
}
