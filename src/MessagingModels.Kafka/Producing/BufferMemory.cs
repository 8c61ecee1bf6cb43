namespace MessagingModels.Kafka.Producing;

/// <summary>The memory of records that are not acknowledged yet. Anybody reserves and releases; one waiter at a time waits.</summary>
internal sealed class BufferMemory
{
    /// <summary>What a record takes beside its bytes, about: the library's and the adapter's own books.</summary>
    public const int RecordOverheadBytes = 128;

    private readonly long _capacity;
    private long _free;
    private Waiter? _waiter;

    public BufferMemory(long capacityBytes) => _free = _capacity = capacityBytes;

    /// <summary>Takes memory where there is enough; a record larger than the whole buffer goes alone.</summary>
    public bool TryReserve(int bytes)
    {
        long wanted = Math.Min(bytes, _capacity);
        long free = Volatile.Read(ref _free);
        while (free >= wanted)
        {
            long seen = Interlocked.CompareExchange(ref _free, free - wanted, free);
            if (seen == free)
                return true;
            free = seen;
        }

        return false;
    }

    public void Release(int bytes)
    {
        long free = Interlocked.Add(ref _free, Math.Min(bytes, _capacity));
        if (Volatile.Read(ref _waiter) is { } waiter && free >= waiter.FreeBytes)
            Signal();
    }

    /// <summary>
    /// Waits until a record can go on. A quarter of the buffer is let go first: one wake-up for many records, not for each.
    /// </summary>
    public async ValueTask ReserveAsync(int bytes)
    {
        while (!TryReserve(bytes))
        {
            Task released = WhenFree(Math.Max(Math.Min(bytes, _capacity), _capacity / 4));
            if (TryReserve(bytes))
                return;
            await released.ConfigureAwait(false);
        }
    }

    /// <summary>Completes with the next release; in no case later than a while.</summary>
    public async ValueTask WaitForReleaseAsync(TimeSpan atMost)
    {
        Task released = WhenFree(Math.Min(Volatile.Read(ref _free) + 1, _capacity));
        await Task.WhenAny(released, Task.Delay(atMost)).ConfigureAwait(false);
    }

    private Task WhenFree(long freeBytes)
    {
        Waiter waiter = new(freeBytes);
        Interlocked.Exchange(ref _waiter, waiter);

        // Released between the look before and now: nobody else would tell.
        if (Volatile.Read(ref _free) >= freeBytes)
            Signal();
        return waiter.Signal.Task;
    }

    private void Signal() => Interlocked.Exchange(ref _waiter, null)?.Signal.TrySetResult();

    private sealed record Waiter(long FreeBytes)
    {
        public TaskCompletionSource Signal { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
