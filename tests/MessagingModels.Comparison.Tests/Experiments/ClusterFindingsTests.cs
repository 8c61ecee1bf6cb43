using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ClusterFindingsTests
{
    private static readonly Finding Partitions = Observe.That("Partitions scale consumption.", true, "seen", "", isEssential: true);

    [Fact]
    public void Partitions_of_one_node_do_not_carry_a_claim_about_distribution_alone()
    {
        Finding slower = ClusterFindings.OfThroughput(Rates(100, 110, 120), Rates(60, 70, 80));

        (Verdict verdict, string condition) = VerdictRule.Decide([Partitions, slower]);

        Assert.Equal((FindingOutcome.Refuted, Verdict.HoldsIf), (slower.Outcome, verdict));
        Assert.Contains("got through 0.636x (0.500 to 0.800) what one did", condition, StringComparison.Ordinal);
        Assert.Contains("60 to 80", slower.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(130, FindingOutcome.Confirmed)]
    [InlineData(115, FindingOutcome.Refuted)]
    public void Three_nodes_get_through_more_where_their_windows_do_not_overlap_those_of_one(double slowest, FindingOutcome expected)
        => Assert.Equal(expected, ClusterFindings.OfThroughput(Rates(100, 110, 120), Rates(slowest, 140, 150)).Outcome);

    private static Measurement Rates(double minimum, double median, double maximum) => new()
    {
        Metric = "published, consumed and acknowledged",
        Unit = "messages/s",
        Target = "kafka",
        Median = median,
        Minimum = minimum,
        Maximum = maximum,
        Repeats = [minimum, median, maximum],
        Settings = new Dictionary<string, string>(),
    };
}
