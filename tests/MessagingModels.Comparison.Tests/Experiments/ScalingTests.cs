using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ScalingTests
{
    [Fact]
    public void A_speed_up_with_waiting_handlers_alone_is_one_under_that_condition()
    {
        Finding finding = Judge([100, 700], [50_000, 60_000]);

        Assert.Equal(FindingOutcome.Conditional, finding.Outcome);
        Assert.Contains("8 members got through 1.20x", finding.Condition, StringComparison.Ordinal);
        Assert.Contains("the publisher, as 0 % of the backlog", finding.Condition, StringComparison.Ordinal);
    }

    [Fact]
    public void A_speed_up_with_both_kinds_of_handler_needs_no_condition()
        => Assert.Equal(FindingOutcome.Confirmed, Judge([100, 700], [50_000, 350_000]).Outcome);

    [Fact]
    public void No_speed_up_with_waiting_handlers_refutes_it_whatever_the_others_do()
        => Assert.Equal(FindingOutcome.Refuted, Judge([100, 200], [50_000, 350_000]).Outcome);

    [Fact]
    public async Task What_one_node_cannot_show_of_clusters_keeps_both_claims_from_holding()
    {
        ComparisonReport report = await ComparisonRunner.RunAsync(
            new ComparisonOptions { Targets = ["native"], Experiments = ["scaling"], Quick = true, Repeat = 1 }, null, TestContext.Current.CancellationToken);

        Assert.Equal(
            ["A cluster balances the load of its queues over its nodes.", ScalingExperiment.ClusterStays, ScalingExperiment.ReplicasTolerate, ScalingExperiment.DistributionScales],
            report.Claims.SelectMany(static claim => claim.Findings).Where(static finding => finding.Outcome == FindingOutcome.NotTested).Select(static finding => finding.Statement).Order(StringComparer.Ordinal));
        Assert.All(report.Claims, static claim => Assert.NotEqual(Verdict.Holds, claim.Verdict));
    }

    private static Finding Judge(double[] waiting, double[] busy) => ScalingExperiment.JudgeSpeedUp("It scales.", "members", Series(waiting), Series(busy), isEssential: true);

    private static List<ParallelResult> Series(double[] rates)
        => [.. rates.Zip([1, 8]).Select(static one => new ParallelResult([one.First], new long[one.Second], 0, new Dictionary<string, string>()))];
}
