using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>One experiment at its place in a run: runs it under a time limit, reports its progress and turns a failure into a result.</summary>
internal sealed class ExperimentRun(IExperiment experiment, int index, int count, IProgress<ComparisonProgress>? progress)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public async Task<(ExperimentReport Report, ExperimentOutcome Outcome)> RunAsync(
        IComparisonTarget target, Workload workload, RunScale scale, ComparisonOptions options, CancellationToken cancellationToken)
    {
        ExperimentContext context = new(experiment, options, step => Report(ComparisonStage.Step, step))
        {
            Target = target,
            Workload = workload,
            Scale = scale,
        };
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(scale.ExperimentTimeout);
        Report(ComparisonStage.Started, "");
        string? error = null;
        try
        {
            // Experiments block on purpose while they generate load; the caller's thread must not be that one.
            await Task.Run(() => experiment.RunAsync(context, limit.Token), limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever stops one experiment is that experiment's result; the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = limit.IsCancellationRequested
                ? $"It was stopped after {scale.ExperimentTimeout.TotalSeconds:0} s, its time limit; the last step was unfinished."
                : $"{exception.GetType().Name}: {exception.Message}";
        }

        Report(error is null ? ComparisonStage.Finished : ComparisonStage.Failed, error ?? "");
        return (CreateReport(context, error), context.Outcome);
    }

    private ExperimentReport CreateReport(ExperimentContext context, string? error) => new()
    {
        Name = experiment.Info.Name,
        Title = experiment.Info.Title,
        Method = experiment.Info.Method,
        DurationSeconds = Stopwatch.GetElapsedTime(_start).TotalSeconds,
        Command = context.Command,
        Error = error,
        Measurements = context.Outcome.Measurements,
        Latencies = context.Outcome.Latencies,
        Charts = context.Outcome.Charts,
        Notes = context.Outcome.Notes,
    };

    private void Report(ComparisonStage stage, string detail) => progress?.Report(new ComparisonProgress(
        experiment.Info.Name, experiment.Info.Title, index, count, stage, Stopwatch.GetElapsedTime(_start), detail));
}
