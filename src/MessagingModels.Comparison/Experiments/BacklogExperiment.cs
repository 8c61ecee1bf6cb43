using System.Diagnostics;
using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What a large backlog does to memory and to the rate at which it is worked off.</summary>
internal sealed class BacklogExperiment : IExperiment
{
    private const int BodyBytes = 100;
    private const int Slices = 10;

    /// <summary>How many slices at the beginning and at the end of the fill are held against each other.</summary>
    private const int Ends = 3;

    public ExperimentInfo Info { get; } = new(
        "backlog", "A backlog of waiting messages",
        "Messages of 100 B are published while nobody consumes, then all are consumed and acknowledged. The fill is timed in ten slices: if the size of the backlog "
        + "mattered, the last three would be slower than the first three. The drain is timed in as many parts as there are repeats, from the first messages that were done with. Memory is read once, and is the growth of the managed heap after a full collection, or of the resident memory of RabbitMQ's process; Kafka's says nothing, since Java keeps a heap of a size that was given. It can shrink.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        List<ChartSeries> fills = [];
        Durability durability = context.Target.Nearest(Durability.PageCache);
        foreach (ModelKind model in context.Models)
        {
            await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
            await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
            context.Step($"{Words.Of(model)}: filling");
            Counter published = new();
            UsageMeter filling = new(context.Target, published, "message published");
            (double[] slices, double bytesPerMessage) = await filling.AroundAsync(() => FillAsync(context, pipeline, published, cancellationToken)).ConfigureAwait(false);
            context.Step($"{Words.Of(model)}: draining");
            SegmentClock clock = new(context.Scale.BacklogMessages / Slices * Slices, context.Scale.Repeat);
            Counter consumed = new(clock.Reach);
            UsageMeter draining = new(context.Target, consumed, "message consumed");
            double[] drain = await draining.AroundAsync(() => DrainAsync(pipeline, clock, consumed, cancellationToken)).ConfigureAwait(false);
            Dictionary<string, string> settings = new(pipeline.Settings)
            {
                ["body"] = $"{BodyBytes} B",
                ["backlog"] = $"{Figures.Count(context.Scale.BacklogMessages)} messages",
            };
            string label = $"{Figures.Number(context.Scale.BacklogMessages)} messages";
            context.Measured(model, "published into the backlog", label, "messages/s", slices, settings);
            filling.Report(context, model, label, settings);
            context.MeasuredRatio(model, "last three tenths of the fill over the first three", label, Spread.Of(slices[^Ends..]).Over(Spread.Of(slices[..Ends])), settings);
            if (context.Target.Description.Kind != TargetKind.Kafka)
                context.Measured(model, context.Target.ReadUsage() is null ? "heap for each waiting message" : "broker memory for each waiting message", label, "B", [bytesPerMessage], settings);
            Measurement drained = context.Measured(
                model, "consumed from the backlog", label, "messages/s", drain, settings, ToolCheck.Announce(context.Target, context.Scale));
            draining.Report(context, model, label, settings);
            if (context.Target is KafkaTarget kafka && pipeline is LogPipeline log)
                await ToolCheck.ConsumeAsync(context, kafka, session, log.Topic, BodyBytes, (int)consumed.Value, drained, draining, cancellationToken).ConfigureAwait(false);
            context.Weigh(
                Need.Backlog, model, drained,
                $"A backlog of {Figures.Number(context.Scale.BacklogMessages)} messages was consumed at {Figures.Number(drained.Median)} messages/s from a {(model == ModelKind.Exchange ? "queue" : "partition")}");
            fills.Add(new ChartSeries(context.SeriesName(model), model, [.. slices.Select(static (rate, i) => new ChartPoint(i, rate))]));
        }

        context.AddChart(new Chart
        {
            Title = $"Filling a backlog of {Figures.Number(context.Scale.BacklogMessages)} messages",
            Kind = ChartKind.Lines,
            XLabel = "filled up to",
            YLabel = "messages/s published",
            Categories = [.. Enumerable.Range(1, Slices).Select(static slice => string.Create(CultureInfo.InvariantCulture, $"{slice * 100 / Slices} %"))],
            Series = fills,
            Caption = $"Body 100 B · durability {durability} · nobody consumes meanwhile. A line that stays level says that the size of the backlog does not matter.",
        });
    }

    private static async Task<(double[] Slices, double BytesPerMessage)> FillAsync(
        ExperimentContext context, IPipeline pipeline, Counter published, CancellationToken cancellationToken)
    {
        int slice = context.Scale.BacklogMessages / Slices;
        byte[] body = Load.CreateBody(BodyBytes, 1);
        double[] rates = new double[Slices];
        long before = ReadMemory(context);
        for (int s = 0; s < Slices; s++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < slice; i++)
                await pipeline.EnqueueAsync(body, cancellationToken).ConfigureAwait(false);
            await pipeline.FlushAsync(cancellationToken).ConfigureAwait(false);
            published.Add(slice);
            rates[s] = slice / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        long after = ReadMemory(context);
        return (rates, (double)(after - before) / context.Scale.BacklogMessages);
    }

    /// <summary>The resident memory of the broker's processes, or the managed heap where the broker is in this one.</summary>
    private static long ReadMemory(ExperimentContext context) => context.Target.ReadUsage()?.ResidentBytes ?? GC.GetTotalMemory(forceFullCollection: true);

    /// <summary>Consumes everything with a consumer that connects now, timed from the first messages that it was done with.</summary>
    /// <returns>Messages a second, by part of the backlog.</returns>
    private static Task<double[]> DrainAsync(IPipeline pipeline, SegmentClock clock, Counter consumed, CancellationToken cancellationToken)
        => Load.WhileAsync(
            [stop => pipeline.ConsumeAsync(null, consumed, stop)],
            async load =>
            {
                await Throughput.WaitUntilAsync(() => consumed.Value > 0, load, cancellationToken).ConfigureAwait(false);
                await (await Task.WhenAny(clock.Ended, load).WaitAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
                return clock.Ended.IsCompleted ? clock.Rates : throw new InvalidOperationException("The consumer ended before the backlog did.");
            }, cancellationToken);
}
