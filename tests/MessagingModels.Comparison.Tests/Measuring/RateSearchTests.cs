using CsCheck;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class RateSearchTests
{
    [Fact]
    public void The_rate_found_holds_and_is_close_to_the_limit()
        => Gen.Select(Gen.Double[100, 1_000_000], Gen.Double[0.01, 10], Gen.Double[0.1, 1]).Sample(static (limit, ceiling, start) =>
        {
            RateBracket found = FindAsync(limit, start * ceiling * limit, ceiling * limit, maxProbes: 60).GetAwaiter().GetResult().Bracket;
            double highest = Math.Min(limit, ceiling * limit);
            return found.Held <= highest && found.Held >= highest / 1.1 && (found.Failed is not { } failed || failed > found.Held);
        });

    [Fact]
    public async Task With_few_probes_it_is_still_a_rate_that_held()
    {
        (RateBracket found, int probes) = await FindAsync(limit: 50_000, start: 30_000, ceiling: 100_000, maxProbes: 3);

        Assert.InRange(found.Held, 30_000, 50_000);
        Assert.InRange(found.Failed!.Value, 50_000, 100_000);
        Assert.Equal(3, probes);
    }

    [Fact]
    public async Task A_ceiling_that_holds_leaves_the_limit_open()
    {
        (RateBracket found, _) = await FindAsync(limit: 50_000, start: 600, ceiling: 1_000, maxProbes: 20);

        Assert.Equal(new RateBracket(1_000, null), found);
    }

    [Fact]
    public async Task It_goes_down_however_many_probes_that_takes()
        => Assert.InRange((await FindAsync(limit: 30, start: 50_000, ceiling: 100_000, maxProbes: 2)).Bracket.Held, 10, 30);

    [Fact]
    public async Task Where_nothing_holds_that_is_said()
        => await Assert.ThrowsAsync<InvalidOperationException>(() => new RateSearch(30, static _ => Task.FromResult(false)).FindAsync(1_000, 2_000));

    private static async Task<(RateBracket Bracket, int Probes)> FindAsync(double limit, double start, double ceiling, int maxProbes)
    {
        RateSearch search = new(maxProbes, rate => Task.FromResult(rate <= limit));
        return (await search.FindAsync(start, ceiling), search.Probes);
    }
}
