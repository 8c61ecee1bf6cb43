using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests;

public class ComparisonRunnerTests
{
    private sealed class FailingExperiment(Func<CancellationToken, Task> run) : IExperiment
    {
        public ExperimentInfo Info { get; } = new("failing", "Fails", "By throwing.");

        public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
        {
            context.Outcome.Notes.Add("found before it failed");
            await run(cancellationToken);
        }
    }

    [Fact]
    public async Task An_unknown_experiment_is_refused_with_the_names_there_are()
    {
        ComparisonInputException exception = await Assert.ThrowsAsync<ComparisonInputException>(
            () => ComparisonRunner.RunAsync(new ComparisonOptions { Experiments = ["nonsense"] }));

        Assert.Contains("nonsense", exception.Message, StringComparison.Ordinal);
        Assert.Contains("throughput", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_least_one_repeat_is_needed()
        => await Assert.ThrowsAsync<ComparisonInputException>(() => ComparisonRunner.RunAsync(new ComparisonOptions { Repeat = 0 }));

    [Fact]
    public async Task A_failed_experiment_is_a_result_and_keeps_what_it_found()
    {
        List<ComparisonProgress> news = [];
        TargetResult result = await RunAsync(static _ => throw new InvalidOperationException("no luck"), news, TimeSpan.FromMinutes(1));

        Assert.Equal("InvalidOperationException: no luck", result.Error);
        Assert.Equal(["found before it failed"], result.Outcome.Notes);
        Assert.Equal([ComparisonStage.Started, ComparisonStage.Failed], news.Select(static progress => progress.Stage));
    }

    [Fact]
    public async Task An_experiment_that_hangs_is_stopped_at_its_limit()
    {
        TargetResult result = await RunAsync(static stop => Task.Delay(Timeout.Infinite, stop), [], TimeSpan.FromMilliseconds(50));

        Assert.Contains("time limit", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_experiment_that_does_not_end_when_told_is_left_behind_and_that_is_said()
    {
        TaskCompletionSource never = new();
        TargetResult result = await RunAsync(_ => never.Task, [], TimeSpan.FromMilliseconds(50));
        never.SetResult();

        Assert.True(result.IsAbandoned);
        Assert.Contains("was left behind", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_the_run_ends_it()
    {
        using CancellationTokenSource stop = new();
        Task run = RunAsync(async token =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        }, [], TimeSpan.FromMinutes(1), stop.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public void Every_experiment_has_its_own_name()
        => Assert.Equal(ComparisonRunner.Experiments.Count, ComparisonRunner.Experiments.Select(static experiment => experiment.Name).Distinct().Count());

    private static async Task<TargetResult> RunAsync(
        Func<CancellationToken, Task> run, List<ComparisonProgress> news, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        ComparisonOptions options = new();
        using WorkDirectory directory = WorkDirectory.Create(null);
        return await new ExperimentRun(new FailingExperiment(run), 1, 1, new SynchronousProgress(news)).RunAsync(
            new NativeTarget(directory), await Workload.LoadAsync(options, CancellationToken.None),
            RunScale.For(options) with { ExperimentTimeout = limit, Grace = TimeSpan.FromMilliseconds(500) }, options, cancellationToken);
    }

    private sealed class SynchronousProgress(List<ComparisonProgress> news) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => news.Add(value);
    }
}
