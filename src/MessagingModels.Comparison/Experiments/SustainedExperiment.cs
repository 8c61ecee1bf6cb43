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
    private const int MaxSteps = 8;

    /// <summary>By how much a rate is lowered that held for a while and then did not.</summary>
    private const double Step = 0.8;

    // What is further behind than this is not caught up with while the rate goes on.
    private static readonly TimeSpan MaxBehind = TimeSpan.FromMilliseconds(10 * MaxP99Milliseconds);

    private static readonly double[] Shares = [0.2, 0.5, 0.8];

    public ExperimentInfo Info { get; } = new(
        "sustained", "The rate that holds, and latency below it",
        $"Messages are due at fixed times (open loop). Below the rate that a closed loop reaches, the highest is looked for at which p99 from the intended send time to the consumer stays within {MaxP99Milliseconds:0} ms; "
        + "the rate found is tried again for twice as long, and lowered until it holds there too. A rate above what lasts falls behind by its excess times the length of the try, "
        + $"so the figure can be too high by {MaxP99Milliseconds:0} ms over that length. There is time for one search, so the rate is one value: what held to the end. The lowest rate that never held stands beside it as the end of its range. Latency is timed again at 20, 50 and 80 % of it.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        Durability durability = context.Target.Nearest(Durability.PageCache);
        context.Outcome.Notes.Add($"{context.Target.WhoShares()}{(context.Target.IsGiven ? "" : " A broker on a machine of its own would hold more.")}");
        List<ChartSeries> series = [];
        foreach (ModelKind model in context.Models)
        {
            double closedLoop = await MeasureClosedLoopAsync(context, model, durability, cancellationToken).ConfigureAwait(false);
            await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
            await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken, PipelineLoad.Paced).ConfigureAwait(false);
            context.Step($"{Words.Of(model)}: search");
            (RateBracket found, double? wavering, UsageMeter usage) = await SearchAsync(context, pipeline, closedLoop, cancellationToken).ConfigureAwait(false);
            Dictionary<string, string> settings = new(pipeline.Settings)
            {
                ["body"] = Figures.Bytes(BodyBytes),
                ["bound"] = $"p99 up to {MaxP99Milliseconds:0} ms",
                ["tries"] = $"of {Figures.Time(context.Scale.SearchWindow)}, the last of {Figures.Time(2 * context.Scale.SearchWindow)}",
            };
            Report(context, model, durability, found, wavering, closedLoop, settings);
            usage.Report(context, model, LabelOf(durability), settings);
            series.Add(new ChartSeries(
                context.SeriesName(model), model, await MeasureSharesAsync(context, model, pipeline, found.Held, settings, cancellationToken).ConfigureAwait(false)));
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

    private static string LabelOf(Durability durability) => $"{durability}, {Figures.Bytes(BodyBytes)}";

    private static void Report(
        ExperimentContext context, ModelKind model, Durability durability, RateBracket found, double? wavering, double closedLoop, IReadOnlyDictionary<string, string> settings)
    {
        string failed = found.Failed is { } above
            ? $"{Figures.Number(above)} messages/s did not hold"
            : $"none that was tried failed at once; a closed loop reached {Figures.Number(closedLoop)} messages/s";
        if (wavering is { } rate)
            failed += $", {Figures.Number(rate)} held for {Figures.Time(context.Scale.SearchWindow)} and not for longer";
        context.Measured(
            model, "sustained rate", LabelOf(durability), "messages/s", [found.Held], settings, new Dictionary<string, string> { ["limit"] = failed });
        context.Weigh(
            Need.SustainedRate, model, Spread.Of([found.Held, found.Failed ?? closedLoop]),
            $"{Figures.Number(found.Held)} messages/s of 1 KiB went through a {(model == ModelKind.Exchange ? "queue" : "partition")} with p99 up to {MaxP99Milliseconds:0} ms ({durability}); {failed}, in one search.");
    }

    /// <summary>What gets through where the publisher waits for the consumer: no rate that is due at fixed times can pass it for long.</summary>
    private static async Task<double> MeasureClosedLoopAsync(ExperimentContext context, ModelKind model, Durability durability, CancellationToken cancellationToken)
    {
        context.Step($"{Words.Of(model)}: closed loop");
        await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken, PipelineLoad.Paced).ConfigureAwait(false);
        Counter consumed = new();
        double[] rates = await Load.SaturateAsync(
            pipeline, BodyBytes, consumed,
            load => Throughput.MeasureAsync(consumed, context.Scale, load, cancellationToken), cancellationToken).ConfigureAwait(false);
        return rates.Max();
    }

    /// <returns>
    /// The range that the rate was found in; the highest rate inside it that held and then, tried for longer, did not, or null where none did; and what the
    /// processes used while the rate held for longest.
    /// </returns>
    private static async Task<(RateBracket Found, double? Wavering, UsageMeter Usage)> SearchAsync(
        ExperimentContext context, IPipeline pipeline, double closedLoop, CancellationToken cancellationToken)
    {
        RateSearch search = new(context.Scale.SearchProbes, async rate => (await ProbeAsync(context, pipeline, rate, context.Scale.SearchWindow, cancellationToken).ConfigureAwait(false)).Holds);
        RateBracket found = await search.FindAsync(closedLoop * 0.6, closedLoop).ConfigureAwait(false);
        double? wavering = null;
        for (int i = 0; i < MaxSteps; i++)
        {
            (bool holds, UsageMeter usage) = await ProbeAsync(context, pipeline, found.Held, 2 * context.Scale.SearchWindow, cancellationToken).ConfigureAwait(false);
            if (holds)
                return (found, wavering, usage);

            // What held once and then did not may hold another time: it is no end of the range.
            wavering ??= found.Held;
            found = found with { Held = Step * found.Held };
        }

        throw new InvalidOperationException($"No rate was found that holds: even {found.Held / Step:0} messages/s did not for {Figures.Time(2 * context.Scale.SearchWindow)}.");
    }

    /// <summary>Whether a rate holds: messages keep up with their times, and p99 stays within the bound.</summary>
    private static async Task<(bool Holds, UsageMeter Usage)> ProbeAsync(
        ExperimentContext context, IPipeline pipeline, double rate, TimeSpan window, CancellationToken cancellationToken)
    {
        context.Step($"{Words.Of(pipeline.Model)}: {Figures.Number(rate)} messages/s");
        Counter consumed = new();
        UsageMeter usage = new(context.Target, consumed);
        LatencyRun run = await usage.AroundAsync(() => LatencyRun.RunAsync(pipeline, rate, BodyBytes, window, cancellationToken, MaxBehind, consumed)).ConfigureAwait(false);
        bool holds = !run.FellBehind && run.Arrivals.Percentile(99) <= MaxP99Milliseconds;
        if (!holds && run.Latest.TotalMilliseconds > MaxP99Milliseconds / 2)
        {
            context.Outcome.Notes.Add(
                $"{Systems.TitleOf(context.Target.Description.Name)}: at {Figures.Number(rate)} messages/s this program was up to {Figures.Time(run.Latest)} late in sending. It shares this machine's cores with all else that runs there: that limit may be the publisher's.");
        }

        return (holds, usage);
    }

    private static async Task<IReadOnlyList<ChartPoint>> MeasureSharesAsync(
        ExperimentContext context, ModelKind model, IPipeline pipeline, double sustained, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        List<ChartPoint> points = [];
        foreach (double share in Shares)
        {
            context.Step($"{Words.Of(model)}: {Figures.Share(share)} of {Figures.Number(sustained)} messages/s");
            double rate = share * sustained;
            LatencySeries timed = await LatencySeries.RunAsync(pipeline, rate, BodyBytes, context.Scale, cancellationToken).ConfigureAwait(false);
            LatencyMeasurement latency = timed.ToConsumer(model, context.Target.Description.Name, settings) with { Label = $"{Figures.Share(share)} of the sustained rate" };
            context.Outcome.Latencies.Add(latency);
            points.Add(new ChartPoint(points.Count, latency.P99));
        }

        return points;
    }
}
