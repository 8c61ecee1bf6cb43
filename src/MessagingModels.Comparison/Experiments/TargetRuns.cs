using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Runs experiments on one target after the other: each is started, put through all experiments and stopped before the next, so that none disturbs another.</summary>
internal sealed class TargetRuns(
    ComparisonOptions options, Workload workload, IReadOnlyList<IExperiment> experiments, WorkDirectory directory, IProgress<ComparisonProgress>? progress)
{
    private readonly List<TargetDescription> _described = [];
    private readonly List<UnavailableTarget> _unavailable = [];
    private readonly List<TargetResult> _results = [];

    /// <summary>The targets that were had.</summary>
    public IReadOnlyList<TargetDescription> Described => _described;

    /// <summary>Those that were not.</summary>
    public IReadOnlyList<UnavailableTarget> Unavailable => _unavailable;

    /// <summary>What was found, by target and experiment.</summary>
    public IReadOnlyList<TargetResult> Results => _results;

    /// <summary>What is still to be run on the targets of a run.</summary>
    public UnfinishedRun Remaining(IReadOnlyList<TargetEntry> targets)
    {
        HashSet<(string Target, string Experiment)> done = [.. _results.Select(static result => (result.Target.Name, result.Experiment.Info.Name))];
        return new UnfinishedRun(
        [
            .. targets.Where(target => !_unavailable.Any(missing => missing.Name == target.Name))
                .Select(target => new ExperimentsNotRun(
                    target.Name, [.. experiments.Select(static experiment => experiment.Info.Name).Where(name => !done.Contains((target.Name, name)))]))
                .Where(static target => target.Experiments.Count > 0),
        ]);
    }

    /// <summary>Starts a target and runs the experiments on it. A target that cannot be had is noted, and that is all.</summary>
    /// <param name="entry">The target.</param>
    /// <param name="index">Its place among the targets, from 0.</param>
    /// <param name="count">How many targets there are.</param>
    /// <param name="afterEach">Called after each experiment that was run; nothing is measured until it is done.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task RunAsync(TargetEntry entry, int index, int count, Func<Task> afterEach, CancellationToken cancellationToken)
    {
        int first = index * experiments.Count + 1;
        int total = count * experiments.Count;
        long start = Stopwatch.GetTimestamp();
        Report(ComparisonStage.Started, "starting");
        IComparisonTarget target;
        try
        {
            target = await entry.StartAsync(options, directory, cancellationToken).ConfigureAwait(false);
        }
        catch (TargetUnavailableException exception)
        {
            UnavailableTarget missing = new(entry.Name, exception.Message, TargetCatalog.WasAsked(options, entry.Name)) { WasConfigured = exception.WasConfigured };
            _unavailable.Add(missing);
            Report(missing.IsFailure ? ComparisonStage.Failed : ComparisonStage.Finished, $"not available: {exception.Message}");
            return;
        }

        await using (target)
        {
            _described.Add(target.Description);
            Report(ComparisonStage.Step, $"{target.Description.Version}, {target.Description.Place}");
            if (target.Description.FailedBefore.Length > 0)
                Report(ComparisonStage.Failed, $"tried in vain {target.Description.FailedBefore}; another way worked");
            await RunAllAsync(target, first, total, afterEach, cancellationToken).ConfigureAwait(false);
        }

        void Report(ComparisonStage stage, string detail) => progress?.Report(
            new ComparisonProgress("", $"target {entry.Name}", first, total, stage, Stopwatch.GetElapsedTime(start), detail) { Target = entry.Name });
    }

    private async Task RunAllAsync(IComparisonTarget target, int first, int total, Func<Task> afterEach, CancellationToken cancellationToken)
    {
        RunScale scale = RunScale.For(options, target.Description.Kind);
        long start = Stopwatch.GetTimestamp();
        string? failure = null;
        for (int i = 0; i < experiments.Count; i++)
        {
            ExperimentRun run = new(experiments[i], first + i, total, progress);
            if (failure is null && Stopwatch.GetElapsedTime(start) > scale.TargetTimeout)
                failure = $"Left out: the {scale.TargetTimeout.TotalMinutes:0.#} minutes for this target were used up.";
            if (options is { Quick: true, Experiments.Count: 0 } && experiments[i].IsLongOn(target.Description.Kind))
            {
                _results.Add(run.LeaveOut(target));
                continue;
            }

            if (failure is not null)
            {
                _results.Add(run.Skip(target, failure));
                continue;
            }

            TargetResult result = await run.RunAsync(target, workload, scale, options, cancellationToken).ConfigureAwait(false);
            _results.Add(result);
            if (target.FindFailure() is { } reason)
                failure = $"Left out: {reason}";
            else if (result.IsAbandoned)
                failure = $"Left out: {experiments[i].Info.Name} was left behind and still runs, so that nothing can be measured beside it.";
            await afterEach().ConfigureAwait(false);
        }
    }
}
