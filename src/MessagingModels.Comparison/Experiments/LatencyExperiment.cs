using System.Diagnostics;
using System.Runtime.InteropServices;
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

    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromSeconds(5);

    public ExperimentInfo Info { get; } = new(
        "latency", "Latency at fixed rates",
        "Messages are due at fixed times, whatever became of those before (open loop). Each carries the time it was due at; the consumer takes the difference. "
        + "So a pause counts against every message that it delayed, not just against the one in flight (coordinated omission). The first part of each run is a warm-up and is not counted.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        (Durability Durability, double Rate)[] runs = context.Scale.IsFull
            ? [(Durability.Memory, LowRate), (Durability.PageCache, LowRate), (Durability.Fsync, LowRate), (Durability.Memory, HighRate), (Durability.PageCache, HighRate)]
            : [(Durability.Memory, LowRate), (Durability.PageCache, LowRate), (Durability.Fsync, LowRate)];
        foreach ((Durability durability, double rate) in runs)
        {
            context.Step($"{durability}, {Figures.Number(rate)} messages/s");
            foreach (ModelKind model in Enum.GetValues<ModelKind>())
                await MeasureAsync(context, model, durability, rate, cancellationToken).ConfigureAwait(false);
        }

        foreach (double rate in runs.Select(static run => run.Rate).Distinct())
            AddChart(context, "to consumer", rate);
        LatencyMeasurement exchange = Find(context, ModelKind.Exchange);
        LatencyMeasurement log = Find(context, ModelKind.Log);
        context.Answer(
            80, "Low latency at a moderate rate", Choose(exchange.P99, log.P99),
            $"At {Figures.Number(LowRate)} messages/s of 1 KiB and PageCache, p99 from the intended send time to the consumer was {Figures.Format(exchange.P99, "ms")} through a queue and {Figures.Format(log.P99, "ms")} through a partition.");
        context.Outcome.Notes.Add(
            "A percentile needs messages behind it: p99.9 of a thousand messages rests on one of them. The number timed is in the table. "
            + "Publisher, broker and consumer run in one process and share its cores; there is no network in these figures.");
    }

    private static string Choose(double exchange, double log) => ThroughputExperiment.Choose(1 / exchange, 1 / log);

    private static LatencyMeasurement Find(ExperimentContext context, ModelKind model) => context.Outcome.Latencies.First(latency =>
        latency.Model == model && latency.Metric == "to consumer" && latency.Settings["durability"] == nameof(Durability.PageCache) && latency.IntendedRate == LowRate);

    private static async Task MeasureAsync(
        ExperimentContext context, ModelKind model, Durability durability, double rate, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        await using IPipeline pipeline = await ThroughputExperiment.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
        OpenLoop loop = new(rate);
        await RunAsync(pipeline, loop, context.Scale.LatencyWindow / 2, cancellationToken).ConfigureAwait(false);
        (LatencyRecorder arrivals, LatencyRecorder confirms, double achieved, TimeSpan latest) =
            await RunAsync(pipeline, loop, context.Scale.LatencyWindow, cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> settings = new(pipeline.Settings)
        {
            ["body"] = Figures.Bytes(BodyBytes),
            ["sent at most"] = $"{Figures.Time(latest)} late by the generator",
        };
        string target = context.Target.Description.Name;
        context.Outcome.Latencies.Add(arrivals.ToMeasurement("to consumer", model, target, rate, achieved, settings));
        context.Outcome.Latencies.Add(confirms.ToMeasurement("to publisher's acknowledgement", model, target, rate, achieved, settings));
    }

    private static async Task<(LatencyRecorder Arrivals, LatencyRecorder Confirms, double Achieved, TimeSpan Latest)> RunAsync(
        IPipeline pipeline, OpenLoop loop, TimeSpan duration, CancellationToken cancellationToken)
    {
        LatencyRecorder arrivals = new();
        LatencyRecorder confirms = new();
        Counter consumed = new();
        (long Sent, TimeSpan Latest) sending = default;
        double achieved = await Load.WhileAsync(
            [stop => pipeline.ConsumeAsync(body => arrivals.Record(MemoryMarshal.Read<long>(body.Span), Stopwatch.GetTimestamp()), consumed, stop)],
            async load =>
            {
                long start = Stopwatch.GetTimestamp();
                List<Task> outstanding = [];
                sending = loop.Run(duration, due => Send(pipeline, due, confirms, outstanding, cancellationToken), cancellationToken);
                await Task.WhenAll(outstanding).WaitAsync(cancellationToken).ConfigureAwait(false);
                await WaitForArrivalsAsync(consumed, sending.Sent, load, cancellationToken).ConfigureAwait(false);
                return sending.Sent / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }, cancellationToken).ConfigureAwait(false);
        return (arrivals, confirms, achieved, sending.Latest);
    }

    private static void Send(IPipeline pipeline, long due, LatencyRecorder confirms, List<Task> outstanding, CancellationToken cancellationToken)
    {
        byte[] body = new byte[BodyBytes];
        MemoryMarshal.Write(body, due);
        Task confirm = ConfirmAsync(pipeline, body, due, confirms, cancellationToken);
        if (!confirm.IsCompletedSuccessfully)
            outstanding.Add(confirm);
    }

    private static async Task ConfirmAsync(IPipeline pipeline, byte[] body, long due, LatencyRecorder confirms, CancellationToken cancellationToken)
    {
        await pipeline.PublishAsync(body, cancellationToken).ConfigureAwait(false);
        confirms.Record(due, Stopwatch.GetTimestamp());
    }

    private static async Task WaitForArrivalsAsync(Counter consumed, long sent, Task load, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (consumed.Value < sent)
        {
            if (load.IsCompleted)
                await load.ConfigureAwait(false);
            if (Stopwatch.GetElapsedTime(start) > ArrivalLimit)
                throw new InvalidOperationException($"{sent - consumed.Value} of {sent} messages did not arrive within {ArrivalLimit.TotalSeconds:0} s of the last send.");
            await Task.Delay(1, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void AddChart(ExperimentContext context, string metric, double rate)
    {
        LatencyMeasurement[] latencies =
            [.. context.Outcome.Latencies.Where(latency => latency.Metric == metric && latency.IntendedRate == rate).OrderBy(static latency => latency.Model)];
        context.Outcome.Charts.Add(new Chart
        {
            Title = $"Latency {metric} at {Figures.Number(rate)} messages/s",
            Kind = ChartKind.Percentiles,
            XLabel = "percentile",
            YLabel = "ms",
            LogarithmicY = true,
            Series = [.. latencies.Select(static latency => new ChartSeries($"{Words.Of(latency.Model)}, {latency.Settings["durability"]}", latency.Model, latency.Curve))],
            Caption = $"Body {Figures.Bytes(BodyBytes)}; timed from the intended send time; logarithmic scale. Each curve ends where no further message stands behind it.",
        });
    }
}
