using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Provisioning;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What publisher and consumer of a cluster saw when the node that led their partition or queue was killed.</summary>
/// <param name="Leader">The node that was killed.</param>
/// <param name="Sent">How many messages were confirmed.</param>
/// <param name="Cost">Those lost and duplicated.</param>
/// <param name="WithoutConfirm">The longest time without a confirm from the kill on.</param>
/// <param name="WithoutDelivery">The longest time without a delivery from the kill on, while there were messages.</param>
/// <param name="Setting">How publisher and consumer were set.</param>
/// <param name="Settings">Settings of the destination.</param>
internal sealed record LeaderFailure(
    int Leader, int Sent, FaultCount Cost, TimeSpan WithoutConfirm, TimeSpan WithoutDelivery, string Setting, IReadOnlyDictionary<string, string> Settings)
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public static async Task<LeaderFailure> RunAsync(
        ServerTarget cluster, ModelKind model, Durability level, RunScale scale, CancellationToken cancellationToken)
    {
        FaultSetting setting = FaultSetting.All.Last(candidate => candidate.Model == model
            && candidate is { Publish: PublishGuarantee.Confirmed or PublishGuarantee.Idempotent, Settlement: Settlement.AfterProcessing, RemembersIds: false });
        await using TargetSession session = await cluster.OpenAsync(level, cancellationToken).ConfigureAwait(false);
        GapClock confirms = new();
        GapClock deliveries = new();
        Effects effects = new(remembersIds: false, _ => deliveries.Tick());
        SurvivingClient publisher = new(session, setting, static () => { });
        SurvivingClient consumer = new(session, setting, static () => { });
        await using (publisher.ConfigureAwait(false))
        await using (consumer.ConfigureAwait(false))
        {
            Task consuming = Task.Run(() => consumer.ConsumeAsync(effects, RetryDelay, cancellationToken), cancellationToken);
            int sent = await PublishAsync(publisher, 0, confirms, Before, cancellationToken).ConfigureAwait(false);
            BrokerNode leader = await cluster.FindLeaderAsync(session, FaultDestination.Name, cancellationToken).ConfigureAwait(false);
            confirms.Start();
            deliveries.Start();
            await leader.KillAsync().ConfigureAwait(false);
            sent = await PublishAsync(publisher, sent, confirms, scale.IsFull ? 2 * After : After, cancellationToken).ConfigureAwait(false);
            await deliveries.WaitUntilQuietAsync(() => effects.DistinctCount >= sent, Quiet, RecoveryLimit, cancellationToken).ConfigureAwait(false);
            await publisher.SendAsync(Effects.EndOfMessages, RetryDelay, cancellationToken).ConfigureAwait(false);
            await consuming.WaitAsync(RecoveryLimit, cancellationToken).ConfigureAwait(false);
            return new LeaderFailure(
                leader.Id, sent, effects.Count(Enumerable.Range(0, sent)), confirms.Longest, deliveries.Longest, setting.Name, session.Settings);
        }
    }

    /// <summary>Publishes one after the other for a while, and at least until one is confirmed.</summary>
    /// <returns>How many messages were confirmed so far.</returns>
    private static async Task<int> PublishAsync(SurvivingClient publisher, int first, GapClock confirms, TimeSpan duration, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        int id = first;
        do
        {
            await publisher.SendAsync(id++, RetryDelay, cancellationToken).ConfigureAwait(false);
            confirms.Tick();
            await Task.Delay(Pace, cancellationToken).ConfigureAwait(false);
        }
        while (Stopwatch.GetElapsedTime(start) < duration);
        return id;
    }
}
