namespace MessagingModels.Comparison.Measuring;

/// <summary>A consumer that hands each id it gets to a handler, until cancelled.</summary>
internal delegate Task Worker(Func<int, ValueTask> handle, CancellationToken stop);

/// <summary>Ids received, by receiver, and a signal once a number of them has arrived. Safe for concurrent use.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly List<int>[] _ids;
    private readonly int _target;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    public Tally(int receivers, int target)
    {
        _ids = [.. Enumerable.Range(0, receivers).Select(static _ => new List<int>())];
        _target = target;
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

    public ValueTask AddAsync(int receiver, int id)
    {
        lock (_lock)
        {
            _ids[receiver].Add(id);
            if (++_count == _target)
                _reached.SetResult();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for the number, or for the failure of those who receive.</summary>
    public async Task WaitAsync(Task receiving, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(_reached.Task, receiving).WaitAsync(cancellationToken).ConfigureAwait(false) == receiving)
        {
            await receiving.ConfigureAwait(false);
            await _reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs workers until they have handled the number of messages; what they finish is added as that of the first receiver.</summary>
    /// <param name="workers">The consumers.</param>
    /// <param name="work">What handling a message takes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task FillAsync(IReadOnlyList<Worker> workers, Func<int, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] running = [.. workers.Select(worker => Task.Run(
            () => worker(
                async id =>
                {
                    await work(id, stop.Token).ConfigureAwait(false);
                    await AddAsync(0, id).ConfigureAwait(false);
                }, stop.Token), CancellationToken.None))];
        await WaitAsync(Task.WhenAny(running).Unwrap(), cancellationToken).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(false);
    }
}
