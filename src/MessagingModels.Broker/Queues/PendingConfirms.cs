namespace MessagingModels.Broker.Queues;

/// <summary>Publishers that wait for a flush, in the order of their messages. Used by one loop.</summary>
internal sealed class PendingConfirms
{
    private readonly Queue<Pending> _pending = new();

    public bool IsEmpty => _pending.Count == 0;

    /// <summary>The last shared body that one of them waits for.</summary>
    public PayloadReference LastPayload { get; private set; }

    public void Add(IPublishOrigin origin, ulong sequence, long offset, PayloadReference payload)
    {
        _pending.Enqueue(new Pending(origin, sequence, offset));
        if (!payload.IsNone)
            LastPayload = payload;
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

    private readonly record struct Pending(IPublishOrigin Origin, ulong Sequence, long Offset);
}
