using System.Diagnostics;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison;

/// <summary>Runs the experiments of the comparison, target by target and one after the other, and gathers what they found.</summary>
public static class ComparisonRunner
{
    /// <summary>The experiments there are, in the order in which they run.</summary>
    public static IReadOnlyList<ExperimentInfo> Experiments { get; } = [.. ExperimentCatalog.All.Select(static experiment => experiment.Info)];

    /// <summary>The names of the systems that they can run on.</summary>
    public static IReadOnlyList<string> Targets { get; } = [.. TargetCatalog.All.Select(static target => target.Name)];

    /// <summary>Runs the experiments. One that fails is reported as failed, and the others go on; so is a target that cannot be had.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told of every step, or null.</param>
    /// <param name="checkpoint">
    /// Given an unfinished report of what was found so far after each experiment that was run, so that it can be kept; null where nobody wants it. The next
    /// experiment begins when it is done; what it throws ends the run.
    /// </param>
    /// <param name="cancellationToken">Ends the run; data directories, brokers and child processes are still removed.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="ComparisonInputException">An experiment or target is unknown, a number is not legal, or the messages file cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static Task<ComparisonReport> RunAsync(
        ComparisonOptions options, IProgress<ComparisonProgress>? progress = null, Func<ComparisonReport, Task>? checkpoint = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return RunAsync(options, TargetCatalog.Select(options), ExperimentCatalog.Select(options), progress, checkpoint, cancellationToken);
    }

    internal static async Task<ComparisonReport> RunAsync(
        ComparisonOptions options, IReadOnlyList<TargetEntry> targets, IReadOnlyList<IExperiment> experiments,
        IProgress<ComparisonProgress>? progress, Func<ComparisonReport, Task>? checkpoint, CancellationToken cancellationToken)
    {
        Workload workload = await Workload.LoadAsync(options, cancellationToken).ConfigureAwait(false);
        DateTimeOffset startedAt = DateTimeOffset.Now;
        long start = Stopwatch.GetTimestamp();

        using WorkDirectory directory = WorkDirectory.Create(options.WorkDirectory);
        RunConditions conditions = ConditionsProbe.Read(directory.Path);
        TargetRuns runs = new(options, workload, experiments, directory, progress);
        for (int i = 0; i < targets.Count; i++)
            await runs.RunAsync(targets[i], i, targets.Count, CheckpointAsync, cancellationToken).ConfigureAwait(false);
        return Report();

        Task CheckpointAsync() => checkpoint is null ? Task.CompletedTask : checkpoint(Report() with { Unfinished = runs.Remaining(targets) });

        ComparisonReport Report() => CreateReport(
            options, workload, conditions with { Targets = [.. runs.Described], UnavailableTargets = [.. runs.Unavailable] }, runs.Results) with
        {
            StartedAt = startedAt,
            DurationSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
    }

    private static ComparisonReport CreateReport(
        ComparisonOptions options, Workload workload, RunConditions conditions, IReadOnlyList<TargetResult> results)
    {
        IEnumerable<RankedAnswer> answers = results.SelectMany(static result => result.Outcome.Answers)
            .Concat(AnswerRule.Decide(results.SelectMany(static result => result.Outcome.Sides)));
        IGrouping<IExperiment, TargetResult>[] byExperiment = [.. results.GroupBy(static result => result.Experiment)];
        return new ComparisonReport
        {
            StartedAt = default,
            DurationSeconds = 0,
            Command = CommandLine.For(options, experiment: null),
            Options = CommandLine.WithoutSecrets(options),
            Conditions = conditions,
            Workload = workload.Summary,
            Answers = [.. answers.OrderBy(static answer => answer.Rank).ThenBy(static answer => answer.Answer.Place, StringComparer.Ordinal).Select(static answer => answer.Answer)],
            Claims = ResultMerge.MergeClaims(byExperiment.SelectMany(
                static group => group.SelectMany(static result => result.Outcome.Claims).OrderBy(static claim => claim.Model))),
            FaultMatrix = ResultMerge.MergeFaults(results),
            Experiments = [.. byExperiment.Select(group => ResultMerge.ToReport([.. group], CommandLine.For(options, group.Key.Info.Name)))],
        };
    }
}
