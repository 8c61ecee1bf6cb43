namespace MessagingModels.Comparison.Measuring;

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
}
