using MessagingModels.Comparison.Experiments;

namespace MessagingModels.Comparison.Tests.Experiments;

public class NeedTests
{
    [Fact]
    public void The_larger_rate_wins_by_its_margin_and_beyond_the_spread()
        => Assert.Equal("log", Need.Rate.Choose(new Weight(100, 90, 110), new Weight(150, 140, 160)));

    [Fact]
    public void The_smaller_latency_wins()
        => Assert.Equal("exchange", Need.Latency.Choose(new Weight(1, 0.9, 1.1), new Weight(2, 1.8, 2.2)));

    [Fact]
    public void Overlapping_spreads_decide_nothing_however_far_the_medians_are_apart()
        => Assert.Equal("either", Need.Rate.Choose(new Weight(100, 40, 170), new Weight(200, 160, 240)));

    [Fact]
    public void Medians_within_the_margin_decide_nothing_however_small_the_spread()
        => Assert.Equal("either", Need.Rate.Choose(new Weight(100, 100, 100), new Weight(120, 120, 120)));
}
