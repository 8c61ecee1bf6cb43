using System.Diagnostics;

namespace MessagingModels.Comparison.Measuring;

/// <summary>A count that one side raises and the other reads.</summary>
/// <param name="onRaised">Told of the count whenever it was raised, by who raised it; null for nobody.</param>
internal sealed class Counter(Action<long>? onRaised = null)
{
    private long _value;

    public long Value => Volatile.Read(ref _value);

    public void Add(long count)
    {
        long value = Interlocked.Add(ref _value, count);
        onRaised?.Invoke(value);
    }
}

/// <summary>Throughput as counts over windows of time, the warm-up left out.</summary>
internal static class Throughput
{
    private static readonly TimeSpan FirstMessageLimit = TimeSpan.FromSeconds(20);

    /// <summary>Watches a count that grows under load.</summary>
    /// <param name="counter">The count.</param>
    /// <param name="scale">Length of warm-up and windows, and how many.</param>
    /// <param name="load">What raises it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isFlowing">True once messages reach every consumer, which the warm-up waits for; null for the first message of any.</param>
    /// <param name="atBoundary">Called when the first window begins and whenever one ends, outside the time that counts; null for nothing.</param>
    /// <returns>Its growth in each window, a second.</returns>
    /// <exception cref="InvalidOperationException">Nothing arrived, or the load ended before the last window.</exception>
    public static async Task<double[]> MeasureAsync(
        Counter counter, RunScale scale, Task load, CancellationToken cancellationToken, Func<bool>? isFlowing = null, Action? atBoundary = null)
    {
        await WaitUntilAsync(isFlowing ?? (() => counter.Value > 0), load, cancellationToken).ConfigureAwait(false);
        await WaitAsync(scale.Warmup, load, cancellationToken).ConfigureAwait(false);
        double[] rates = new double[scale.Repeat];
        atBoundary?.Invoke();
        for (int i = 0; i < rates.Length; i++)
        {
            long before = counter.Value;
            long start = Stopwatch.GetTimestamp();
            await WaitAsync(scale.Window, load, cancellationToken).ConfigureAwait(false);
            rates[i] = (counter.Value - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            atBoundary?.Invoke();
        }

        return rates;
    }

    /// <summary>Waits until messages flow: joining a group or opening a consumer is no part of throughput.</summary>
    /// <exception cref="InvalidOperationException">Nothing arrived in time, or the load ended.</exception>
    public static async Task WaitUntilAsync(Func<bool> isFlowing, Task load, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isFlowing())
        {
            if (Stopwatch.GetElapsedTime(start) > FirstMessageLimit)
                throw new InvalidOperationException($"Nothing reached a consumer within {FirstMessageLimit.TotalSeconds:0} s.");
            await WaitAsync(TimeSpan.FromMilliseconds(1), load, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task WaitAsync(TimeSpan time, Task load, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(load, Task.Delay(time, cancellationToken)).ConfigureAwait(false) != load)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }

        await load.ConfigureAwait(false);
        throw new InvalidOperationException("The load ended before the measurement did.");
    }
}
