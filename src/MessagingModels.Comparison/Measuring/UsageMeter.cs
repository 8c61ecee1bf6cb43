using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>
/// What this process and the broker's own used in each window of load: nothing of the broker where it has no process that this run started.
/// </summary>
/// <param name="target">Whose processes.</param>
/// <param name="messages">What got through.</param>
/// <param name="unit">What one of them is called, with what sets it apart where a figure of the same label is measured twice.</param>
internal sealed class UsageMeter(IComparisonTarget target, Counter messages, string unit = "message")
{
    /// <summary>How the names of what is read of the broker's processes begin.</summary>
    public static readonly string[] Readings = ["broker CPU for each ", "broker resident memory"];

    private readonly List<Reading> _readings = [];

    /// <summary>The processor time of this process for each message, over all windows; NaN where none got through.</summary>
    public double ClientMicroseconds => (_readings[^1].OwnTime - _readings[0].OwnTime).TotalMicroseconds / Count;

    /// <summary>The processor time of the broker's processes for each message, over all windows.</summary>
    public double? BrokerMicroseconds => _readings[^1].Broker is { } end && _readings[0].Broker is { } start ? (end.CpuTime - start.CpuTime).TotalMicroseconds / Count : null;

    private long Count => _readings[^1].Count - _readings[0].Count;

    /// <summary>Reads it at the boundary of a window.</summary>
    public void Read() => _readings.Add(new Reading(target.ReadUsage(), Environment.CpuUsage.TotalTime, messages.Value));

    /// <summary>Takes a measurement for one window, its warm-up included.</summary>
    public async Task<T> AroundAsync<T>(Func<Task<T>> measure)
    {
        Read();
        T result = await measure().ConfigureAwait(false);
        Read();
        return result;
    }

    /// <summary>Adds the broker's processor time for each message and its resident memory, by window, beside the figure of that label that was added last.</summary>
    public void Report(ExperimentContext context, ModelKind model, string label, IReadOnlyDictionary<string, string> settings)
    {
        double[] cpu = [.. _readings.Zip(_readings.Skip(1), TimeForEach).OfType<double>()];
        if (cpu.Length == 0)
            return;
        context.Measured(model, $"{Readings[0]}{unit}", label, "us", cpu, settings);
        context.Measured(
            model, unit.Contains(' ', StringComparison.Ordinal) ? $"{Readings[1]}, {unit}" : Readings[1], label, "B",
            [.. _readings.Skip(1).Select(static reading => reading.Broker).OfType<BrokerUsage>().Select(static usage => (double)usage.ResidentBytes)], settings);
    }

    private static double? TimeForEach(Reading start, Reading end)
        => start.Broker is { } before && end.Broker is { } after && end.Count > start.Count
            ? (after.CpuTime - before.CpuTime).TotalMicroseconds / (end.Count - start.Count)
            : null;

    private readonly record struct Reading(BrokerUsage? Broker, TimeSpan OwnTime, long Count);
}
