using CsCheck;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Experiments;

public class NeedTests
{
    [Fact]
    public void The_larger_rate_wins_by_its_margin_with_all_of_the_spread()
        => Assert.Equal("log", Need.Rate.Choose(Spread.Of([90, 100, 110]), Spread.Of([140, 150, 160])));

    [Fact]
    public void The_smaller_latency_wins()
        => Assert.Equal("exchange", Need.Latency.Choose(Spread.Of([0.9, 1, 1.1]), Spread.Of([1.8, 2, 2.2])));

    [Fact]
    public void Overlapping_spreads_decide_nothing_however_far_the_medians_are_apart()
        => Assert.Equal("either", Need.Rate.Choose(Spread.Of([40, 100, 170]), Spread.Of([160, 200, 240])));

    [Fact]
    public void Spreads_that_are_apart_by_less_than_the_margin_decide_nothing()
        => Assert.Equal("either", Need.Rate.Choose(Spread.Of([90, 100, 110]), Spread.Of([130, 150, 160])));

    [Fact]
    public void Medians_within_the_margin_decide_nothing_however_small_the_spread()
        => Assert.Equal("either", Need.Rate.Choose(Spread.Of([100, 100, 100]), Spread.Of([120, 120, 120])));

    [Fact]
    public void One_value_of_a_rate_decides_nothing()
        => Assert.Equal("either", Need.Rate.Choose(Spread.Of([100]), Spread.Of([1000])));

    [Theory]
    [InlineData(0, 5, "exchange")]
    [InlineData(5, 0, "log")]
    [InlineData(0, 0, "either")]
    public void The_smaller_count_of_what_went_wrong_wins_none_included(double exchange, double log, string expected)
        => Assert.Equal(expected, Need.KeyOrder.Choose(Spread.Counted(exchange), Spread.Counted(log)));

    [Fact]
    public void Who_stands_on_which_side_does_not_matter()
        => Gen.Select(Gen.Double[1, 100].Array[1, 5], Gen.Double[1, 100].Array[1, 5]).Sample(static (one, other)
            => (Need.Rate.Choose(Spread.Of(one), Spread.Of(other)), Need.Rate.Choose(Spread.Of(other), Spread.Of(one))) is ("log", "exchange") or ("exchange", "log") or ("either", "either"));
}
