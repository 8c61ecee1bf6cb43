using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Experiments;

public class FaultFindingsTests
{
    private static readonly string[] Faults = ["no fault", "application sends again"];

    [Fact]
    public void Exactly_once_holds_where_no_setting_lost_or_doubled_anything()
        => Assert.Equal(Verdict.Holds, VerdictRule.Decide(FaultFindings.ForExactlyOnce([Row("a", (0, 0), (0, 0)), Row("b", (0, 0), (0, 0))])).Verdict);

    [Fact]
    public void Exactly_once_depends_on_the_setting_where_only_one_is_sound()
    {
        (Verdict verdict, string condition) = VerdictRule.Decide(FaultFindings.ForExactlyOnce([Row("sound", (0, 0), (0, 0)), Row("leaky", (3, 0), (0, 0))]));

        Assert.Equal(Verdict.HoldsIf, verdict);
        Assert.Contains("sound", condition, StringComparison.Ordinal);
        Assert.DoesNotContain("leaky", condition, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_only_the_application_can_break_is_named_as_such()
        => Assert.Contains(
            "only if the consumer remembers ids", VerdictRule.Decide(FaultFindings.ForExactlyOnce([Row("transactions", (0, 0), (0, 1)), Row("leaky", (1, 0), (0, 1))])).Condition,
            StringComparison.Ordinal);

    [Fact]
    public void Exactly_once_does_not_hold_where_every_setting_failed()
        => Assert.Equal(Verdict.DoesNotHold, VerdictRule.Decide(FaultFindings.ForExactlyOnce([Row("a", (1, 0), (0, 0)), Row("b", (0, 1), (0, 0))])).Verdict);

    [Fact]
    public void Lost_or_twice_does_not_hold_where_nothing_was()
        => Assert.Equal(Verdict.DoesNotHold, VerdictRule.Decide(FaultFindings.ForLostOrTwice([Row("a", (0, 0), (0, 0))])).Verdict);

    [Fact]
    public void Lost_or_twice_names_the_settings_that_lost()
    {
        (Verdict verdict, string condition) = VerdictRule.Decide(FaultFindings.ForLostOrTwice([Row("leaky", (2, 1), (0, 0)), Row("doubling", (0, 1), (0, 0))]));

        Assert.Equal(Verdict.HoldsIf, verdict);
        Assert.Contains("“leaky”", condition, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_that_was_not_tried_refutes_nothing_and_is_named()
    {
        FaultCell untried = new("broker killed", 0, 0, 0, "not tried: this run did not start the broker's process");
        (Verdict verdict, string condition) = VerdictRule.Decide(FaultFindings.ForExactlyOnce([With(Row("a", (0, 0), (0, 0)), untried), With(Row("b", (0, 0), (0, 0)), untried)]));

        Assert.Equal(Verdict.HoldsIf, verdict);
        Assert.Contains("“broker killed” with all settings (not tried: this run did not start the broker's process)", condition, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_said_of_applications_that_send_again_where_that_was_not_tried()
        => Assert.DoesNotContain(
            "only if the consumer remembers ids",
            VerdictRule.Decide(FaultFindings.ForExactlyOnce([With(Row("a", (0, 0)), new FaultCell("application sends again", 0, 0, 0, "not tried: no proxy")), Row("b", (1, 0))])).Condition,
            StringComparison.Ordinal);

    [Fact]
    public void A_cell_that_failed_is_no_loss_and_is_named_with_its_setting()
    {
        FaultCell failed = new FaultAttempt(default, Failure: "it did not end within 20 s").ToCell("broker killed", 10);
        FaultCell sound = new("broker killed", 10, 0, 0);
        Finding[] findings = FaultFindings.ForExactlyOnce([With(Row("a", (0, 0), (0, 0)), failed), With(Row("b", (2, 0), (0, 0)), sound)]);
        (Verdict verdict, string condition) = VerdictRule.Decide(findings);

        Assert.Equal(Verdict.HoldsIf, verdict);
        Assert.Contains("1 of 2 settings kept to it under any fault that was tried", findings[0].Evidence, StringComparison.Ordinal);
        Assert.Contains("1 of 2 settings, “a” (failed: it did not end within 20 s)", condition, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_lost_stays_lost_whatever_else_was_not_tried()
        => Assert.Equal(
            Verdict.DoesNotHold,
            VerdictRule.Decide(FaultFindings.ForExactlyOnce([With(Row("a", (1, 0), (0, 0)), new FaultCell("broker killed", 0, 0, 0, "not tried: no process"))])).Verdict);

    [Fact]
    public void Exactly_once_is_untested_where_no_cell_was_tried()
    {
        FaultRow row = With(Row("a"), new FaultCell("broker killed", 0, 0, 0, "not tried: no process"));

        Assert.All(FaultFindings.ForExactlyOnce([row]), static finding => Assert.Equal(FindingOutcome.NotTested, finding.Outcome));
    }

    [Fact]
    public void Lost_or_twice_is_untested_where_the_fault_that_might_have_shown_it_was_not_tried()
    {
        FaultRow row = With(Row("a", (0, 0), (0, 0)), new FaultCell("broker killed", 0, 0, 0, "not tried: no process"));

        Assert.Equal(Verdict.NotTried, VerdictRule.Decide(FaultFindings.ForLostOrTwice([row])).Verdict);
        Assert.All(FaultFindings.ForLostOrTwice([row]), static finding => Assert.Equal(FindingOutcome.NotTested, finding.Outcome));
    }

    [Fact]
    public void An_effect_counts_as_often_as_it_took_place()
    {
        Effects effects = new(remembersIds: false);
        foreach (int id in new[] { 0, 2, 2, 2 })
            effects.Apply(id);

        Assert.Equal(new FaultCount(1, 1), effects.Count([0, 1, 2]));
    }

    [Fact]
    public void A_consumer_that_remembers_ids_acts_once()
    {
        Effects effects = new(remembersIds: true);
        effects.Apply(5);
        effects.Apply(5);

        Assert.Equal(new FaultCount(0, 0), effects.Count([5]));
    }

    [Fact]
    public void Every_setting_has_its_own_name()
        => Assert.Equal(FaultSetting.All.Count, FaultSetting.All.Select(static setting => (setting.Model, setting.Name)).Distinct().Count());

    private static FaultRow With(FaultRow row, FaultCell cell) => row with { Cells = [.. row.Cells, cell] };

    private static FaultRow Row(string setting, params (int Lost, int Duplicated)[] cells)
        => new(ModelKind.Log, "native", setting, [.. cells.Select(static (cell, i) => new FaultCell(Faults[i], 10, cell.Lost, cell.Duplicated))]);
}
