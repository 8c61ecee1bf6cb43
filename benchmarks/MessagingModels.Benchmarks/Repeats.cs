using System.Diagnostics;
using System.Globalization;

namespace MessagingModels.Benchmarks;

/// <summary>Runs a workload again and again in one process and prints each rate, their median, and what was allocated for one message.</summary>
internal static class Repeats
{
    /// <param name="name">What the line begins with.</param>
    /// <param name="messages">How many messages the workload handles.</param>
    /// <param name="warmups">Runs that do not count: the compiler's tiers, the first touch of memory.</param>
    /// <param name="repeats">Runs that count.</param>
    /// <param name="workload">The workload.</param>
    /// <returns>The median rate, in messages per second.</returns>
    public static async Task<double> MeasureAsync(string name, int messages, int warmups, int repeats, Func<Task> workload)
    {
        double[] rates = new double[repeats];
        double[] allocated = new double[repeats];
        for (int i = -warmups; i < repeats; i++)
        {
            GC.Collect();
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Stopwatch time = Stopwatch.StartNew();
            await workload();
            time.Stop();
            if (i < 0)
                continue;
            rates[i] = messages / time.Elapsed.TotalSeconds;
            allocated[i] = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)messages;
        }

        string runs = string.Join(' ', rates.Select(rate => (rate / 1e6).ToString("F2", CultureInfo.InvariantCulture)));
        Array.Sort(rates);
        Array.Sort(allocated);
        double median = rates[repeats / 2];
        Print($"{name,-44} {median / 1e6,6:F2} M/s   {allocated[repeats / 2],7:F1} B allocated a message   runs: {runs}");
        return median;
    }

    public static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
