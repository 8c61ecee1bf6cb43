using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Measuring;

/// <summary>Latencies at a fixed rate, from several runs one after the other: all their messages together, and each run's percentiles for the spread.</summary>
internal sealed class LatencySeries
{
    /// <summary>The metric of <see cref="ToConsumer"/>.</summary>
    public const string ToConsumerMetric = "to consumer";

    private readonly Direction _arrivals = new();
    private readonly Direction _confirms = new();
    private readonly List<double> _achievedRates = [];
    private readonly double _rate;

    private LatencySeries(double rate) => _rate = rate;

    /// <summary>How far behind its time the generator sent at most.</summary>
    public TimeSpan Latest { get; private set; }

    /// <summary>Warms the pipeline up for half a window, then times as many windows as the scale repeats.</summary>
    public static async Task<LatencySeries> RunAsync(IPipeline pipeline, double rate, int bodyBytes, RunScale scale, CancellationToken cancellationToken)
    {
        LatencySeries series = new(rate);
        await LatencyRun.RunAsync(pipeline, rate, bodyBytes, scale.LatencyWindow / 2, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < scale.Repeat; i++)
        {
            LatencyRun run = await LatencyRun.RunAsync(pipeline, rate, bodyBytes, scale.LatencyWindow, cancellationToken).ConfigureAwait(false);
            series._arrivals.Add(run.Arrivals);
            series._confirms.Add(run.Confirms);
            series._achievedRates.Add(run.AchievedRate);
            if (run.Latest > series.Latest)
                series.Latest = run.Latest;
        }

        return series;
    }

    /// <summary>From the intended send time to the consumer.</summary>
    public LatencyMeasurement ToConsumer(ModelKind model, string target, IReadOnlyDictionary<string, string> settings)
        => ToMeasurement(_arrivals, ToConsumerMetric, model, target, settings);

    /// <summary>From the intended send time to the publisher's acknowledgement.</summary>
    public LatencyMeasurement ToAcknowledgement(ModelKind model, string target, IReadOnlyDictionary<string, string> settings)
        => ToMeasurement(_confirms, "to publisher's acknowledgement", model, target, settings);

    private LatencyMeasurement ToMeasurement(
        Direction direction, string metric, ModelKind model, string target, IReadOnlyDictionary<string, string> settings)
        => direction.All.ToMeasurement(metric, model, target, _rate, Statistics.Median(_achievedRates), settings) with
        {
            P50Repeats = direction.P50,
            P99Repeats = direction.P99,
            Observations = new Dictionary<string, string> { ["sent at most"] = $"{Figures.Time(Latest)} late by the generator" },
        };

    /// <summary>What was timed one way.</summary>
    private sealed class Direction
    {
        private readonly List<double> _p50 = [];
        private readonly List<double> _p99 = [];

        public LatencyRecorder All { get; } = new();

        public IReadOnlyList<double> P50 => _p50;

        public IReadOnlyList<double> P99 => _p99;

        public void Add(LatencyRecorder run)
        {
            All.Add(run);
            _p50.Add(run.Percentile(50));
            _p99.Add(run.Percentile(99));
        }
    }
}
