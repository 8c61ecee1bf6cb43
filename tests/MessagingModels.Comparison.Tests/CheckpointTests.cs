using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Tests;

public class CheckpointTests
{
    private readonly List<ComparisonReport> _checkpoints = [];

    [Fact]
    public async Task After_each_experiment_there_is_a_report_of_what_was_measured_so_far()
    {
        await RunAsync([Target("native"), Target("kafka")], [new NotingExperiment("first"), new NotingExperiment("second")]);

        Assert.Equal(
            ["first: native", "first: native; second: native", "first: native, kafka; second: native", "first: native, kafka; second: native, kafka"],
            _checkpoints.Select(static report => string.Join("; ", report.Experiments.Select(static experiment => $"{experiment.Name}: {string.Join(", ", experiment.Notes)}"))));
        Assert.Equal([1, 1, 2, 2], _checkpoints.Select(static report => report.Conditions.Targets.Count));
    }

    [Fact]
    public async Task It_names_the_experiments_that_have_not_been_run_on_each_target()
    {
        await RunAsync([Target("native"), Target("kafka")], [new NotingExperiment("first"), new NotingExperiment("second")]);

        Assert.Equal(
            ["native: second; kafka: first, second", "kafka: first, second", "kafka: second", ""],
            _checkpoints.Select(static report => string.Join("; ", report.Unfinished!.NotRun.Select(static target => $"{target.Target}: {string.Join(", ", target.Experiments)}"))));
    }

    [Fact]
    public async Task It_has_not_succeeded_even_where_only_the_end_of_the_run_is_missing()
    {
        ComparisonReport complete = await RunAsync([Target("native")], [new NotingExperiment("only")]);

        Assert.False(Assert.Single(_checkpoints).Succeeded);
        Assert.True(complete.Succeeded);
        Assert.Null(complete.Unfinished);
    }

    [Fact]
    public async Task A_target_that_cannot_be_had_is_not_still_to_come()
    {
        TargetEntry missing = new("kafka", static (_, _, _) => throw new TargetUnavailableException("no Java"));
        await RunAsync([missing, Target("native")], [new NotingExperiment("first"), new NotingExperiment("second")]);

        Assert.Equal("native", Assert.Single(_checkpoints[0].Unfinished!.NotRun).Target);
        Assert.Equal("kafka", Assert.Single(_checkpoints[0].Conditions.UnavailableTargets).Name);
    }

    [Fact]
    public async Task No_experiment_runs_before_the_checkpoint_is_done()
    {
        bool isWriting = false;
        List<bool> seen = [];
        NotingExperiment[] experiments = [.. new[] { "first", "second", "third" }.Select(name => new NotingExperiment(name, () => seen.Add(isWriting)))];

        await RunAsync([Target("native")], experiments, async _ =>
        {
            isWriting = true;
            await Task.Delay(20);
            isWriting = false;
        });

        Assert.Equal([false, false, false], seen);
    }

    [Fact]
    public async Task A_cancelled_run_has_given_what_was_measured_before()
    {
        using CancellationTokenSource stop = new();
        IExperiment[] experiments = [new NotingExperiment("first"), new NotingExperiment("second", stop.Cancel)];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync([Target("native")], experiments, cancellationToken: stop.Token));

        Assert.Equal("first", Assert.Single(Assert.Single(_checkpoints).Experiments).Name);
    }

    [Fact]
    public async Task A_checkpoint_that_fails_ends_the_run()
        => await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync([Target("native")], [new NotingExperiment("only")], static _ => throw new InvalidOperationException("no luck")));

    private Task<ComparisonReport> RunAsync(
        TargetEntry[] targets, IExperiment[] experiments, Func<ComparisonReport, Task>? checkpoint = null, CancellationToken cancellationToken = default)
        => ComparisonRunner.RunAsync(new ComparisonOptions { Quick = true }, targets, experiments, progress: null, report =>
        {
            _checkpoints.Add(report);
            return checkpoint?.Invoke(report) ?? Task.CompletedTask;
        }, cancellationToken);

    private static TargetEntry Target(string name) => new(name, (_, _, _) => Task.FromResult<IComparisonTarget>(new NamedTarget(name)));

    /// <summary>Notes the target that it runs on.</summary>
    private sealed class NotingExperiment(string name, Action? run = null) : IExperiment
    {
        public ExperimentInfo Info { get; } = new(name, "Notes", "By noting.");

        public Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
        {
            context.Outcome.Notes.Add(context.Target.Description.Name);
            run?.Invoke();
            cancellationToken.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }
    }

    /// <summary>A system of which only its name is used.</summary>
    private sealed class NamedTarget(string name) : IComparisonTarget
    {
        public TargetDescription Description { get; } = new(name, "1", TargetDescription.InProcess);

        public IReadOnlyList<Durability> Levels => [Durability.Memory];

        public Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TargetSession> OpenForFaultAsync(bool losesResponse, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<FaultAttempt>> RunKilledAsync(IReadOnlyList<FaultSetting> settings, int count, CancellationToken cancellationToken)
            => throw new NotSupportedException();

        public BrokerUsage? ReadUsage() => null;

        public string? FindFailure() => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
