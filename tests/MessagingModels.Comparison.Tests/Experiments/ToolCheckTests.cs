using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ToolCheckTests
{
    [Theory]
    [InlineData("messages/s")]
    [InlineData("deliveries/s")]
    public async Task A_rate_of_kafkas_that_its_own_tools_did_not_check_says_so(string unit)
        => Assert.Equal("not run with this workload", (await MeasureAsync(TargetKind.Kafka, unit, null)).Observations[ToolCheck.Observation]);

    [Fact]
    public async Task A_rate_of_kafkas_that_they_checked_says_that_and_keeps_what_else_was_seen()
    {
        Dictionary<string, string> observations = new() { ["client"] = "this one", [ToolCheck.Observation] = "run" };

        Assert.Equal(observations, (await MeasureAsync(TargetKind.Kafka, "messages/s", observations)).Observations);
    }

    [Theory]
    [InlineData(TargetKind.Kafka, "ms")]
    [InlineData(TargetKind.Kafka, "x")]
    [InlineData(TargetKind.RabbitMq, "messages/s")]
    [InlineData(TargetKind.Native, "messages/s")]
    internal async Task Other_figures_have_nothing_to_say_of_them(TargetKind kind, string unit)
        => Assert.Empty((await MeasureAsync(kind, unit, null)).Observations);

    [Fact]
    public void Only_a_kafka_is_announced_to_be_checked()
        => Assert.Empty(ToolCheck.Announce(new NamedTarget(TargetKind.RabbitMq), RunScale.For(new ComparisonOptions())));

    private static async Task<Measurement> MeasureAsync(TargetKind kind, string unit, IReadOnlyDictionary<string, string>? observations)
    {
        ComparisonOptions options = new() { Quick = true };
        ExperimentContext context = new(new ThroughputExperiment(), options, static _ => { })
        {
            Target = new NamedTarget(kind),
            Workload = await Workload.LoadAsync(options, TestContext.Current.CancellationToken),
            Scale = RunScale.For(options),
        };
        return context.Measured(ModelKind.Log, "consumed", "all", unit, [1], new Dictionary<string, string>(), observations);
    }

    /// <summary>A target that has nothing but its description.</summary>
    private sealed class NamedTarget(TargetKind kind) : IComparisonTarget
    {
        public TargetDescription Description { get; } = new("it", "1", TargetDescription.OverSocket) { Kind = kind, Models = [ModelKind.Log] };

        public IReadOnlyList<Durability> Levels => [Durability.PageCache];

        public Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TargetSession> OpenForFaultAsync(bool losesResponse, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<FaultAttempt>> RunKilledAsync(IReadOnlyList<FaultSetting> settings, int count, CancellationToken cancellationToken)
            => throw new NotSupportedException();

        public BrokerUsage? ReadUsage() => null;

        public string? FindFailure() => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
