using System.Diagnostics;

namespace MessagingModels.Comparison.Measuring;

/// <summary>A count that one side raises and the other reads.</summary>
internal sealed class Counter
{
    private long _value;

    public long Value => Volatile.Read(ref _value);

    public void Add(long count) => Interlocked.Add(ref _value, count);
}

/// <summary>Throughput as counts over windows of time, the warm-up left out.</summary>
internal static class Throughput
{
    /// <summary>Watches a count that grows under load.</summary>
    /// <returns>Its growth in each window, a second.</returns>
    /// <exception cref="InvalidOperationException">The load ended before the last window.</exception>
    public static async Task<double[]> MeasureAsync(Counter counter, RunScale scale, Task load, CancellationToken cancellationToken)
    {
        await WaitAsync(scale.Warmup, load, cancellationToken).ConfigureAwait(false);
        double[] rates = new double[scale.Repeat];
        for (int i = 0; i < rates.Length; i++)
        {
            long before = counter.Value;
            long start = Stopwatch.GetTimestamp();
            await WaitAsync(scale.Window, load, cancellationToken).ConfigureAwait(false);
            rates[i] = (counter.Value - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return rates;
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
