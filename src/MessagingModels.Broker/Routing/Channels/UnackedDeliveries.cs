using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>A delivery that its channel has not settled yet.</summary>
/// <param name="Queue">Where it came from; null for a place in the ring that holds none.</param>
/// <param name="DeliveryId">The queue's number for it.</param>
/// <param name="IsInTransaction">True once it is settled in a transaction that is still open.</param>
internal readonly record struct UnackedDelivery(Queue? Queue, long DeliveryId, bool IsInTransaction);

/// <summary>
/// The unsettled deliveries of a channel by their tags: a ring that begins at the oldest and grows with the span between oldest and newest.
/// Called under the channel's lock.
/// </summary>
internal sealed class UnackedDeliveries
{
    private const int InitialCapacity = 64;

    private UnackedDelivery[] _ring = new UnackedDelivery[InitialCapacity];
    private ulong _first = 1;
    private ulong _next = 1;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The oldest tag that may be unsettled.</summary>
    public ulong First => _first;

    /// <summary>The tag that the next delivery gets.</summary>
    public ulong Next => _next;

    /// <summary>Gives a delivery its tag.</summary>
    public ulong Add(Queue queue, long deliveryId)
    {
        if (_next - _first == (ulong)_ring.Length)
            Grow();
        Place(_next) = new UnackedDelivery(queue, deliveryId, false);
        Count++;
        return _next++;
    }

    /// <summary>Gives a tag to a delivery that counts as acknowledged already.</summary>
    public ulong AddSettled()
    {
        if (_first == _next)
        {
            _first++;
            return _next++;
        }

        if (_next - _first == (ulong)_ring.Length)
            Grow();
        Place(_next) = default;
        return _next++;
    }

    public bool TryGet(ulong tag, out UnackedDelivery delivery)
    {
        delivery = tag >= _first && tag < _next ? Place(tag) : default;
        return delivery.Queue is not null;
    }

    public void Remove(ulong tag)
    {
        Place(tag) = default;
        Count--;
        while (_first < _next && Place(_first).Queue is null)
            _first++;
    }

    /// <summary>Notes whether a delivery is settled in the open transaction.</summary>
    public void SetInTransaction(ulong tag, bool isInTransaction)
    {
        ref UnackedDelivery place = ref Place(tag);
        place = place with { IsInTransaction = isInTransaction };
    }

    private ref UnackedDelivery Place(ulong tag) => ref _ring[tag & (ulong)(_ring.Length - 1)];

    private void Grow()
    {
        var ring = new UnackedDelivery[_ring.Length * 2];
        for (ulong tag = _first; tag < _next; tag++)
            ring[tag & (ulong)(ring.Length - 1)] = Place(tag);
        _ring = ring;
    }
}
