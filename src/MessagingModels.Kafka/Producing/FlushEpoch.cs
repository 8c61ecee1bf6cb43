namespace MessagingModels.Kafka.Producing;

/// <summary>Counts the records handed over between two flushes, so that a flush waits for those before it and for no others.</summary>
internal sealed class FlushEpoch
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for the epoch itself while it is open.
    private long _pending = 1;

    /// <summary>Completes when the epoch is closed and its last record acknowledged or failed.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Counts a record; false where the epoch is over.</summary>
    public bool TryEnter()
    {
        long pending = Volatile.Read(ref _pending);
        while (pending > 0)
        {
            long seen = Interlocked.CompareExchange(ref _pending, pending + 1, pending);
            if (seen == pending)
                return true;
            pending = seen;
        }

        return false;
    }

    /// <summary>Takes a record off, or the epoch itself when it is closed.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _pending) == 0)
            _drained.SetResult();
    }
}

/// <summary>The epoch in which records are counted at present. Thread-safe.</summary>
internal sealed class FlushEpochs
{
    private readonly Lock _gate = new();
    private FlushEpoch _current = new();
    private Task _before = Task.CompletedTask;

    public FlushEpoch Enter()
    {
        while (true)
        {
            FlushEpoch current = Volatile.Read(ref _current);
            if (current.TryEnter())
                return current;
        }
    }

    /// <summary>Ends the present epoch.</summary>
    /// <returns>A task that completes when no record of it or of those before is outstanding.</returns>
    public Task Close()
    {
        lock (_gate)
        {
            FlushEpoch closed = _current;
            Volatile.Write(ref _current, new FlushEpoch());
            closed.Leave();
            return _before = _before.IsCompleted ? closed.Drained : Task.WhenAll(_before, closed.Drained);
        }
    }
}
