namespace MessagingModels.Comparison.Measuring;

/// <summary>Where the limit was found to be.</summary>
/// <param name="Held">The highest rate that was seen to hold.</param>
/// <param name="Failed">The lowest that was seen not to; null where none was tried that did not.</param>
internal readonly record struct RateBracket(double Held, double? Failed);

/// <summary>Looks for the highest rate that holds below a ceiling, in geometric steps between what held and what did not.</summary>
/// <param name="maxProbes">How many rates are tried at most, once one has held.</param>
/// <param name="holds">Tries a rate.</param>
internal sealed class RateSearch(int maxProbes, Func<double, Task<bool>> holds)
{
    private const double CloseEnough = 1.08;
    private const double Lowest = 10;

    /// <summary>How many rates were tried.</summary>
    public int Probes { get; private set; }

    /// <param name="start">Where to begin.</param>
    /// <param name="ceiling">What no rate can pass.</param>
    /// <exception cref="InvalidOperationException">Not even the lowest held.</exception>
    public async Task<RateBracket> FindAsync(double start, double ceiling)
    {
        double good = 0;
        double? bad = null;
        double rate = Math.Min(start, ceiling);
        while (rate >= Lowest && (good == 0 || (Probes < maxProbes && rate > good)))
        {
            Probes++;
            if (await holds(rate).ConfigureAwait(false))
                good = rate;
            else
                bad = rate;
            rate = Next(good, bad, ceiling);
        }

        return good > 0 ? new RateBracket(good, bad) : throw new InvalidOperationException($"No rate was found that holds: the lowest that was tried is {bad:0} messages/s.");
    }

    /// <summary>The next rate to try; not above the one that held where that is close enough to the limit.</summary>
    private static double Next(double good, double? bad, double ceiling)
    {
        if (good == 0)
            return bad!.Value / 2;
        double limit = bad ?? ceiling;
        if (limit / good > CloseEnough)
            return Math.Sqrt(good * limit);
        return bad is null ? ceiling : good;
    }
}
