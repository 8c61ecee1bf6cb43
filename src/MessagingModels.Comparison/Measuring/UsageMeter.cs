using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>What the broker's own processes used while load ran: nothing where the broker has no process that this run started.</summary>
internal sealed class UsageMeter(IComparisonTarget target, Counter messages, string unit = "message")
{
    private TimeSpan _cpuTime;
    private long _residentBytes;
    private long _count;

    /// <summary>Measures around a measurement, its warm-up included.</summary>
    public async Task<T> AroundAsync<T>(Func<Task<T>> measure)
    {
        BrokerUsage? before = target.ReadUsage();
        long counted = messages.Value;
        T result = await measure().ConfigureAwait(false);
        if (before is { } start && target.ReadUsage() is { } end)
        {
            _cpuTime = end.CpuTime - start.CpuTime;
            _residentBytes = end.ResidentBytes;
            _count = messages.Value - counted;
        }

        return result;
    }

    /// <summary>Adds processor time for each message and resident memory beside a throughput.</summary>
    public void Report(ExperimentContext context, ModelKind model, string label, IReadOnlyDictionary<string, string> settings)
    {
        if (_count == 0)
            return;
        context.Measured(model, $"broker CPU for each {unit}", label, "us", [_cpuTime.TotalMicroseconds / _count], settings);
        context.Measured(model, "broker resident memory", label, "B", [_residentBytes], settings);
    }
}
