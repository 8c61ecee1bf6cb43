using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>How many messages get from a publisher to a consumer, by size and durability.</summary>
internal sealed class ThroughputExperiment : IExperiment
{
    private static readonly int[] Sizes = [100, 1024, 16 * 1024];

    public ExperimentInfo Info { get; } = new(
        "throughput", "Throughput by message size and durability",
        "One publisher sends as fast as one consumer keeps up, both at the same time, with a bounded backlog between them; what the consumer has "
        + "acknowledged or committed is counted in windows after a warm-up. Bodies are reused by the publisher, not by the broker. "
        + "Where this run started the broker's processes, their processor time in each window is divided by its messages.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await WarmUpAsync(context, cancellationToken).ConfigureAwait(false);
        Dictionary<(ModelKind Model, Durability Durability, int Size), Measurement> figures = [];
        foreach (Durability durability in context.Target.Levels)
        {
            foreach (int size in Sizes)
            {
                context.Step($"{durability}, {Figures.Bytes(size)}");
                foreach (ModelKind model in context.Models)
                    figures[(model, durability, size)] = await MeasureAsync(context, model, durability, size, cancellationToken).ConfigureAwait(false);
            }
        }

        AddCharts(context, figures);
        Durability usual = context.Target.Nearest(Durability.PageCache);
        foreach (ModelKind model in context.Models)
        {
            Measurement figure = figures[(model, usual, Sizes[1])];
            context.Weigh(
                Need.Rate, model, figure,
                $"At 1 KiB and {usual} one {(model == ModelKind.Exchange ? "queue" : "partition")} carried {Figures.Number(figure.Median)} messages/s, from publish to acknowledgement");
        }

        if (context.Target is KafkaTarget kafka)
            await CheckWithToolsAsync(context, kafka, cancellationToken).ConfigureAwait(false);
    }

    private static async Task CheckWithToolsAsync(ExperimentContext context, KafkaTarget kafka, CancellationToken cancellationToken)
    {
        if (!context.Scale.IsFull)
            context.Outcome.Notes.Add("A quick run does not run Kafka's own ProducerPerformance and ConsumerPerformance beside; a full one does.");
        else if (KafkaTools.Find(kafka) is null)
            context.Outcome.Notes.Add($"Kafka's own ProducerPerformance and ConsumerPerformance were not run beside: they need {KafkaTools.Needs}.");
        for (int i = 0; i < Sizes.Length; i++)
            await ToolCheck.AloneAsync(context, kafka, Sizes[i], isToolFirst: i % 2 == 1, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Measurement> MeasureAsync(
        ExperimentContext context, ModelKind model, Durability durability, int size, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
        Counter consumed = new();
        UsageMeter usage = new(context.Target, consumed);
        double[] rates = await Load.SaturateAsync(
            pipeline, size, consumed,
            load => Throughput.MeasureAsync(consumed, context.Scale, load, cancellationToken, atBoundary: usage.Read), cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> settings = new(pipeline.Settings.Concat(Load.Settings(size)));
        string label = $"{durability}, {Figures.Bytes(size)}";
        Measurement figure = context.Measured(
            model, "published, consumed and acknowledged", label, "messages/s", rates, settings, ToolCheck.Announce(context.Target, context.Scale, pipeline.Observations));
        usage.Report(context, model, label, settings);
        if (context.Target is KafkaTarget kafka)
            await ToolCheck.BothAtOnceAsync(context, kafka, durability, label, size, figure, usage, cancellationToken).ConfigureAwait(false);
        return figure;
    }

    /// <summary>Client and broker compile as they go: load that is not counted, until they have seen most of their code.</summary>
    private static async Task WarmUpAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        context.Step("warming up");
        foreach (ModelKind model in context.Models)
            await WarmUpAsync(context, model, cancellationToken).ConfigureAwait(false);
    }

    private static async Task WarmUpAsync(ExperimentContext context, ModelKind model, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        await using IPipeline pipeline = await Pipeline.CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
        Counter consumed = new();
        await Load.SaturateAsync(
            pipeline, Sizes[1], consumed,
            async load =>
            {
                await Task.WhenAny(load, Task.Delay(8 * context.Scale.Warmup, cancellationToken)).ConfigureAwait(false);
                return consumed.Value;
            }, cancellationToken).ConfigureAwait(false);
    }

    private static void AddCharts(ExperimentContext context, Dictionary<(ModelKind Model, Durability Durability, int Size), Measurement> figures)
    {
        foreach (bool isBytes in new[] { false, true })
        {
            context.AddChart(new Chart
            {
                Title = isBytes ? "Throughput in bytes" : "Throughput in messages",
                Kind = ChartKind.Bars,
                XLabel = "size of the body",
                YLabel = isBytes ? "MiB/s" : "messages/s",
                Categories = [.. Sizes.Select(static size => Figures.Bytes(size))],
                LogarithmicY = true,
                Series =
                [
                    .. context.Models.SelectMany(model => context.Target.Levels.Select(durability => new ChartSeries(
                        $"{context.SeriesName(model)}, {durability}", model,
                        [.. Sizes.Select((size, i) => new ChartPoint(i, figures[(model, durability, size)].Median * (isBytes ? size / 1024.0 / 1024 : 1)))]))),
                ],
                Caption = "One publisher, one queue or partition, one consumer; logarithmic scale; settings in the table below.",
            });
        }
    }
}
