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
        + "acknowledged or committed is counted in windows after a warm-up. Bodies are reused by the publisher, not by the broker.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        Dictionary<(ModelKind Model, Durability Durability, int Size), double> medians = [];
        foreach (Durability durability in Enum.GetValues<Durability>())
        {
            foreach (int size in Sizes)
            {
                context.Step($"{durability}, {Figures.Bytes(size)}");
                foreach (ModelKind model in Enum.GetValues<ModelKind>())
                    medians[(model, durability, size)] = await MeasureAsync(context, model, durability, size, cancellationToken).ConfigureAwait(false);
            }
        }

        AddCharts(context, medians);
        double exchange = medians[(ModelKind.Exchange, Durability.PageCache, Sizes[1])];
        double log = medians[(ModelKind.Log, Durability.PageCache, Sizes[1])];
        context.Answer(
            70, "The highest rate through one destination", Choose(exchange, log),
            $"At 1 KiB and PageCache one queue carried {Figures.Number(exchange)} messages/s and one partition {Figures.Number(log)}, from publish to acknowledgement.");
    }

    /// <summary>The higher of two rates; either, where they are within a quarter of each other.</summary>
    internal static string Choose(double exchange, double log)
        => exchange > log * 1.25 ? "exchange" : log > exchange * 1.25 ? "log" : "either";

    private static async Task<double> MeasureAsync(
        ExperimentContext context, ModelKind model, Durability durability, int size, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        await using IPipeline pipeline = await CreateAsync(model, session, cancellationToken).ConfigureAwait(false);
        Counter consumed = new();
        double[] rates = await Load.WhileAsync(
            [stop => Load.PublishAsync(pipeline, size, consumed, stop), stop => pipeline.ConsumeAsync(null, consumed, stop)],
            load => Throughput.MeasureAsync(consumed, context.Scale, load, cancellationToken), cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> settings = new(pipeline.Settings.Concat(Load.Settings(size)));
        return context.Measured(model, "published, consumed and acknowledged", $"{durability}, {Figures.Bytes(size)}", "messages/s", rates, settings);
    }

    internal static async Task<IPipeline> CreateAsync(ModelKind model, TargetSession session, CancellationToken cancellationToken)
        => model == ModelKind.Exchange
            ? await ExchangePipeline.CreateAsync(session, cancellationToken).ConfigureAwait(false)
            : await LogPipeline.CreateAsync(session, cancellationToken).ConfigureAwait(false);

    private static void AddCharts(ExperimentContext context, Dictionary<(ModelKind Model, Durability Durability, int Size), double> medians)
    {
        foreach (bool isBytes in new[] { false, true })
        {
            context.Outcome.Charts.Add(new Chart
            {
                Title = isBytes ? "Throughput in bytes" : "Throughput in messages",
                Kind = ChartKind.Bars,
                XLabel = "size of the body",
                YLabel = isBytes ? "MiB/s" : "messages/s",
                Categories = [.. Sizes.Select(static size => Figures.Bytes(size))],
                LogarithmicY = true,
                Series =
                [
                    .. Enum.GetValues<ModelKind>().SelectMany(model => Enum.GetValues<Durability>().Select(durability => new ChartSeries(
                        $"{Words.Of(model)}, {durability}", model,
                        [.. Sizes.Select((size, i) => new ChartPoint(i, medians[(model, durability, size)] * (isBytes ? size / 1024.0 / 1024 : 1)))]))),
                ],
                Caption = "One publisher, one queue or partition, one consumer; logarithmic scale; settings in the table below.",
            });
        }
    }
}
