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

    private static FaultRow Row(string setting, params (int Lost, int Duplicated)[] cells)
        => new(ModelKind.Log, "native", setting, [.. cells.Select(static (cell, i) => new FaultCell(Faults[i], 10, cell.Lost, cell.Duplicated))]);
}
