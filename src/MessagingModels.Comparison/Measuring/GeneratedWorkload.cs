using System.Globalization;
using System.Text;

namespace MessagingModels.Comparison.Measuring;

/// <summary>The workload for those who bring none: events of a shop, the same in every run.</summary>
internal static class GeneratedWorkload
{
    private const int Count = 20_000;
    private const int Customers = 2_000;

    // Shares fall from left to right, as they do in practice.
    private static readonly string[] Regions = ["eu", "us", "asia", "africa"];
    private static readonly string[] Domains = ["order", "stock", "payment", "shipment", "account"];
    private static readonly string[] Events = ["changed", "placed", "confirmed", "failed", "cancelled"];

    /// <summary>Keys follow Zipf's law over customers; routes are <c>region.domain.event</c>.</summary>
    public static IReadOnlyList<WorkloadMessage> Create()
    {
        Sequence random = new(0x5eed);
        ZipfTable customers = new(Customers);
        ZipfTable regions = new(Regions.Length);
        ZipfTable domains = new(Domains.Length);
        ZipfTable events = new(Events.Length);
        WorkloadMessage[] messages = new WorkloadMessage[Count];
        for (int i = 0; i < messages.Length; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"customer-{customers.Pick(random.NextUnit())}");
            string route = $"{Regions[regions.Pick(random.NextUnit())]}.{Domains[domains.Pick(random.NextUnit())]}.{Events[events.Pick(random.NextUnit())]}";
            string body = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"number":{{i}},"customer":"{{key}}","event":"{{route}}","amount":{{random.NextUnit() * 500:0.00}},"note":"{{new string('x', (int)(random.NextUnit() * 120))}}"}""");
            messages[i] = new WorkloadMessage(key, route, Encoding.UTF8.GetBytes(body));
        }

        return messages;
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every runtime.</summary>
    private sealed class Sequence(ulong state)
    {
        public double NextUnit()
        {
            ulong z = state += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }

    /// <summary>Zipf's law with exponent 1: the nth choice has a share in proportion to 1/n.</summary>
    private sealed class ZipfTable
    {
        private readonly double[] _cumulative;

        public ZipfTable(int choices)
        {
            _cumulative = new double[choices];
            double sum = 0;
            for (int i = 0; i < choices; i++)
                _cumulative[i] = sum += 1.0 / (i + 1);
            for (int i = 0; i < choices; i++)
                _cumulative[i] /= sum;
        }

        public int Pick(double unit)
        {
            int found = Array.BinarySearch(_cumulative, unit);
            return Math.Min(found < 0 ? ~found : found, _cumulative.Length - 1);
        }
    }
}
