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
        + "the messages that a pattern matches. A topic hands over all it holds, by its definition; what each model does about it is tried: a topic for each route, a queue bound by "
        + "the pattern, and a rule by key that comes when half of the messages are published (bytes handed to the consumer for each byte wanted, and messages missing, by id). "
        + "Patterns are taken from the workload's own routes. Order by key is counted with one queue, with queues behind a consistent-hash exchange, and with partitions.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadMessage> messages = context.Workload.Take(context.Scale.ClaimMessages);
        IReadOnlyList<(string Pattern, double Share)> patterns = TopicPattern.Pick(messages, 0.5, 0.1, 0.01, 0.001);
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (context.Offers(ModelKind.Exchange))
        {
            context.Step("exchange types");
            context.Judge(
                ClaimText.ExchangeDistribution,
                await new RoutingCheck(session, messages).RunAllAsync([.. patterns.Select(static pattern => pattern.Pattern)], cancellationToken).ConfigureAwait(false));
        }

        context.Step("read amplification");
        ReadAmplification amplification = await ReadAmplification.MeasureAsync(context, session, messages, cancellationToken).ConfigureAwait(false);
        amplification.Report(context);
        if (context.Offers(ModelKind.Exchange))
            context.Judge(ClaimText.ExchangeDistribution, amplification.ToExchangeFinding());
        context.Step("order by key");
        await KeyOrder.ReportAsync(context, session, messages, cancellationToken).ConfigureAwait(false);
        if (context.Offers(ModelKind.Log))
        {
            context.Step("speed-up by partitions");
            Finding speedUp = await MeasureSpeedUpAsync(context, cancellationToken).ConfigureAwait(false);
            await PartitionSkew.ReportAsync(context, session, cancellationToken).ConfigureAwait(false);
            context.Judge(ClaimText.LogDistribution, speedUp, amplification.ToLogFinding());
        }
    }

    private static async Task<Finding> MeasureSpeedUpAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        ParallelResult one = await ParallelLoad.MeasureLogAsync(context, 1, isWaiting: true, cancellationToken).ConfigureAwait(false);
        ParallelResult several = await ParallelLoad.MeasureLogAsync(context, SpeedUpPartitions, isWaiting: true, cancellationToken).ConfigureAwait(false);
        Spread speedUp = several.Rate.Over(one.Rate);
        context.MeasuredRatio(ModelKind.Log, "speed-up of consumption", $"{SpeedUpPartitions} partitions over 1", speedUp, several.Settings);
        several.Usage?.Report(context, ModelKind.Log, $"{SpeedUpPartitions} partitions over 1", several.Settings);
        return Observe.That(
            "Partitions speed up consumption.", speedUp.IsAbove(UsefulSpeedUp),
            $"With handlers that wait for a timer of 1 ms, {SpeedUpPartitions} partitions with a member each got through {speedUp.Format("x")} what one did; {Figures.Format(UsefulSpeedUp, "x")} counts as a speed-up.",
            $"{SpeedUpPartitions} partitions got through only {speedUp.Format("x")} what one did", isEssential: true);
    }
}
