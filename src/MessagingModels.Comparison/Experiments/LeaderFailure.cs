using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Provisioning;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What publisher and consumer of a cluster saw when the node that led their partition or queue was killed under load.</summary>
/// <param name="Confirmed">How many messages were confirmed.</param>
/// <param name="InFlight">How many waited for their confirm when the signal was sent.</param>
/// <param name="HeldBack">How many of them reached the consumer only once the killed node was started again.</param>
/// <param name="Cost">Those confirmed and never consumed, and those consumed more than once.</param>
/// <param name="WithoutConfirm">The longest time without a confirm from the signal on.</param>
/// <param name="WithoutDelivery">The longest time without a delivery from the signal on; messages were published all the time.</param>
/// <param name="Settings">Settings of the destination.</param>
internal sealed record LeaderFailure(
    int Confirmed, int InFlight, int HeldBack, FaultCount Cost, TimeSpan WithoutConfirm, TimeSpan WithoutDelivery, IReadOnlyDictionary<string, string> Settings)
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    // A quorum queue holds what it had delivered by way of a dead node until the node is back, or for consumer_disconnected_timeout: 60 s by default.
    private static readonly TimeSpan LongQuiet = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SyncLook = TimeSpan.FromMilliseconds(200);

    /// <summary>How the publisher is set; its consumer processes first and settles then.</summary>
    public static FaultSetting SettingOf(ModelKind model) => FaultSetting.All.Last(candidate => candidate.Model == model
        && candidate is { Publish: PublishGuarantee.Confirmed or PublishGuarantee.Idempotent, Settlement: Settlement.AfterProcessing, RemembersIds: false });

    /// <summary>Kills the leader of a fresh topic or queue, and has the node back and in sync in the end.</summary>
    /// <exception cref="InvalidOperationException">The cluster did not go on in time, or did not get back in sync.</exception>
    public static async Task<LeaderFailure> RunAsync(ServerTarget cluster, ModelKind model, Durability level, CancellationToken cancellationToken)
    {
        await using TargetSession session = await cluster.OpenAsync(level, cancellationToken).ConfigureAwait(false);
        FaultSetting setting = SettingOf(model);
        await using (await setting.ConnectAsync(session, cancellationToken).ConfigureAwait(false))
            await WaitUntilInSyncAsync(cluster, session, cancellationToken).ConfigureAwait(false);
        GapClock confirms = new();
        GapClock deliveries = new();
        Effects effects = new(remembersIds: false, _ => deliveries.Tick());
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        WindowPublisher publisher = new(stop => setting.ConnectAsync(session, stop), confirms.Tick);
        await using (publisher.ConfigureAwait(false))
        {
            Task consuming = Task.Run(() => SteadyConsumer.RunAsync(session, model, FaultDestination.Name, effects.Apply, end.Token), CancellationToken.None);
            Task publishing = publisher.RunAsync(end.Token);
            try
            {
                await WaitAsync(() => effects.DistinctCount > 0, "No message reached the consumer", cancellationToken).ConfigureAwait(false);
                await Task.Delay(Before, cancellationToken).ConfigureAwait(false);
                BrokerNode leader = await cluster.FindLeaderAsync(session, FaultDestination.Name, cancellationToken).ConfigureAwait(false);
                int inFlight = publisher.InFlight;
                confirms.Start();
                deliveries.Start();
                await leader.KillAsync().ConfigureAwait(false);
                await WaitUntilFlowingAsync(publisher, effects, cancellationToken).ConfigureAwait(false);
                publisher.End();
                await WaitAsync(() => publishing.IsCompleted, "Some messages were neither confirmed nor refused", cancellationToken).ConfigureAwait(false);
                await publishing.ConfigureAwait(false);
                await deliveries.WaitUntilQuietAsync(IsComplete, Quiet, RecoveryLimit, cancellationToken).ConfigureAwait(false);
                TimeSpan withoutDelivery = deliveries.Longest;
                int heldBack = publisher.Confirmed - effects.DistinctCount;
                await leader.StartAsync(cancellationToken).ConfigureAwait(false);
                await WaitUntilInSyncAsync(cluster, session, cancellationToken).ConfigureAwait(false);
                await deliveries.WaitUntilQuietAsync(IsComplete, LongQuiet, RecoveryLimit, cancellationToken).ConfigureAwait(false);
                await end.CancelAsync().ConfigureAwait(false);
                await consuming.ConfigureAwait(false);
                FaultCount cost = effects.Count(Enumerable.Range(0, publisher.Confirmed));
                return new LeaderFailure(
                    publisher.Confirmed, inFlight, heldBack - cost.Lost, cost, confirms.Longest, withoutDelivery, session.Settings);

                bool IsComplete() => effects.DistinctCount >= publisher.Confirmed;
            }
            finally
            {
                await end.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(consuming, publishing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Waits until much more than was under way has been confirmed and consumed, and a while longer.</summary>
    private static async Task WaitUntilFlowingAsync(WindowPublisher publisher, Effects effects, CancellationToken cancellationToken)
    {
        int confirmed = publisher.Confirmed + 4 * WindowPublisher.Window;
        await WaitAsync(() => publisher.Confirmed > confirmed, "The publisher did not go on", cancellationToken).ConfigureAwait(false);
        int consumed = effects.DistinctCount + 4 * WindowPublisher.Window;
        await WaitAsync(() => effects.DistinctCount > consumed, "The consumer did not go on", cancellationToken).ConfigureAwait(false);
        await Task.Delay(After, cancellationToken).ConfigureAwait(false);
    }

    private static async Task WaitUntilInSyncAsync(ServerTarget cluster, TargetSession session, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (await cluster.IsInSyncAsync(session, FaultDestination.Name, cancellationToken).ConfigureAwait(false))
                    return;
            }
            catch (Exception exception) when (exception is MessagingException or InvalidOperationException)
            {
                // A cluster that has just lost or found a node does not answer everything.
            }

            if (Stopwatch.GetElapsedTime(start) > RecoveryLimit)
                throw new InvalidOperationException($"The nodes were not in sync within {RecoveryLimit.TotalSeconds:0} s.");
            await Task.Delay(SyncLook, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task WaitAsync(Func<bool> isDone, string failure, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isDone())
        {
            if (Stopwatch.GetElapsedTime(start) > RecoveryLimit)
                throw new InvalidOperationException($"{failure} within {RecoveryLimit.TotalSeconds:0} s.");
            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
        }
    }
}
