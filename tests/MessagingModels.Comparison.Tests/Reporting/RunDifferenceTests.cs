using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public class RunDifferenceTests
{
    private static readonly Dictionary<string, string> Settings = new() { ["durability"] = "PageCache" };

    [Theory]
    [InlineData(new[] { 100.0, 110, 90 }, new[] { 105.0, 115, 95 }, ChangeOutcome.NoVisibleChange)]
    [InlineData(new[] { 100.0, 110, 90 }, new[] { 130.0, 140, 110 }, ChangeOutcome.NoVisibleChange)]
    [InlineData(new[] { 100.0, 110, 90 }, new[] { 130.0, 140, 111 }, ChangeOutcome.Higher)]
    [InlineData(new[] { 100.0, 110, 90 }, new[] { 80.0, 89, 70 }, ChangeOutcome.Lower)]
    [InlineData(new[] { 100.0 }, new[] { 500.0 }, ChangeOutcome.SingleValues)]
    [InlineData(new[] { 100.0, 110 }, new[] { 500.0 }, ChangeOutcome.SingleValues)]
    public void Only_spreads_that_do_not_overlap_are_a_change(double[] before, double[] now, ChangeOutcome outcome)
    {
        FigureChange change = Assert.Single(Compare([Figure(before)], [Figure(now)]).Figures);

        Assert.Equal(outcome, change.Outcome);
        Assert.Equal(now[0] / before[0], change.Ratio);
        Assert.Equal(before.Min(), change.Before.Minimum);
        Assert.Equal(now.Max(), change.Now.Maximum);
    }

    [Fact]
    public void A_figure_that_was_zero_has_no_ratio()
        => Assert.Null(Assert.Single(Compare([Figure([0, 0])], [Figure([1, 2])]).Figures).Ratio);

    [Fact]
    public void Figures_of_other_settings_are_not_compared()
    {
        RunDifference difference = Compare([Figure([1, 2])], [Figure([1, 2]) with { Settings = new Dictionary<string, string> { ["durability"] = "Fsync" } }]);

        Assert.Empty(difference.Figures);
        Assert.Equal(["throughput, native, log, published, 1 KiB"], difference.OnlyBefore);
        Assert.Equal(["throughput, native, log, published, 1 KiB"], difference.OnlyNow);
    }

    [Fact]
    public void Another_version_of_the_client_is_a_reason_to_compare_not_one_against_it()
    {
        Measurement before = Figure([1, 2]) with { Observations = new Dictionary<string, string> { ["client"] = "1.0" } };

        Assert.Single(Compare([before], [before with { Observations = new Dictionary<string, string> { ["client"] = "2.0" } }]).Figures);
    }

    [Theory]
    [InlineData("target")]
    [InlineData("metric")]
    [InlineData("label")]
    [InlineData("model")]
    public void Figures_that_differ_in_what_they_are_do_not_meet(string what)
    {
        Measurement other = what switch
        {
            "target" => Figure([1]) with { Target = "kafka" },
            "metric" => Figure([1]) with { Metric = "consumed" },
            "label" => Figure([1]) with { Label = "16 KiB" },
            _ => Figure([1]) with { Model = null },
        };

        Assert.Empty(Compare([Figure([1])], [other]).Figures);
    }

    [Fact]
    public void Latencies_are_compared_by_median_and_99th_percentile()
    {
        RunDifference difference = SavedRuns.Compare(new SavedRun("old", SampleReport.Create(), []), SampleReport.Create()).Against!;

        Assert.Contains(difference.Figures, static change => change is { Metric: "latency p99", Label: "to consumer at 1,000 messages/s", Now.Median: 0.5 });
        Assert.Contains(difference.Figures, static change => change.Metric == "latency p50");
    }

    [Fact]
    public void Repeats_of_latencies_give_them_a_spread()
    {
        ComparisonReport before = SampleReport.Create();
        LatencyMeasurement latency = before.Experiments[0].Latencies[0] with { P99Repeats = [0.4, 0.5, 0.6] };
        ComparisonReport now = before with { Experiments = [before.Experiments[0] with { Latencies = [latency with { P99 = 0.9, P99Repeats = [0.8, 0.9, 1] }] }] };
        before = before with { Experiments = [before.Experiments[0] with { Latencies = [latency] }] };

        RunDifference difference = SavedRuns.Compare(new SavedRun("old", before, []), now).Against!;

        Assert.Equal(ChangeOutcome.Higher, Assert.Single(difference.Figures, static change => change.Metric == "latency p99").Outcome);
    }

    [Fact]
    public void Latencies_at_a_share_of_a_rate_meet_whatever_the_rate_was()
    {
        ComparisonReport before = SampleReport.Create();
        LatencyMeasurement latency = before.Experiments[0].Latencies[0] with { Label = "50 % of the sustained rate" };
        ComparisonReport now = before with { Experiments = [before.Experiments[0] with { Latencies = [latency with { IntendedRate = 2000 }] }] };
        before = before with { Experiments = [before.Experiments[0] with { Latencies = [latency] }] };

        Assert.Contains(SavedRuns.Compare(new SavedRun("old", before, []), now).Against!.Figures, static change => change.Label == "to consumer at 50 % of the sustained rate");
    }

    [Fact]
    public void Another_version_of_a_system_is_said()
    {
        ComparisonReport before = ThreeSystemReport.Create();
        TargetDescription[] targets = [.. before.Conditions.Targets.Select(static target => target.Name == "kafka" ? target with { Version = "9.9" } : target)];
        ComparisonReport now = before with { Conditions = before.Conditions with { Targets = targets } };

        Assert.Contains("and is “9.9”", Assert.Single(SavedRuns.Compare(new SavedRun("old", before, []), now).Against!.AlsoChanged), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_against_itself_shows_no_change()
    {
        ComparisonReport report = ThreeSystemReport.Create();
        RunDifference difference = SavedRuns.Compare(new SavedRun("same", report, []), report).Against!;

        Assert.DoesNotContain(difference.Figures, static change => change.Outcome is ChangeOutcome.Higher or ChangeOutcome.Lower);
        Assert.Empty(difference.OnlyBefore);
        Assert.Empty(difference.OnlyNow);
    }

    internal static ComparisonReport WithFigures(params Measurement[] measurements)
    {
        ComparisonReport report = SampleReport.Create();
        return report with { Experiments = [report.Experiments[0] with { Measurements = measurements, Latencies = [] }] };
    }

    internal static Measurement Figure(double[] repeats) => new()
    {
        Metric = "published",
        Label = "1 KiB",
        Unit = "messages/s",
        Model = ModelKind.Log,
        Target = "native",
        Median = repeats[0],
        Minimum = repeats.Min(),
        Maximum = repeats.Max(),
        Repeats = repeats,
        Settings = Settings,
    };

    private static RunDifference Compare(Measurement[] before, Measurement[] now)
        => SavedRuns.Compare(new SavedRun("old", WithFigures(before), []), WithFigures(now)).Against!;
}
