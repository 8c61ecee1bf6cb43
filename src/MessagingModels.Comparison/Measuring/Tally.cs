using System.Diagnostics;

namespace MessagingModels.Comparison.Measuring;

/// <summary>A consumer that hands each id it gets to a handler, until cancelled.</summary>
internal delegate Task Worker(Func<int, ValueTask> handle, CancellationToken stop);

/// <summary>Ids received, by receiver, and a signal once a number of them has arrived. Safe for concurrent use.</summary>
internal sealed class Tally
{
    /// <summary>What has not come this long after the last message that did is lost: longer than any broker here was seen to pause.</summary>
    public static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<int>[] _ids;
    private readonly int _target;
    private readonly TimeSpan _quietLimit;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private long _lastArrival = Stopwatch.GetTimestamp();

    public Tally(int receivers, int target, TimeSpan? quietLimit = null)
    {
        _ids = [.. Enumerable.Range(0, receivers).Select(static _ => new List<int>())];
        _target = target;
        _quietLimit = quietLimit ?? QuietLimit;
        if (target == 0)
            _reached.SetResult();
    }

    /// <summary>The ids of each receiver, in the order in which they arrived.</summary>
    public int[][] Ids
    {
        get
        {
            lock (_lock)
                return [.. _ids.Select(static ids => ids.ToArray())];
        }
    }

    /// <summary>How many of the number have not arrived.</summary>
    public int Missing
    {
        get
        {
            lock (_lock)
                return Math.Max(0, _target - _count);
        }
    }

    public ValueTask AddAsync(int receiver, int id)
    {
        lock (_lock)
        {
            _ids[receiver].Add(id);
            _lastArrival = Stopwatch.GetTimestamp();
            if (++_count == _target)
                _reached.SetResult();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for the number, until nothing has come for a while, or for the failure of those who receive.</summary>
    /// <returns>False where the number was not reached.</returns>
    public async Task<bool> WaitAsync(Task receiving, CancellationToken cancellationToken)
    {
        lock (_lock)
            _lastArrival = Stopwatch.GetTimestamp();
        TimeSpan left = _quietLimit;
        while (left > TimeSpan.Zero)
        {
            Task quiet = Task.Delay(left, cancellationToken);
            await (receiving.IsCompleted ? Task.WhenAny(_reached.Task, quiet) : Task.WhenAny(_reached.Task, receiving, quiet)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (_reached.Task.IsCompleted)
                return true;
            if (receiving.IsCompleted)
                await receiving.ConfigureAwait(false);

            lock (_lock)
                left = _quietLimit - Stopwatch.GetElapsedTime(_lastArrival);
        }

        return false;
    }

    /// <summary>Runs workers until they have handled the number of messages, or no more come; what they finish is added as that of the first receiver.</summary>
    /// <param name="workers">The consumers.</param>
    /// <param name="work">What handling a message takes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the number was not reached.</returns>
    public Task<bool> FillAsync(IReadOnlyList<Worker> workers, Func<int, CancellationToken, Task> work, CancellationToken cancellationToken)
        => Load.WhileAsync(
            [.. workers.Select(worker => (Func<CancellationToken, Task>)(stop => worker(
                async id =>
                {
                    await work(id, stop).ConfigureAwait(false);
                    await AddAsync(0, id).ConfigureAwait(false);
                }, stop)))],
            running => WaitAsync(running, cancellationToken), cancellationToken);
}
