using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>The highest rate that holds while latency stays bounded, and latency below it.</summary>
internal sealed class SustainedExperiment : IExperiment
{
    private const int BodyBytes = 1024;
    private const double MaxP99Milliseconds = 50;

    // What is further behind than this is not caught up with while the rate goes on.
    private static readonly TimeSpan MaxBehind = TimeSpan.FromMilliseconds(10 * MaxP99Milliseconds);

    private static readonly double[] Shares = [0.2, 0.5, 0.8];

    public ExperimentInfo Info { get; } = new(
        "sustained", "The rate that holds, and latency below it",
        $"Messages are due at fixed times (open loop), and the rate is raised until p99 from the intended send time to the consumer passes {MaxP99Milliseconds:0} ms or messages fall behind; "
        + "then the limit is narrowed down. The highest rate that held is the figure; latency is timed again at 20, 50 and 80 % of it. "
        + "Publisher, broker and consumer share this machine: a broker on a machine of its own would hold more.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        Durability durability = context.Target.Nearest(Durability.PageCache);
        List<ChartSeries> series = [];
        foreach (ModelKind model in context.Models)
        {
            await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
            await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
            RateSearch search = new(
                context.Scale.SearchProbes, rate => ProbeAsync(context, pipeline, rate, cancellationToken));
            context.Step($"{Words.Of(model)}: search");
            double rate = await search.FindAsync(context.Target.Description.Place == TargetDescription.InProcess ? 16_000 : 4_000).ConfigureAwait(false);
            Dictionary<string, string> settings = new(pipeline.Settings)
            {
                ["body"] = Figures.Bytes(BodyBytes),
                ["bound"] = $"p99 up to {MaxP99Milliseconds:0} ms",
                ["probe"] = $"{Figures.Time(context.Scale.SearchWindow)} each, {search.Probes} of them",
            };
            context.Measured(model, "sustained rate", $"{durability}, {Figures.Bytes(BodyBytes)}", "messages/s", [rate], settings);
            context.Weigh(
                Need.SustainedRate, model, rate,
                $"{Figures.Number(rate)} messages/s of 1 KiB went through a {(model == ModelKind.Exchange ? "queue" : "partition")} with p99 up to {MaxP99Milliseconds:0} ms ({durability}).");
            series.Add(new ChartSeries(
                context.SeriesName(model), model, await MeasureSharesAsync(context, model, pipeline, rate, settings, cancellationToken).ConfigureAwait(false)));
        }

        context.AddChart(new Chart
        {
            Title = "Latency below the sustained rate",
            Kind = ChartKind.Bars,
            XLabel = "share of the sustained rate",
            YLabel = "p99 to consumer, ms",
            LogarithmicY = true,
            Categories = [.. Shares.Select(static share => Figures.Share(share))],
            Series = series,
            Caption = $"Body {Figures.Bytes(BodyBytes)} · durability {durability} · timed from the intended send time; logarithmic scale.",
        });
    }

    /// <summary>Whether a rate holds: messages keep up with their times, and p99 stays within the bound.</summary>
    private static async Task<bool> ProbeAsync(ExperimentContext context, IPipeline pipeline, double rate, CancellationToken cancellationToken)
    {
        context.Step($"{Words.Of(pipeline.Model)}: {Figures.Number(rate)} messages/s");
        LatencyRun run = await LatencyRun.RunAsync(pipeline, rate, BodyBytes, context.Scale.SearchWindow, cancellationToken, MaxBehind).ConfigureAwait(false);
        return !run.FellBehind && run.Arrivals.Percentile(99) <= MaxP99Milliseconds;
    }

    private static async Task<IReadOnlyList<ChartPoint>> MeasureSharesAsync(
        ExperimentContext context, ModelKind model, IPipeline pipeline, double sustained, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        List<ChartPoint> points = [];
        foreach (double share in Shares)
        {
            context.Step($"{Words.Of(model)}: {Figures.Share(share)} of {Figures.Number(sustained)} messages/s");
            double rate = share * sustained;
            LatencyRun run = await LatencyRun.RunAsync(pipeline, rate, BodyBytes, context.Scale.LatencyWindow, cancellationToken).ConfigureAwait(false);
            LatencyMeasurement latency = run.Arrivals.ToMeasurement(
                "to consumer", model, context.Target.Description.Name, rate, run.AchievedRate,
                new Dictionary<string, string>(settings) { ["share of the sustained rate"] = Figures.Share(share) });
            context.Outcome.Latencies.Add(latency);
            points.Add(new ChartPoint(points.Count, latency.P99));
        }

        return points;
    }
}
