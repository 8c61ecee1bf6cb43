using System.Diagnostics;
using MessagingModels.Comparison.Experiments;

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
            return [.. settings.Select(static _ => new FaultAttempt(default, Untried: "this run did not start the broker's process, so it does not kill it either"))];
        KilledServer run = new(settings.Count, count);
        Task<FaultAttempt[]> attempts = FaultAttempt.RunAllAsync(
            settings, settings.Count, Limit, (setting, stop) => run.RunAsync(target, setting, stop), cancellationToken);
        try
        {
            await run._underWay.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            await target.KillAsync().ConfigureAwait(false);
            run._killed.SetResult();
        }
        finally
        {
            await target.StartAsync(cancellationToken).ConfigureAwait(false);
            run._restarted.TrySetResult();
        }

        return await attempts.ConfigureAwait(false);
    }

    private async Task<FaultAttempt> RunAsync(ServerTarget target, FaultSetting setting, CancellationToken cancellationToken)
    {
        bool isUnderWay = false;
        try
        {
            int progress = 0;
            Effects effects = new(setting.RemembersIds, _ => Progressed());
            await using TargetSession session = await target.OpenAsync(target.Nearest(Storage.Durability.PageCache), cancellationToken).ConfigureAwait(false);
            SurvivingClient publisher = new(session, setting, Progressed);
            SurvivingClient consumer = new(session, setting, Progressed);
            await using (publisher.ConfigureAwait(false))
            await using (consumer.ConfigureAwait(false))
            {
                Task consuming = Task.Run(() => consumer.ConsumeAsync(effects, RetryDelay, cancellationToken), cancellationToken);
                int sent = await PublishAsync(publisher, cancellationToken).ConfigureAwait(false);
                await _restarted.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                await WaitUntilQuietAsync(() => Volatile.Read(ref progress), sent, cancellationToken).ConfigureAwait(false);
                await publisher.SendAsync(Effects.EndOfMessages, RetryDelay, cancellationToken).ConfigureAwait(false);
                await consuming.WaitAsync(cancellationToken).ConfigureAwait(false);
                await publisher.CollectAsync(effects, RetryDelay, cancellationToken).ConfigureAwait(false);
                return new FaultAttempt(effects.Count(Enumerable.Range(0, sent))) { Sent = sent };
            }

            void Progressed()
            {
                if (Interlocked.Increment(ref progress) == _count / 2)
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

    /// <summary>Waits until everything had its effect, or nothing more does.</summary>
    private static async Task WaitUntilQuietAsync(Func<int> progress, int expected, CancellationToken cancellationToken)
    {
        int last = progress();
        long since = Stopwatch.GetTimestamp();
        while (last < expected && Stopwatch.GetElapsedTime(since) < Quiet)
        {
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
            if (progress() is var now && now != last)
                (last, since) = (now, Stopwatch.GetTimestamp());
        }
    }
}
