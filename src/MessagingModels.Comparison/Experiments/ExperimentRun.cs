using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What an experiment found on one target.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Target">The target.</param>
/// <param name="Outcome">What was found, which is something even after a failure.</param>
/// <param name="Error">Why it could not be run to its end; null where it could.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record TargetResult(IExperiment Experiment, TargetDescription Target, ExperimentOutcome Outcome, string? Error, TimeSpan Duration)
{
    /// <summary>Why it, or the rest of it, was left out on this target, which is no failure; null where it was not.</summary>
    public string? LeftOut { get; init; }

    /// <summary>True where it did not end when it was told to, and goes on beside whatever comes next.</summary>
    public bool IsAbandoned { get; init; }
}

/// <summary>One experiment on one target at its place in a run: runs it under a time limit, reports its progress and turns a failure into a result.</summary>
internal sealed class ExperimentRun(IExperiment experiment, int index, int count, IProgress<ComparisonProgress>? progress)
{
    private static readonly TimeSpan LossPatience = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();

    public async Task<TargetResult> RunAsync(
        IComparisonTarget target, Workload workload, RunScale scale, ComparisonOptions options, CancellationToken cancellationToken)
    {
        string name = target.Description.Name;
        ExperimentContext context = new(experiment, options, step => Report(name, ComparisonStage.Step, step))
        {
            Target = target,
            Workload = workload,
            Scale = scale,
        };
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(scale.ExperimentTimeout);
        Report(name, ComparisonStage.Started, "");
        Task<string> loss = CancelAtLossAsync(target, limit);
        string? error = null;
        string? leftOut = null;

        // Experiments block on purpose while they generate load; the caller's thread must not be that one.
        Task run = Task.Run(() => experiment.RunAsync(context, limit.Token), CancellationToken.None);
        try
        {
            await BoundAsync(run, scale.Grace, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (NotSupportedException exception)
        {
            leftOut = CommandLine.InItsWords(exception.Message);
            context.Outcome.Notes.Add($"On {name} this, or the rest of it, was left out: {leftOut}");
        }
#pragma warning disable CA1031 // Whatever stops one experiment is that experiment's result; the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // A client may notice before the watch does; its words say less of what happened.
            if (target.Description.Place == TargetDescription.OverSocket && !limit.IsCancellationRequested)
                await Task.WhenAny(loss, Task.Delay(LossPatience, cancellationToken)).ConfigureAwait(false);
            error = loss.IsCompletedSuccessfully ? loss.Result
                : limit.IsCancellationRequested ? $"It was stopped after {scale.ExperimentTimeout.TotalSeconds:0} s, its time limit; the last step was unfinished."
                : $"{exception.GetType().Name}: {CommandLine.InItsWords(exception.Message)}";
        }

        await limit.CancelAsync().ConfigureAwait(false);
        if (!run.IsCompleted)
            error += $" It did not end within {scale.Grace.TotalSeconds:0} s of being told to, and was left behind.";
        Report(name, error is null ? ComparisonStage.Finished : ComparisonStage.Failed, error ?? (leftOut is null ? "" : $"left out: {leftOut}"));
        return new TargetResult(experiment, target.Description, context.Outcome.Copy(), error, Stopwatch.GetElapsedTime(_start))
        {
            LeftOut = leftOut,
            IsAbandoned = !run.IsCompleted,
        };
    }

    /// <summary>Ends an experiment whose broker is gone: it would wait for its time limit otherwise.</summary>
    private static async Task<string> CancelAtLossAsync(IComparisonTarget target, CancellationTokenSource limit)
    {
        string loss = await target.WatchAsync(limit.Token).ConfigureAwait(false);
        await limit.CancelAsync().ConfigureAwait(false);
        return loss;
    }

    /// <summary>Waits for an experiment, or a while after it was told to end.</summary>
    private static async Task BoundAsync(Task run, TimeSpan grace, CancellationToken limit)
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (limit.Register(told.SetResult))
            await Task.WhenAny(run, told.Task).ConfigureAwait(false);
        await run.WaitAsync(grace, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Leaves it out as the options have it, which is no failure.</summary>
    public TargetResult LeaveOut(IComparisonTarget target)
    {
        ExperimentOutcome outcome = new();
        outcome.Notes.Add($"A quick run leaves this out on {target.Description.Name}; name it with --experiments {experiment.Info.Name} to have it.");
        Report(target.Description.Name, ComparisonStage.Finished, "left out of a quick run");
        return new TargetResult(experiment, target.Description, outcome, null, TimeSpan.Zero) { LeftOut = "a quick run leaves it out unless it is named" };
    }

    /// <summary>Gives it up, for a reason.</summary>
    public TargetResult Skip(IComparisonTarget target, string reason)
    {
        Report(target.Description.Name, ComparisonStage.Failed, reason);
        return new TargetResult(experiment, target.Description, new ExperimentOutcome(), reason, TimeSpan.Zero);
    }

    private void Report(string target, ComparisonStage stage, string detail) => progress?.Report(
        new ComparisonProgress(experiment.Info.Name, experiment.Info.Title, index, count, stage, Stopwatch.GetElapsedTime(_start), detail) { Target = target });
}
