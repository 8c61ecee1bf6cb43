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

    /// <summary>The part of the claim that <see cref="ClusterExperiment"/> tries.</summary>
    public const string DistributionScales = "Several nodes get through more than one.";

    private const string ClusterBalances = "A cluster balances the load of its queues over its nodes.";
    private const double EvenShare = 1.25;
    private const double GoodEfficiency = 0.6;

    private static readonly int[] Steps = [1, 2, 4, 8];

    public ExperimentInfo Info { get; } = new(
        "scaling", "Scaling: 1 to 8 consumers and partitions",
        "As many consumers as the step says compete for one queue, or form a group over as many partitions, while a publisher keeps a backlog in front of them. "
        + "Once the handler waits for a timer of 1 ms at each message (systems make 1 to 4 ms of it), as most handlers wait for a database or a service; once it does nothing, "
        + "and then one publisher, the broker and the consumers take each other's processor time: which of them was the limit is told by the backlog at the end of each window: none where the publisher was, all that may be where consumers or broker were. Both count for the verdict. "
        + $"A speed-up is taken of each window over each window with one consumer; it counts as scaling where all of these are above {Figures.Share(GoodEfficiency)} of the number of consumers.");

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
            JudgeExchange(context, results[(ModelKind.Exchange, true)], results[(ModelKind.Exchange, false)]);
        if (context.Offers(ModelKind.Log))
            JudgeLog(context, results[(ModelKind.Log, true)], results[(ModelKind.Log, false)]);
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
            string label = $"{Words.Count(step, "consumer")}, handler {(isWaiting ? "waits for a timer" : "does nothing")}";
            context.Measured(model, "consumed and acknowledged", label, "messages/s", result.Rate.Values, result.Settings);
            result.Usage?.Report(context, model, label, result.Settings);
            if (!isWaiting)
            {
                context.Measured(
                    model, "backlog at the end of a window, as a share of what it may be", $"{Words.Count(step, "consumer")}, handler does nothing", "",
                    result.Backlog.Values, result.Settings);
            }

            results.Add(result);
        }

        return results;
    }

    private static void AddChart(
        ExperimentContext context, Dictionary<(ModelKind Model, bool IsWaiting), List<ParallelResult>> results, bool isWaiting)
        => context.AddChart(new Chart
        {
            Title = isWaiting ? "Handlers that wait: consumers and partitions add up" : "Handlers that do nothing: what one publisher, the broker and the consumers get through on these cores",
            Kind = ChartKind.Lines,
            XLabel = "consumers (exchange: on one queue; log: one for each partition)",
            YLabel = "messages/s",
            Series = [.. context.Models.Select(model => new ChartSeries(
                context.SeriesName(model), model, [.. results[(model, isWaiting)].Select(static result => new ChartPoint(result.Consumers, result.Rate.Median))]))],
            Caption = string.Join(" / ", context.Models.Select(model => $"{context.SeriesName(model)}: {Caption(results[(model, isWaiting)])}")),
        });

    /// <summary>The settings that all steps have in common.</summary>
    private static string Caption(List<ParallelResult> results)
        => string.Join(" · ", results[0].Settings.Where(static setting => setting.Key != "consumers").Select(static setting => $"{setting.Key} {setting.Value}"));

    /// <summary>What the most consumers got through, over what one did.</summary>
    private static Spread SpeedUp(List<ParallelResult> results) => results[^1].Rate.Over(results[0].Rate);

    private static string SpeedUps(List<ParallelResult> results)
        => string.Join(", ", results.Skip(1).Select(result => $"{result.Rate.Over(results[0].Rate).Format("x")} with {result.Consumers}"));

    private static void JudgeExchange(ExperimentContext context, List<ParallelResult> waiting, List<ParallelResult> busy)
        => context.Judge(
            ClaimText.ExchangeScaling,
            JudgeEvenness(waiting[^1], busy[^1]),
            JudgeSpeedUp("More consumers get through more.", "consumers", waiting, busy, isEssential: false),
            Observe.Nothing(ClusterStays, "several broker nodes (experiment cluster)"),
            Observe.Nothing(ClusterBalances, "many queues on several broker nodes; what consumers of one queue get is measured on one"));

    private static void JudgeLog(ExperimentContext context, List<ParallelResult> waiting, List<ParallelResult> busy)
        => context.Judge(
            ClaimText.LogScaling,
            JudgeSpeedUp("Partitions scale consumption.", "partitions and members", waiting, busy, isEssential: true),
            Observe.Nothing(DistributionScales, "several broker nodes (experiment cluster)"),
            Observe.Nothing(ReplicasTolerate, "several broker nodes (experiment cluster)"));

    internal static Finding JudgeEvenness(ParallelResult waiting, ParallelResult busy)
    {
        bool? waitingIsEven = !waiting.Imbalance.IsAbove(EvenShare);
        string busiest = $"the busiest of {waiting.Consumers} consumers got";
        string busyImbalance = $"{busy.Imbalance.Format("x")} the mean";
        return Observe.Under(
            $"handlers take time; where they do nothing, {busiest} {busyImbalance}",
            "The consumers of a queue share its load evenly.", waitingIsEven, waitingIsEven & !busy.Imbalance.IsAbove(EvenShare),
            $"In each window {busiest} {waiting.Imbalance.Format("x")} the mean where handlers wait, {busyImbalance} where they do nothing; less than {Figures.Format(EvenShare, "x")} counts as even.",
            $"{busiest} {waiting.Imbalance.Format("x")} the mean");
    }

    /// <summary>What both series say of a speed-up: with handlers that do nothing there is none beyond what the publisher and the processor give.</summary>
    internal static Finding JudgeSpeedUp(string statement, string what, List<ParallelResult> waiting, List<ParallelResult> busy, bool isEssential)
    {
        int most = waiting[^1].Consumers;
        double goal = most * GoodEfficiency;
        bool? waitingScales = SpeedUp(waiting).IsAbove(goal);
        string limit = Limit(busy[^1]);
        string busyGain = $"where they do nothing {most} {what} got through {SpeedUp(busy).Format("x")} what one did (the limit was {limit})";
        return Observe.Under(
            $"handlers wait for something; {busyGain}", statement, waitingScales, waitingScales & SpeedUp(busy).IsAbove(goal),
            $"Handlers that wait for a timer of 1 ms: {SpeedUps(waiting)} {what}. Handlers that do nothing: {SpeedUps(busy)}, the limit with {most} being {limit}. With {most}, more than {Figures.Format(goal, "x")} counts as scaling.",
            $"with handlers that wait, {most} {what} got through only {SpeedUp(waiting).Format("x")} as much as one", isEssential);
    }

    private static string Limit(ParallelResult result)
    {
        string limit = result.ConsumersWereTheLimit switch
        {
            true => "consumers or broker",
            false => "the publisher",
            null => "not clear",
        };
        string lowest = Figures.Share(result.Backlog.Lowest);
        string highest = Figures.Share(result.Backlog.Highest);
        return $"{limit}, as {(lowest == highest ? lowest : $"{lowest} to {highest}")} of the backlog that may be was left";
    }
}
