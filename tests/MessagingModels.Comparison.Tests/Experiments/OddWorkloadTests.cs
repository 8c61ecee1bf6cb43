using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Experiments;

/// <summary>What users bring: it must neither stop an experiment nor bring down a claim that it cannot say anything about.</summary>
public class OddWorkloadTests
{
    public static TheoryData<string> Names => ["one message", "one route", "one key", "no bodies", "huge bodies", "routes of pattern characters", "long routes and keys", "no route and no key"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Claims_about_where_messages_go_survive_it(string name)
    {
        IReadOnlyList<ClaimResult> claims = [.. await RunAsync(new DataModelExperiment(), name), .. await RunAsync(new DistributionExperiment(), name)];

        Assert.Equal(4, claims.Select(static claim => claim.Claim).Distinct().Count());
        Assert.DoesNotContain(claims.SelectMany(static claim => claim.Findings), static finding => finding.Outcome == FindingOutcome.Refuted && !finding.Statement.Contains("speed up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_route_leaves_what_needs_several_untested()
    {
        IReadOnlyList<ClaimResult> claims = [.. await RunAsync(new DataModelExperiment(), "one route"), .. await RunAsync(new DistributionExperiment(), "one route")];
        Finding[] untested = [.. claims.SelectMany(static claim => claim.Findings).Where(static finding => finding.Outcome == FindingOutcome.NotTested)];

        Assert.Contains(untested, static finding => finding.Statement.StartsWith("Topic match", StringComparison.Ordinal));
        Assert.Contains(untested, static finding => finding.Statement.StartsWith("What a queue gets", StringComparison.Ordinal));
        Assert.All(
            untested.Where(static finding => !finding.Statement.Contains("speed up", StringComparison.Ordinal)),
            static finding => Assert.Contains("routes differ", finding.Condition, StringComparison.Ordinal));
    }

    private static WorkloadMessage[] Messages(string name) => name switch
    {
        "one message" => Many(1, static _ => new WorkloadMessage("k", "a.b", new byte[10])),
        "one route" => Many(100, static i => new WorkloadMessage($"k{i % 7}", "a.b", new byte[10])),
        "one key" => Many(100, static i => new WorkloadMessage("k", $"a.{i % 5}", new byte[10])),
        "no bodies" => Many(100, static i => new WorkloadMessage($"k{i % 7}", $"a.{i % 5}", default)),
        "huge bodies" => Many(20, static i => new WorkloadMessage($"k{i % 7}", $"a.{i % 5}", new byte[4 * 1024 * 1024])),
        "routes of pattern characters" => Many(100, static i => new WorkloadMessage($"k{i % 7}", i % 2 == 0 ? "a.#" : "*.b", new byte[10])),
        "long routes and keys" => Many(100, static i => new WorkloadMessage($"{i % 7}{new string('k', 3000)}", $"{i % 5}{new string('r', 254)}", new byte[10])),
        _ => Many(100, static _ => new WorkloadMessage("", "", new byte[10])),
    };

    private static WorkloadMessage[] Many(int count, Func<int, WorkloadMessage> create) => [.. Enumerable.Range(0, count).Select(create)];

    private static async Task<IReadOnlyList<ClaimResult>> RunAsync(IExperiment experiment, string name)
    {
        ComparisonOptions options = new() { Quick = true, Repeat = 1 };
        using WorkDirectory directory = WorkDirectory.Create(null);
        await using NativeTarget target = new(directory);
        ExperimentContext context = new(experiment, options, static _ => { })
        {
            Target = target,
            Workload = Workload.Create("test", Messages(name), [], 0),
            Scale = RunScale.For(options),
        };
        await experiment.RunAsync(context, TestContext.Current.CancellationToken);
        Assert.All(context.Outcome.Measurements, static measurement => Assert.True(double.IsFinite(measurement.Median), measurement.Label));
        return ResultMerge.MergeClaims(context.Outcome.Claims);
    }
}
