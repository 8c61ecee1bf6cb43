using CsCheck;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class RateSearchTests
{
    [Fact]
    public void The_rate_found_holds_and_is_close_to_the_limit()
        => Gen.Select(Gen.Double[100, 1_000_000], Gen.Double[100, 1_000_000]).Sample(static (limit, start) =>
        {
            double found = FindAsync(limit, start, maxProbes: 40).GetAwaiter().GetResult().Rate;
            return found <= limit && found >= limit / 1.1;
        });

    [Fact]
    public async Task With_few_probes_it_is_still_a_rate_that_held()
    {
        (double rate, int probes) = await FindAsync(limit: 50_000, start: 4_000, maxProbes: 6);

        Assert.InRange(rate, 32_000, 50_000);
        Assert.Equal(6, probes);
    }

    [Fact]
    public async Task One_stall_does_not_make_a_limit()
    {
        int stalls = 0;
        RateSearch search = new(20, rate => Task.FromResult(rate <= 10_000 && stalls++ % 2 == 1));

        Assert.InRange(await search.FindAsync(1_000), 9_000, 10_000);
    }

    [Fact]
    public async Task Where_nothing_holds_that_is_said()
        => await Assert.ThrowsAsync<InvalidOperationException>(() => new RateSearch(30, static _ => Task.FromResult(false)).FindAsync(1_000));

    /// <summary>A latency that grows without bound towards the limit, as in a queue.</summary>
    private static async Task<(double Rate, int Probes)> FindAsync(double limit, double start, int maxProbes)
    {
        RateSearch search = new(maxProbes, rate => Task.FromResult(rate < limit && 1 / (limit - rate) < 1));
        return (await search.FindAsync(start), search.Probes);
    }
}
