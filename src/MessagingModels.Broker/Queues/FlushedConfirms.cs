using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>
/// Publishers that wait for a flush, in the order of their messages. One flush runs at a time; whoever is published to meanwhile waits for
/// the next. Used by the queue's loop.
/// </summary>
internal sealed class FlushedConfirms(Queue queue, Func<long, PayloadReference, ValueTask> flush)
{
    private readonly Queue<Pending> _pending = new();
    private PayloadReference _lastPayload;
    private bool _isFlushing;

    public void Add(IPublishOrigin origin, ulong sequence, long offset, PayloadReference payload)
    {
        _pending.Enqueue(new Pending(origin, sequence, offset));
        if (!payload.IsNone)
            _lastPayload = payload;
    }

    /// <summary>Has what is below an offset flushed where somebody waits for it, or where the caller says so.</summary>
    public void Start(long upToOffset, bool isWanted = false)
    {
        if (_isFlushing || (_pending.Count == 0 && !isWanted))
            return;
        _isFlushing = true;
        _ = FlushAsync(upToOffset, _lastPayload);
    }

    public void ConfirmBelow(long offset)
    {
        while (_pending.TryPeek(out Pending pending) && pending.Offset < offset)
        {
            _pending.Dequeue();
            pending.Origin.OnStored(pending.Sequence);
        }
    }

    public void RefuseAll(Exception error)
    {
        while (_pending.TryDequeue(out Pending pending))
            pending.Origin.OnRefused(pending.Sequence, error);
    }

    private async Task FlushAsync(long upToOffset, PayloadReference payload)
    {
        Exception? failure = null;
        try
        {
            await flush(upToOffset, payload);
        }
        catch (Exception error) when (error is StorageException or IOException or ObjectDisposedException)
        {
            failure = error;
        }

        queue.Post(new QueueNotice((_, _) =>
        {
            _isFlushing = false;
            if (failure is not null)
                throw failure;
            ConfirmBelow(upToOffset);
        }));
    }

    private readonly record struct Pending(IPublishOrigin Origin, ulong Sequence, long Offset);
}
