namespace MessagingModels.Broker.Queues;

/// <summary>A message that was delivered and not settled.</summary>
internal struct UnackedMessage
{
    public long Offset;
    public long DeliveredAtMs;
    public QueueConsumer? Consumer;
    public int BodyBytes;
    public int DeliveryCount;
    public int Failures;
    public int Generation;
    public int Previous;
    public int Next;
    public byte Priority;
    public bool IsUsed;
}

/// <summary>
/// The unsettled deliveries in slots that are used again. A delivery's id is its slot and the slot's generation, so that finding it takes
/// no search and an id from an earlier use finds nothing. Slots are linked in the order of delivery.
/// </summary>
internal sealed class UnackedTable
{
    private const int None = -1;
    private const int FirstCapacity = 16;

    private UnackedMessage[] _slots = [];
    private int _firstFree = None;
    private int _used;
    private int _oldest = None;
    private int _newest = None;

    public int Count { get; private set; }

    public long Add(in QueueHead head, int bodyBytes, QueueConsumer? consumer, long nowMs)
    {
        int slot = TakeSlot();
        ref UnackedMessage message = ref _slots[slot];
        message.Offset = head.Offset;
        message.BodyBytes = bodyBytes;
        message.DeliveryCount = head.DeliveryCount;
        message.Failures = head.Failures;
        message.Priority = head.Priority;
        message.Consumer = consumer;
        message.DeliveredAtMs = nowMs;
        message.IsUsed = true;
        message.Previous = _newest;
        message.Next = None;
        if (_newest == None)
            _oldest = slot;
        else
            _slots[_newest].Next = slot;
        _newest = slot;
        Count++;
        return ((long)message.Generation << 32) | (uint)slot;
    }

    public bool TryFind(long deliveryId, out UnackedMessage message)
    {
        int slot = (int)deliveryId;
        bool isThere = (uint)slot < (uint)_used && _slots[slot].IsUsed && _slots[slot].Generation == (int)(deliveryId >> 32);
        message = isThere ? _slots[slot] : default;
        return isThere;
    }

    public bool TryRemove(long deliveryId, out UnackedMessage message)
    {
        if (!TryFind(deliveryId, out message))
            return false;
        int slot = (int)deliveryId;
        ref UnackedMessage free = ref _slots[slot];
        if (free.Previous == None)
            _oldest = free.Next;
        else
            _slots[free.Previous].Next = free.Next;
        if (free.Next == None)
            _newest = free.Previous;
        else
            _slots[free.Next].Previous = free.Previous;
        free.IsUsed = false;
        free.Consumer = null;
        free.Generation = (free.Generation + 1) & int.MaxValue;
        free.Next = _firstFree;
        _firstFree = slot;
        Count--;
        return true;
    }

    /// <summary>Visits deliveries from the oldest on until the visitor says to stop.</summary>
    public void VisitOldest(Func<UnackedMessage, bool> goOn)
    {
        for (int slot = _oldest; slot != None && goOn(_slots[slot]); slot = _slots[slot].Next)
        {
        }
    }

    private int TakeSlot()
    {
        if (_firstFree != None)
        {
            int slot = _firstFree;
            _firstFree = _slots[slot].Next;
            return slot;
        }

        if (_used == _slots.Length)
            Array.Resize(ref _slots, Math.Max(FirstCapacity, _used * 2));
        return _used++;
    }
}
