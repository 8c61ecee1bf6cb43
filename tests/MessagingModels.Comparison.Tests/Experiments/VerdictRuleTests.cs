using CsCheck;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class VerdictRuleTests
{
    private static readonly Finding Yes = Observe.That("yes", true, "seen", "unseen");
    private static readonly Finding No = Observe.That("no", false, "seen", "it was not so");
    private static readonly Finding EssentialNo = Observe.That("no", false, "seen", "it was not so at all", isEssential: true);
    private static readonly Finding Sometimes = Observe.Under("the moon is full", "sometimes", observedWith: true, observedWithout: false, "seen", "never");
    private static readonly Finding Unknown = Observe.Nothing("It flies.", "wings");

    [Fact]
    public void A_claim_holds_where_everything_was_confirmed()
        => Assert.Equal((Verdict.Holds, ""), VerdictRule.Decide([Yes, Yes]));

    [Fact]
    public void A_condition_makes_it_hold_under_that_condition()
        => Assert.Equal((Verdict.HoldsIf, "the moon is full"), VerdictRule.Decide([Yes, Sometimes]));

    [Fact]
    public void What_was_not_tested_keeps_it_from_holding_without_a_condition()
        => Assert.Equal((Verdict.HoldsIf, "untested here: It flies, which needs wings"), VerdictRule.Decide([Yes, Unknown]));

    [Fact]
    public void A_claim_of_which_nothing_was_tested_is_not_tried()
        => Assert.Equal((Verdict.NotTried, "untested here: It flies, which needs wings"), VerdictRule.Decide([Unknown, Unknown]));

    [Fact]
    public void One_part_that_was_tested_makes_a_verdict_of_it()
        => Assert.All([Yes, No, EssentialNo, Sometimes], static part => Assert.NotEqual(Verdict.NotTried, VerdictRule.Decide([Unknown, part]).Verdict));

    [Fact]
    public void A_refuted_detail_limits_the_claim()
        => Assert.Equal((Verdict.HoldsIf, "it was not so"), VerdictRule.Decide([Yes, No]));

    [Fact]
    public void A_refuted_core_brings_it_down()
        => Assert.Equal((Verdict.DoesNotHold, "it was not so at all"), VerdictRule.Decide([Yes, Sometimes, EssentialNo]));

    [Fact]
    public void Nothing_but_refuted_details_bring_it_down_too()
        => Assert.Equal(Verdict.DoesNotHold, VerdictRule.Decide([No, No]).Verdict);

    [Fact]
    public void A_verdict_without_findings_is_refused()
        => Assert.Throws<ArgumentException>(() => VerdictRule.Decide([]));

    [Fact]
    public void The_order_of_findings_does_not_matter_for_the_verdict()
        => Gen.OneOf(Gen.Const(Yes), Gen.Const(No), Gen.Const(EssentialNo), Gen.Const(Sometimes), Gen.Const(Unknown)).Array[1, 6].Sample(static findings =>
            VerdictRule.Decide(findings).Verdict == VerdictRule.Decide([.. findings.Reverse()]).Verdict);

    [Fact]
    public void An_undecided_core_keeps_a_claim_from_holding_without_a_condition_and_does_not_bring_it_down()
        => Assert.Equal(
            (Verdict.HoldsIf, "undecided here: It is faster, which the figures do not tell beyond their spread"),
            VerdictRule.Decide([Yes, Observe.That("It is faster.", null, "1.1x (0.9 to 1.3)", "it is slower", isEssential: true)]));

    [Theory]
    [InlineData(true, true, FindingOutcome.Confirmed)]
    [InlineData(true, false, FindingOutcome.Conditional)]
    [InlineData(true, null, FindingOutcome.Conditional)]
    [InlineData(null, false, FindingOutcome.NotTested)]
    [InlineData(null, null, FindingOutcome.NotTested)]
    [InlineData(false, false, FindingOutcome.Refuted)]
    public void An_observation_under_a_condition_is_confirmed_only_where_it_needs_none(bool? with, bool? without, FindingOutcome expected)
        => Assert.Equal(expected, Observe.Under("c", "s", with, without, "e", "x").Outcome);
}
