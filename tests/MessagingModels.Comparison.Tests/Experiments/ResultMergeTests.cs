using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ResultMergeTests
{
    private const string Socket = TargetDescription.OverSocket;

    [Fact]
    public void Charts_of_one_title_and_place_become_one()
    {
        IReadOnlyList<Chart> merged = ResultMerge.MergeCharts([ChartOf("kafka", Socket), ChartOf("rabbitmq", Socket), ChartOf("native", TargetDescription.InProcess)]);

        Assert.Equal(2, merged.Count);
        Assert.Equal(["kafka", "rabbitmq"], merged.Single(static chart => chart.Place == Socket).Series.Select(static series => series.Target));
    }

    [Fact]
    public void Charts_over_different_axes_stay_apart()
        => Assert.Equal(2, ResultMerge.MergeCharts([ChartOf("kafka", Socket), ChartOf("rabbitmq", Socket) with { Categories = ["other"] }]).Count);

    [Fact]
    public void A_part_that_another_experiment_tried_counts_as_tried()
    {
        ClaimResult merged = Assert.Single(ResultMerge.MergeClaims(
        [
            Claim("kafka", Observe.That("it scales", true, "seen", "not"), Observe.Nothing("it survives", "several nodes")),
            Claim("kafka", Observe.That("it survives", true, "seen", "not")),
        ]));

        Assert.Equal(Verdict.Holds, merged.Verdict);
        Assert.Equal(2, merged.Findings.Count);
    }

    [Fact]
    public void What_no_experiment_tried_keeps_the_claim_conditional()
        => Assert.Equal(Verdict.HoldsIf, Assert.Single(ResultMerge.MergeClaims([Claim("native", Observe.That("it scales", true, "seen", "not"), Observe.Nothing("it survives", "several nodes"))])).Verdict);

    [Fact]
    public void A_claim_that_no_experiment_could_try_stays_untried_until_one_tries_a_part()
    {
        ClaimResult untried = Claim("kafka", Observe.Nothing("it scales", "time"), Observe.Nothing("it survives", "several nodes"));

        Assert.Equal(Verdict.NotTried, Assert.Single(ResultMerge.MergeClaims([untried])).Verdict);
        Assert.Equal(Verdict.HoldsIf, Assert.Single(ResultMerge.MergeClaims([untried, Claim("kafka", Observe.That("it scales", true, "seen", "not"))])).Verdict);
    }

    [Fact]
    public void Targets_have_verdicts_of_their_own()
        => Assert.Equal(
            [Verdict.Holds, Verdict.DoesNotHold],
            ResultMerge.MergeClaims([Claim("kafka", Observe.That("a", true, "", "no")), Claim("native", Observe.That("a", false, "", "no"))]).Select(static claim => claim.Verdict));

    [Fact]
    public void Models_are_weighed_in_one_place_only()
    {
        TargetDescription native = new("native", "1", TargetDescription.InProcess);
        AnswerSide[] sides =
        [
            Side(ModelKind.Exchange, native, 10), Side(ModelKind.Log, native, 20),
            Side(ModelKind.Exchange, new("rabbitmq", "4", Socket), 3), Side(ModelKind.Log, new("kafka", "4", Socket), 3),
        ];

        RankedAnswer[] answers = [.. AnswerRule.Decide(sides)];

        Assert.Equal(["log", "either"], answers.Select(static answer => answer.Answer.Choice));
        Assert.Equal(["native"], answers[0].Answer.Targets);
        Assert.Equal(["rabbitmq", "kafka"], answers[1].Answer.Targets);
    }

    [Fact]
    public void One_model_alone_is_no_answer()
        => Assert.Empty(AnswerRule.Decide([Side(ModelKind.Log, new("kafka", "4", Socket), 3)]));

    private static AnswerSide Side(ModelKind model, TargetDescription target, double value)
        => new(Need.Rate, model, target, Spread.Of([value, value]), "So much.", "throughput", "command");

    private static ClaimResult Claim(string target, params Finding[] findings) => new()
    {
        Part = "scaling",
        Model = ModelKind.Log,
        Claim = "It scales.",
        Target = target,
        Verdict = VerdictRule.Decide(findings).Verdict,
        Condition = VerdictRule.Decide(findings).Condition,
        Findings = findings,
        Experiment = "scaling",
        Command = "command",
    };

    private static Chart ChartOf(string target, string place) => new()
    {
        Title = "Throughput",
        Kind = ChartKind.Bars,
        XLabel = "size",
        YLabel = "messages/s",
        Categories = ["100 B"],
        Series = [new ChartSeries(target, ModelKind.Log, [new ChartPoint(0, 1)]) { Target = target }],
        Place = place,
    };
}
