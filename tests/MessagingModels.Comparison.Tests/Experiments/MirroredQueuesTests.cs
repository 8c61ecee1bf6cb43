using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Experiments;

public class MirroredQueuesTests
{
    [Fact]
    public void A_version_that_does_not_know_the_policy_refutes_the_claim()
    {
        Finding finding = MirroredQueues.From("4.3.6", new ChannelException(ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - ha-mode is not recognised"));

        Assert.Equal((FindingOutcome.Refuted, Verdict.DoesNotHold), (finding.Outcome, VerdictRule.Decide([finding]).Verdict));
        Assert.Contains("4.3.6 refuses the policy", finding.Condition, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReplyCode.AccessRefused)]
    [InlineData(ReplyCode.NotFound)]
    [InlineData(ReplyCode.InternalError)]
    public void An_error_of_another_kind_says_nothing_of_the_version(ReplyCode code)
        => AssertUntried(MirroredQueues.From("3.12.1", new ChannelException(code, "the user needs the tag 'policymaker'")), "the user needs the tag 'policymaker'");

    [Fact]
    public void A_connection_that_is_lost_says_nothing_of_the_version_either()
        => AssertUntried(MirroredQueues.From("3.12.1", new ConnectionException(ReplyCode.ConnectionForced, "it went away")), "it went away");

    [Fact]
    public void A_policy_that_is_accepted_shows_no_copy_on_several_nodes()
        => AssertUntried(MirroredQueues.From("3.12.1", refusal: null), "needs several nodes");

    private static void AssertUntried(Finding finding, string why)
    {
        Assert.Equal((FindingOutcome.NotTested, Verdict.NotTried), (finding.Outcome, VerdictRule.Decide([finding]).Verdict));
        Assert.Contains(why, finding.Condition, StringComparison.Ordinal);
        Assert.DoesNotContain("refuses the policy", finding.Condition, StringComparison.Ordinal);
    }
}
