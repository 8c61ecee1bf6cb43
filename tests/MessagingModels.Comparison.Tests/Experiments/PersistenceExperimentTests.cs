using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Tests.Experiments;

public class PersistenceExperimentTests
{
    [Fact]
    public async Task A_broker_that_this_run_may_not_restart_leaves_restarts_untested()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using ForeignTarget target = new(new NativeTarget(directory));
        ComparisonOptions options = new() { Quick = true };
        PersistenceExperiment experiment = new();
        ExperimentContext context = new(experiment, options, static _ => { })
        {
            Target = target,
            Workload = await Workload.LoadAsync(options, stop),
            Scale = RunScale.For(options),
        };

        await experiment.RunAsync(context, stop);

        ClaimResult queues = context.Outcome.Claims.Single(static claim => claim.Model == ModelKind.Exchange);
        ClaimResult topics = context.Outcome.Claims.Single(static claim => claim.Model == ModelKind.Log);
        Assert.Equal((Verdict.NotTried, Verdict.HoldsIf), (queues.Verdict, topics.Verdict));
        Assert.All(queues.Findings, static finding => Assert.Equal(FindingOutcome.NotTested, finding.Outcome));
        Assert.Equal(FindingOutcome.NotTested, topics.Findings.Single(static finding => finding.Statement.Contains("on disk", StringComparison.Ordinal)).Outcome);
        Assert.Equal(FindingOutcome.Confirmed, topics.Findings.Single(static finding => finding.Statement.Contains("7 days", StringComparison.Ordinal)).Outcome);
    }

    /// <summary>A broker of somebody else's, as far as stopping it goes.</summary>
    private sealed class ForeignTarget(NativeTarget target) : IComparisonTarget
    {
        public TargetDescription Description => target.Description;

        public IReadOnlyList<Durability> Levels => target.Levels;

        public async Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken)
            => new ForeignSession(await target.OpenAsync(durability, cancellationToken));

        public Task<TargetSession> OpenForFaultAsync(bool losesResponse, CancellationToken cancellationToken)
            => target.OpenForFaultAsync(losesResponse, cancellationToken);

        public Task<IReadOnlyList<FaultAttempt>> RunKilledAsync(IReadOnlyList<FaultSetting> settings, int count, CancellationToken cancellationToken)
            => target.RunKilledAsync(settings, count, cancellationToken);

        public BrokerUsage? ReadUsage() => null;

        public string? FindFailure() => null;

        public ValueTask DisposeAsync() => target.DisposeAsync();
    }

    private sealed class ForeignSession(NativeSession session) : TargetSession(session.Durability, prefix: "")
    {
        public override ILogBroker Log => session.Log;

        public override IExchangeBroker Exchanges => session.Exchanges;

        public override Task RestartAsync(CancellationToken cancellationToken) => throw new NotSupportedException("This run did not start the broker.");

        public override ValueTask DisposeAsync() => session.DisposeAsync();
    }
}
