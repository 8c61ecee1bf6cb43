using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>What this process and the broker's own used while load ran: nothing of the broker where it has no process that this run started.</summary>
/// <param name="target">Whose processes.</param>
/// <param name="messages">What got through.</param>
/// <param name="unit">What one of them is called, with what sets it apart where a figure of the same label is measured twice.</param>
internal sealed class UsageMeter(IComparisonTarget target, Counter messages, string unit = "message")
{
    /// <summary>How the names of what is read of the broker's processes begin.</summary>
    public static readonly string[] Readings = ["broker CPU for each ", "broker resident memory"];

    private TimeSpan _clientTime;
    private TimeSpan? _brokerTime;
    private long _residentBytes;
    private long _count;

    /// <summary>The processor time of this process for each message; NaN where none got through.</summary>
    public double ClientMicroseconds => _clientTime.TotalMicroseconds / _count;

    /// <summary>The processor time of the broker's processes for each message.</summary>
    public double? BrokerMicroseconds => _brokerTime?.TotalMicroseconds / _count;

    /// <summary>Measures around a measurement, its warm-up included.</summary>
    public async Task<T> AroundAsync<T>(Func<Task<T>> measure)
    {
        BrokerUsage? before = target.ReadUsage();
        TimeSpan own = Environment.CpuUsage.TotalTime;
        long counted = messages.Value;
        T result = await measure().ConfigureAwait(false);
        _clientTime = Environment.CpuUsage.TotalTime - own;
        _count = messages.Value - counted;
        if (before is { } start && target.ReadUsage() is { } end)
        {
            _brokerTime = end.CpuTime - start.CpuTime;
            _residentBytes = end.ResidentBytes;
        }

        return result;
    }

    /// <summary>Adds the broker's processor time for each message and its resident memory, beside the figure of that label that was added last.</summary>
    public void Report(ExperimentContext context, ModelKind model, string label, IReadOnlyDictionary<string, string> settings)
    {
        if (_count == 0 || BrokerMicroseconds is not { } microseconds)
            return;
        context.Measured(model, $"{Readings[0]}{unit}", label, "us", [microseconds], settings);
        context.Measured(model, unit.Contains(' ', StringComparison.Ordinal) ? $"{Readings[1]}, {unit}" : Readings[1], label, "B", [_residentBytes], settings);
    }
}
