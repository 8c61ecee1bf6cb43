using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Latency at fixed rates, from the intended send time to the consumer, and to the publisher's acknowledgement.</summary>
internal sealed class LatencyExperiment : IExperiment
{
    private const int BodyBytes = 1024;
    private const double LowRate = 1_000;
    private const double HighRate = 20_000;

    public ExperimentInfo Info { get; } = new(
        "latency", "Latency at fixed rates",
        "Messages are due at fixed times, whatever became of those before (open loop). Each carries the time it was due at; the consumer takes the difference. "
        + "So a pause counts against every message that it delayed, not just against the one in flight (coordinated omission). Each rate is timed several times after a warm-up that is not counted: percentiles are of all messages together, the spread below p50 and p99 is that of the repeats, and the other percentiles have none.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        Durability usual = context.Target.Nearest(Durability.PageCache);
        (Durability Durability, double Rate)[] runs =
        [
            .. context.Target.Levels.Select(static level => (level, LowRate)),
            .. context.Target.Levels.Where(level => context.Scale.IsFull && level <= usual).Select(static level => (level, HighRate)),
        ];
        foreach ((Durability durability, double rate) in runs)
        {
            context.Step($"{durability}, {Figures.Number(rate)} messages/s");
            foreach (ModelKind model in context.Models)
                await MeasureAsync(context, model, durability, rate, cancellationToken).ConfigureAwait(false);
        }

        foreach (double rate in runs.Select(static run => run.Rate).Distinct())
            AddChart(context, LatencySeries.ToConsumerMetric, rate);
        foreach (ModelKind model in context.Models)
        {
            IReadOnlyList<double> p99 = context.Outcome.Latencies.First(latency => latency.Model == model && latency.Metric == LatencySeries.ToConsumerMetric
                && latency.Settings["durability"] == usual.ToString() && latency.IntendedRate == LowRate).P99Repeats;
            Spread spread = Spread.Of(p99);
            context.Weigh(
                Need.Latency, model, spread,
                $"At {Figures.Number(LowRate)} messages/s of 1 KiB and {usual}, p99 from the intended send time to the consumer was {spread.Format("ms")} through a {(model == ModelKind.Exchange ? "queue" : "partition")}, {Words.Count(p99.Count, "repeat")}.");
        }

        context.Outcome.Notes.Add("A percentile needs messages behind it: p99.9 of a thousand messages rests on one of them. The number timed is in the table.");
        context.Outcome.Notes.Add(context.Target.WhoShares());
    }

    private static async Task MeasureAsync(
        ExperimentContext context, ModelKind model, Durability durability, double rate, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken, PipelineLoad.PacedAtOnce).ConfigureAwait(false);
        LatencySeries series = await LatencySeries.RunAsync(pipeline, rate, BodyBytes, context.Scale, cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> settings = new(pipeline.Settings)
        {
            ["body"] = Figures.Bytes(BodyBytes),
            ["timed"] = $"{context.Scale.Repeat} times {Figures.Time(context.Scale.LatencyWindow)}",
        };
        string target = context.Target.Description.Name;
        context.Outcome.Latencies.Add(series.ToConsumer(model, target, settings));
        context.Outcome.Latencies.Add(series.ToAcknowledgement(model, target, settings));
    }

    private static void AddChart(ExperimentContext context, string metric, double rate)
    {
        LatencyMeasurement[] latencies =
            [.. context.Outcome.Latencies.Where(latency => latency.Metric == metric && latency.IntendedRate == rate).OrderBy(static latency => latency.Model)];
        context.AddChart(new Chart
        {
            Title = $"Latency {metric} at {Figures.Number(rate)} messages/s",
            Kind = ChartKind.Percentiles,
            XLabel = "percentile",
            YLabel = "ms",
            LogarithmicY = true,
            Series = [.. latencies.Select(latency => new ChartSeries($"{context.SeriesName(latency.Model)}, {latency.Settings["durability"]}", latency.Model, latency.Curve))],
            Caption = $"Body {Figures.Bytes(BodyBytes)}; timed from the intended send time; logarithmic scale. Each curve ends where no further message stands behind it.",
        });
    }
}
