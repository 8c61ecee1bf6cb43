using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Part two: how messages find those who want them, and what it costs to get a part of a stream.</summary>
internal sealed class DistributionExperiment : IExperiment
{
    private const double UsefulSpeedUp = 2;
    private const int SpeedUpPartitions = 4;

    public ExperimentInfo Info { get; } = new(
        "distribution", "Distribution: routing, and the cost of reading a part",
        "Each kind of exchange gets the workload; what its queues hold is compared with a matcher written for this check. Then a consumer wants only "
        + "the messages that a pattern matches: from a topic it must fetch everything and discard the rest (read amplification: bytes fetched for each byte wanted), "
        + "a binding hands it just those. Patterns are taken from the workload's own routes.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadMessage> messages = context.Workload.Take(context.Scale.ClaimMessages);
        IReadOnlyList<(string Pattern, double Share)> patterns = TopicPattern.Pick(messages, 0.5, 0.1, 0.01, 0.001);
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (context.Offers(ModelKind.Exchange))
        {
            context.Step("exchange types");
            IReadOnlyList<RoutingCheck> checks = await RoutingCheck.RunAllAsync(session, messages, [.. patterns.Select(static pattern => pattern.Pattern)], cancellationToken)
                .ConfigureAwait(false);
            context.Judge(ClaimText.ExchangeDistribution, [.. checks.Select(static check => check.ToFinding())]);
        }

        context.Step("read amplification");
        ReadAmplification amplification = await ReadAmplification.MeasureAsync(context, session, messages, patterns, cancellationToken).ConfigureAwait(false);
        amplification.Report(context);
        context.Step("order by key");
        await KeyOrder.ReportAsync(context, session, messages, cancellationToken).ConfigureAwait(false);
        if (context.Offers(ModelKind.Log))
        {
            context.Step("speed-up by partitions");
            double speedUp = await MeasureSpeedUpAsync(context, cancellationToken).ConfigureAwait(false);
            await PartitionSkew.ReportAsync(context, session, cancellationToken).ConfigureAwait(false);
            context.Judge(ClaimText.LogDistribution, Findings(speedUp, amplification));
        }
    }

    private static async Task<double> MeasureSpeedUpAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        ParallelResult one = await ParallelLoad.MeasureLogAsync(context, 1, isWaiting: true, cancellationToken).ConfigureAwait(false);
        ParallelResult several = await ParallelLoad.MeasureLogAsync(context, SpeedUpPartitions, isWaiting: true, cancellationToken).ConfigureAwait(false);
        return context.Measured(
            ModelKind.Log, "speed-up of consumption", $"{SpeedUpPartitions} partitions over 1", "x",
            [Statistics.Median(several.Rates) / Statistics.Median(one.Rates)],
            ParallelLoad.Settings(context.Target.Levels[0], isWaiting: true, "one for each partition")).Median;
    }

    private static Finding[] Findings(double speedUp, ReadAmplification amplification)
    {
        bool readsTooMuch = amplification.Subsets.All(static subset => subset.Log > 1);
        string evidence = string.Join("; ", amplification.Subsets.Select(static subset =>
            $"{subset.Pattern} ({Figures.Share(subset.Share)}): {Figures.Format(subset.Log!.Value, "x")} read alone"
            + (subset.Bound is { } bound ? $", {Figures.Format(bound, "x")} through a binding" : "")));
        return
        [
            Observe.That(
                "Partitions speed up consumption.", speedUp >= UsefulSpeedUp,
                $"With handlers that wait for a timer of 1 ms, {SpeedUpPartitions} partitions with a member each got through {Figures.Format(speedUp, "x")} what one did.",
                $"{SpeedUpPartitions} partitions got through only {Figures.Format(speedUp, "x")} what one did", isEssential: true),
            Observe.Under(
                "the log stands alone; here an exchange can be bound to a topic, and then a topic holds just what a rule lets in",
                "There is no flexible routing: who wants a part fetches the whole.", readsTooMuch, readsTooMuch && !amplification.BindingsRoute,
                $"Bytes fetched for each byte wanted: {evidence}.",
                "a consumer of the whole topic fetched no more than it wanted"),
        ];
    }
}
