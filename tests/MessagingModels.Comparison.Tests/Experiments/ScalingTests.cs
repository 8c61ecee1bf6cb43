using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ScalingTests
{
    // With eight members more than 4.8 times as much counts.
    private static readonly double[] One = [95, 100, 105];
    private static readonly double[] SevenTimes = [690, 700, 710];
    private static readonly double[] Twice = [190, 200, 210];
    private static readonly double[] BetweenFourAndSevenTimes = [400, 560, 700];

    [Fact]
    public void A_speed_up_with_waiting_handlers_alone_is_one_under_that_condition()
    {
        Finding finding = Judge(SevenTimes, Twice);

        Assert.Equal(FindingOutcome.Conditional, finding.Outcome);
        Assert.Contains("8 members got through 2x (1.81 to 2.21)", finding.Condition, StringComparison.Ordinal);
        Assert.Contains("the publisher, as 0 % of the backlog", finding.Condition, StringComparison.Ordinal);
    }

    [Fact]
    public void A_speed_up_with_both_kinds_of_handler_needs_no_condition()
        => Assert.Equal(FindingOutcome.Confirmed, Judge(SevenTimes, SevenTimes).Outcome);

    [Fact]
    public void No_speed_up_with_waiting_handlers_refutes_it_whatever_the_others_do()
        => Assert.Equal(FindingOutcome.Refuted, Judge(Twice, SevenTimes).Outcome);

    [Fact]
    public async Task What_one_node_cannot_show_of_clusters_keeps_both_claims_from_holding()
    {
        ComparisonReport report = await ComparisonRunner.RunAsync(
            new ComparisonOptions { Targets = ["native"], Experiments = ["scaling"], Quick = true, Repeat = 1 },
            cancellationToken: TestContext.Current.CancellationToken);

        string[] untested =
        [
            .. report.Claims.SelectMany(static claim => claim.Findings)
                .Where(static finding => finding.Outcome == FindingOutcome.NotTested).Select(static finding => finding.Statement),
        ];
        Assert.All(
            ["A cluster balances the load of its queues over its nodes.", ScalingExperiment.ClusterStays, ScalingExperiment.ReplicasTolerate, ScalingExperiment.DistributionScales],
            statement => Assert.Contains(statement, untested));
        Assert.All(report.Claims, static claim => Assert.NotEqual(Verdict.Holds, claim.Verdict));
    }

    [Fact]
    public void A_speed_up_whose_spread_reaches_below_what_counts_is_undecided()
    {
        Finding finding = Judge(BetweenFourAndSevenTimes, Twice);

        Assert.Equal(FindingOutcome.NotTested, finding.Outcome);
        Assert.Equal("undecided here: It scales, which the figures do not tell beyond their spread", finding.Condition);
        Assert.Contains("5.60x (3.81 to 7.37) with 8", finding.Evidence, StringComparison.Ordinal);
        Assert.True(finding.IsEssential);
    }

    [Fact]
    public void One_that_is_undecided_with_busy_handlers_is_certain_only_under_the_condition()
        => Assert.Equal(FindingOutcome.Conditional, Judge(SevenTimes, BetweenFourAndSevenTimes).Outcome);

    [Fact]
    public void A_single_window_decides_nothing() => Assert.Equal(FindingOutcome.NotTested, Judge([700], [700], [100]).Outcome);

    [Theory]
    [InlineData(1.1, 1.2, FindingOutcome.Confirmed)]
    [InlineData(1.1, 1.5, FindingOutcome.Conditional)]
    [InlineData(1.3, 1.1, FindingOutcome.Refuted)]
    [InlineData(1.24, 1.1, FindingOutcome.NotTested)]
    public void A_load_is_shared_evenly_where_no_window_has_a_much_busier_consumer(double waiting, double busy, FindingOutcome expected)
        => Assert.Equal(expected, ScalingExperiment.JudgeEvenness(Result(One, 8, waiting), Result(One, 8, busy)).Outcome);

    private static Finding Judge(double[] waiting, double[] busy, double[]? one = null)
        => ScalingExperiment.JudgeSpeedUp(
            "It scales.", "members", [Result(one ?? One, 1), Result(waiting, 8)], [Result(one ?? One, 1), Result(busy, 8)], isEssential: true);

    private static ParallelResult Result(double[] rates, int consumers, double imbalance = 1)
        => new(consumers, Spread.Of(rates), Spread.Of([imbalance - 0.02, imbalance, imbalance + 0.02]), Spread.Of([0, 0, 0]), new Dictionary<string, string>());
}
