using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using static MessagingModels.Comparison.Experiments.ReadAmplification;

namespace MessagingModels.Comparison.Tests.Experiments;

public class ReadAmplificationTests
{
    private static readonly Handed Exact = new(100, 100, 0);
    private static readonly Handed Whole = new(1000, 100, 0);
    private static readonly Handed Short = new(60, 100, 4);

    [Fact]
    public void What_a_consumer_was_handed_is_counted_by_id()
    {
        Handed handed = Handed.Compare([10, 20, 30, 40], static id => id % 2 == 0, [0, 1, 3]);

        Assert.Equal(new Handed(70, 40, 1), handed);
        Assert.False(handed.IsExact);
    }

    [Fact]
    public void A_filter_that_keeps_too_little_misses_messages()
        => Assert.Equal(1, Handed.Compare([10, 20, 30], static id => id < 2, [0, 1, 2], kept: [0]).Missing);

    [Fact]
    public void A_topic_for_each_route_that_helps_is_a_condition_of_the_claim()
    {
        Finding finding = Log(byRoute: Exact).ToLogFinding();

        Assert.Equal(FindingOutcome.Conditional, finding.Outcome);
        Assert.Contains("a topic for each of the 7 routes", finding.Condition, StringComparison.Ordinal);
    }

    [Fact]
    public void A_remedy_that_loses_messages_is_none()
        => Assert.Equal(FindingOutcome.Confirmed, Log(byRoute: Short).ToLogFinding().Outcome);

    [Fact]
    public void A_topic_that_hands_over_just_a_part_refutes_the_claim()
        => Assert.Equal(FindingOutcome.Refuted, Log(byRoute: Exact, whole: Exact).ToLogFinding().Outcome);

    [Fact]
    public void Too_many_routes_for_topics_leave_the_remedy_untried()
        => Assert.Contains("was not tried", (Log(byRoute: null) with { RouteTopics = 0 }).ToLogFinding().Condition, StringComparison.Ordinal);

    [Fact]
    public void Routes_that_do_not_differ_say_nothing_about_routing()
        => Assert.Equal(FindingOutcome.NotTested, new ReadAmplification([], null, 1).ToLogFinding().Outcome);

    [Theory]
    [InlineData(100, 0, FindingOutcome.Confirmed)]
    [InlineData(90, 1, FindingOutcome.Refuted)]
    [InlineData(120, 0, FindingOutcome.Refuted)]
    public void A_later_rule_counts_only_where_its_queue_got_just_its_part(long bytes, int missing, FindingOutcome expected)
        => Assert.Equal(expected, new ReadAmplification([], new LaterRule("k", 0.1, null, new Handed(bytes, 100, missing), 5), 0).ToExchangeFinding().Outcome);

    private static ReadAmplification Log(Handed? byRoute, Handed? whole = null)
        => new([new Subset("a.#", 0.1, whole ?? Whole, byRoute, null, null)], new LaterRule("k", 0.1, Whole, null, 5), 7);
}
