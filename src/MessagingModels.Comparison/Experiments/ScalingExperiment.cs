using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Part six: what more consumers and partitions bring on one machine.</summary>
internal sealed class ScalingExperiment : IExperiment
{
    /// <summary>The part of the claim that <see cref="ClusterExperiment"/> tries.</summary>
    public const string ClusterStays = "A cluster or replicated queue stays available when a node fails.";

    /// <summary>The part of the claim that <see cref="ClusterExperiment"/> tries.</summary>
    public const string ReplicasTolerate = "Replicas tolerate the loss of a node.";

    private const double EvenShare = 1.25;
    private const double GoodEfficiency = 0.6;

    private static readonly int[] Steps = [1, 2, 4, 8];

    public ExperimentInfo Info { get; } = new(
        "scaling", "Scaling: 1 to 8 consumers and partitions",
        "As many consumers as the step says compete for one queue, or form a group over as many partitions, while a publisher keeps a backlog in front of them. "
        + "Once the handler waits for a timer of 1 ms at each message (systems make 1 to 4 ms of it), as most handlers wait for a database or a service; once it does nothing, which shows the broker's own limit.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        Dictionary<(ModelKind Model, bool IsWaiting), List<ParallelResult>> results = [];
        foreach (bool isWaiting in new[] { true, false })
        {
            foreach (ModelKind model in context.Models)
            {
                context.Step($"{Words.Of(model)}, handler {(isWaiting ? "waits" : "does nothing")}");
                results[(model, isWaiting)] = await MeasureAsync(context, model, isWaiting, cancellationToken).ConfigureAwait(false);
            }

            AddChart(context, results, isWaiting);
        }

        context.Step("one slow message");
        await UnevenWork.ReportAsync(context, cancellationToken).ConfigureAwait(false);
        if (context.Offers(ModelKind.Exchange))
            JudgeExchange(context, results[(ModelKind.Exchange, true)]);
        if (context.Offers(ModelKind.Log))
            JudgeLog(context, results[(ModelKind.Log, true)]);
    }

    private static async Task<List<ParallelResult>> MeasureAsync(
        ExperimentContext context, ModelKind model, bool isWaiting, CancellationToken cancellationToken)
    {
        List<ParallelResult> results = [];
        foreach (int step in context.Scale.IsFull ? Steps : [Steps[0], Steps[^1]])
        {
            ParallelResult result = model == ModelKind.Log
                ? await ParallelLoad.MeasureLogAsync(context, step, isWaiting, cancellationToken).ConfigureAwait(false)
                : await ParallelLoad.MeasureQueueAsync(context, step, isWaiting, cancellationToken).ConfigureAwait(false);
            string consumers = model == ModelKind.Log ? $"{step} in one group, {step} partitions" : $"{step} on one queue";
            context.Measured(
                model, "consumed and acknowledged", $"{step} consumers, handler {(isWaiting ? "waits for a timer" : "does nothing")}", "messages/s",
                result.Rates, ParallelLoad.Settings(context.Target.Levels[0], isWaiting, consumers));
            results.Add(result);
        }

        return results;
    }

    private static void AddChart(
        ExperimentContext context, Dictionary<(ModelKind Model, bool IsWaiting), List<ParallelResult>> results, bool isWaiting)
        => context.AddChart(new Chart
        {
            Title = isWaiting ? "Handlers that wait: consumers and partitions add up" : "Handlers that do nothing: the broker's own limit on these cores",
            Kind = ChartKind.Lines,
            XLabel = "consumers (exchange: on one queue; log: one for each partition)",
            YLabel = "messages/s",
            Series = [.. context.Models.Select(model => new ChartSeries(
                context.SeriesName(model), model, [.. results[(model, isWaiting)].Select(static result => new ChartPoint(result.Shares.Length, Statistics.Median(result.Rates)))]))],
            Caption = string.Join(" · ", ParallelLoad.Settings(context.Target.Levels[0], isWaiting, "").Where(static setting => setting.Value.Length > 0).Select(static setting => $"{setting.Key} {setting.Value}")),
        });

    private static double SpeedUp(List<ParallelResult> results, int step)
        => Statistics.Median(results.First(result => result.Shares.Length == step).Rates) / Statistics.Median(results[0].Rates);

    private static string SpeedUps(List<ParallelResult> results)
        => string.Join(", ", results.Skip(1).Select(result => $"{Figures.Format(SpeedUp(results, result.Shares.Length), "x")} with {result.Shares.Length}"));

    private static void JudgeExchange(ExperimentContext context, List<ParallelResult> results)
    {
        double imbalance = Statistics.Imbalance(results[^1].Shares);
        context.Judge(
            ClaimText.ExchangeScaling,
            Observe.That(
                "The consumers of a queue share its load evenly.", imbalance < EvenShare,
                $"Of {Steps[^1]} consumers the busiest got {Figures.Format(imbalance, "x")} the mean.", $"the busiest of {Steps[^1]} consumers got {Figures.Format(imbalance, "x")} the mean"),
            Observe.That(
                "More consumers get through more.", SpeedUp(results, 8) > 8 * GoodEfficiency,
                $"Handlers that wait for a timer of 1 ms: {SpeedUps(results)} consumers.", $"8 consumers got through only {Figures.Format(SpeedUp(results, 8), "x")} as much as one"),
            Observe.Nothing(ClusterStays, "several broker nodes (experiment cluster)"));
    }

    private static void JudgeLog(ExperimentContext context, List<ParallelResult> results)
        => context.Judge(
            ClaimText.LogScaling,
            Observe.That(
                "Partitions scale consumption.", SpeedUp(results, 8) > 8 * GoodEfficiency,
                $"Handlers that wait for a timer of 1 ms: {SpeedUps(results)} partitions and members.", $"8 partitions got through only {Figures.Format(SpeedUp(results, 8), "x")} as much as one", isEssential: true),
            Observe.Nothing(ReplicasTolerate, "several broker nodes (experiment cluster)"));
}
