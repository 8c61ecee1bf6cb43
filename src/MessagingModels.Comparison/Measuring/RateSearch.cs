namespace MessagingModels.Comparison.Measuring;

/// <summary>Looks for the highest rate that holds: doubled until it does not (or halved until it does), then the gap is narrowed in geometric steps.</summary>
/// <param name="maxProbes">How many rates are tried at most.</param>
/// <param name="holds">Tries a rate.</param>
internal sealed class RateSearch(int maxProbes, Func<double, Task<bool>> holds)
{
    private const double CloseEnough = 1.08;
    private const double Lowest = 10;

    /// <summary>How many rates were tried.</summary>
    public int Probes { get; private set; }

    /// <param name="start">Where to begin.</param>
    /// <returns>The highest rate that was seen to hold.</returns>
    /// <exception cref="InvalidOperationException">Not even the lowest did.</exception>
    public async Task<double> FindAsync(double start)
    {
        double good = 0;
        double bad = double.PositiveInfinity;
        double rate = start;
        while (Probes < maxProbes && (good == 0 || bad / good > CloseEnough))
        {
            if (await TryAsync(rate).ConfigureAwait(false))
                good = rate;
            else
                bad = rate;
            rate = Next(good, bad);
            if (rate < Lowest)
                break;
        }

        return good > 0 ? good : throw new InvalidOperationException($"No rate was found that holds: the lowest that was tried is {bad:0} messages/s.");
    }

    private async Task<bool> TryAsync(double rate)
    {
        Probes++;

        // One stall does not make a limit: a rate that failed gets a second chance.
        return await holds(rate).ConfigureAwait(false) || await holds(rate).ConfigureAwait(false);
    }

    private static double Next(double good, double bad) => (good, bad) switch
    {
        (0, _) => bad / 4,
        (_, double.PositiveInfinity) => good * 2,
        _ => Math.Sqrt(good * bad),
    };
}
