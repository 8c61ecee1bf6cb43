using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Targets;

/// <summary>
/// A run in which the broker's process is killed and started again, while publishers and consumers live on: they connect again and try again
/// what failed. All settings go through the same kill.
/// </summary>
internal sealed class KilledServer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly int _count;
    private readonly TaskCompletionSource _underWay = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _restarted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _notUnderWay;

    private KilledServer(int settings, int count)
    {
        _count = count;
        _notUnderWay = settings;
    }

    public static async Task<IReadOnlyList<FaultAttempt>> RunAsync(
        ServerTarget target, IReadOnlyList<FaultSetting> settings, int count, CancellationToken cancellationToken)
    {
        if (target.Nodes.Count == 0)
            return [.. settings.Select(_ => new FaultAttempt(default, Untried: target.WhyNoNodes))];
        KilledServer run = new(settings.Count, count);
        using CancellationTokenSource abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<FaultAttempt[]> attempts = FaultAttempt.RunAllAsync(
            settings, settings.Count, Limit, (setting, stop) => run.RunAsync(target, setting, stop), abandon.Token);
        try
        {
            await run._underWay.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            await target.KillAsync().ConfigureAwait(false);
            run._killed.SetResult();
            await target.StartAsync(cancellationToken).ConfigureAwait(false);
            run._restarted.SetResult();
        }
        catch
        {
            // Without a broker none of them gets to its end; what they report then is of no interest, but they must have ended.
            await abandon.CancelAsync().ConfigureAwait(false);
            await ((Task)attempts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return await attempts.ConfigureAwait(false);
    }

    private async Task<FaultAttempt> RunAsync(ServerTarget target, FaultSetting setting, CancellationToken cancellationToken)
    {
        bool isUnderWay = false;
        try
        {
            DistinctIds done = new();
            GapClock progress = new();
            Effects effects = new(setting.RemembersIds, Progressed);
            await using TargetSession session = await target.OpenAsync(target.Nearest(Storage.Durability.PageCache), cancellationToken).ConfigureAwait(false);
            SurvivingClient publisher = new(session, setting, Progressed);
            SurvivingClient consumer = new(session, setting, Progressed);
            await using (publisher.ConfigureAwait(false))
            await using (consumer.ConfigureAwait(false))
            {
                Task consuming = ConsumeAsync();
                int sent = await PublishAsync(publisher, cancellationToken).ConfigureAwait(false);
                await _restarted.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                await progress.WaitUntilQuietAsync(() => done.Count >= sent, Quiet, Limit, cancellationToken).ConfigureAwait(false);
                await EndAsync().ConfigureAwait(false);

                // What a queue took back just before stands behind the end that was sent: it is not lost, and a second end lies behind it.
                // A topic keeps its order, and another member of the group would only repeat what was not committed.
                if (setting.Model == ModelKind.Exchange && done.Count < sent)
                {
                    consuming = ConsumeAsync();
                    await EndAsync().ConfigureAwait(false);
                }

                await publisher.CollectAsync(effects, RetryDelay, cancellationToken).ConfigureAwait(false);
                return new FaultAttempt(effects.Count(Enumerable.Range(0, sent))) { Sent = sent };

                Task ConsumeAsync() => Task.Run(() => consumer.ConsumeAsync(effects, RetryDelay, cancellationToken), cancellationToken);

                async Task EndAsync()
                {
                    await publisher.SendAsync(Effects.EndOfMessages, RetryDelay, cancellationToken).ConfigureAwait(false);
                    await consuming.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            // The same message again is no progress, but a sign that there is more to come.
            void Progressed(int id)
            {
                progress.Tick();
                if (done.Add(id) && done.Count == _count / 2)
                    SetUnderWay();
            }
        }
        finally
        {
            // One that failed must not keep the others from their kill.
            SetUnderWay();
        }

        void SetUnderWay()
        {
            if (!Interlocked.Exchange(ref isUnderWay, true) && Interlocked.Decrement(ref _notUnderWay) == 0)
                _underWay.SetResult();
        }
    }

    /// <summary>Publishes from well before the kill until well after it.</summary>
    private async Task<int> PublishAsync(SurvivingClient publisher, CancellationToken cancellationToken)
    {
        int id = 0;
        for (int left = _count / 2; left > 0 || id < _count; id++)
        {
            await publisher.SendAsync(id, RetryDelay, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Pace, cancellationToken).ConfigureAwait(false);
            if (_killed.Task.IsCompleted)
                left--;
        }

        return id;
    }
}
