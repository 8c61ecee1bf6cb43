using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>What the broker's own processes used in each window of load: nothing where the broker has no process that this run started.</summary>
internal sealed class UsageMeter(IComparisonTarget target, Counter messages, string unit = "message")
{
    private readonly List<(BrokerUsage Usage, long Count)> _readings = [];

    /// <summary>Reads it at the boundary of a window.</summary>
    public void Read()
    {
        if (target.ReadUsage() is { } usage)
            _readings.Add((usage, messages.Value));
    }

    /// <summary>Adds processor time for each message and resident memory beside a throughput, by window.</summary>
    public void Report(ExperimentContext context, ModelKind model, string label, IReadOnlyDictionary<string, string> settings)
    {
        double[] cpu =
        [
            .. _readings.Zip(_readings.Skip(1)).Where(static window => window.Second.Count > window.First.Count)
                .Select(static window => (window.Second.Usage.CpuTime - window.First.Usage.CpuTime).TotalMicroseconds / (window.Second.Count - window.First.Count)),
        ];
        if (cpu.Length == 0)
            return;
        context.Measured(model, $"broker CPU for each {unit}", label, "us", cpu, settings);
        context.Measured(model, "broker resident memory", label, "B", [.. _readings.Skip(1).Select(static reading => (double)reading.Usage.ResidentBytes)], settings);
    }
}
