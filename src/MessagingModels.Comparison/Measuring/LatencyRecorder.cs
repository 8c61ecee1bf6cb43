using System.Diagnostics;
using HdrHistogram;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Measuring;

/// <summary>
/// Gathers latencies of one run into HdrHistogram with three significant digits. Every latency starts at the moment at which the message
/// should have been sent: a stalled system is charged for the messages that it kept from being sent (coordinated omission). Safe for concurrent use.
/// </summary>
internal sealed class LatencyRecorder
{
    private const long MaxMicroseconds = 3_600_000_000;

    private readonly Lock _lock = new();
    private readonly LongHistogram _microseconds = new(MaxMicroseconds, 3);

    /// <summary>Records a message.</summary>
    /// <param name="intended">When it should have been sent, a <see cref="Stopwatch"/> timestamp.</param>
    /// <param name="arrived">When it arrived, a <see cref="Stopwatch"/> timestamp.</param>
    public void Record(long intended, long arrived)
    {
        long microseconds = Math.Clamp((arrived - intended) * 1_000_000 / Stopwatch.Frequency, 0, MaxMicroseconds);
        lock (_lock)
            _microseconds.RecordValue(microseconds);
    }

    /// <summary>Takes in what another has recorded; that one must not record any more.</summary>
    public void Add(LatencyRecorder other)
    {
        lock (_lock)
            _microseconds.Add(other._microseconds);
    }

    /// <summary>A percentile, in milliseconds; 0 where nothing was recorded.</summary>
    public double Percentile(double percentile)
    {
        lock (_lock)
            return Milliseconds(percentile);
    }

    public long Count
    {
        get
        {
            lock (_lock)
                return _microseconds.TotalCount;
        }
    }

    /// <summary>Writes down what was recorded.</summary>
    public LatencyMeasurement ToMeasurement(
        string metric, ModelKind model, string target, double intendedRate, double achievedRate, IReadOnlyDictionary<string, string> settings)
    {
        lock (_lock)
        {
            return new LatencyMeasurement
            {
                Metric = metric,
                Model = model,
                Target = target,
                IntendedRate = intendedRate,
                AchievedRate = achievedRate,
                Samples = _microseconds.TotalCount,
                P50 = Milliseconds(50),
                P95 = Milliseconds(95),
                P99 = Milliseconds(99),
                P999 = Milliseconds(99.9),
                Maximum = Milliseconds(100),
                Curve = [.. CurvePercentiles().Select(percentile => new ChartPoint(percentile, Milliseconds(percentile)))],
                Settings = settings,
            };
        }
    }

    /// <summary>Four points for each halving of the rest, up to the last percentile that a message stands behind.</summary>
    private IEnumerable<double> CurvePercentiles()
    {
        long count = _microseconds.TotalCount;
        for (int quarter = 0; ; quarter++)
        {
            double rest = Math.Pow(2, -quarter / 4.0);
            if (rest * count < 1)
                yield break;
            yield return 100 * (1 - rest);
        }
    }

    private double Milliseconds(double percentile)
        => _microseconds.TotalCount == 0 ? 0 : _microseconds.GetValueAtPercentile(percentile) / 1000.0;
}
