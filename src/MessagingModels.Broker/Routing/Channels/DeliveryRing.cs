using System.Numerics;
using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>Deliveries between one writer and one reader, without a lock.</summary>
internal sealed class DeliveryRing
{
    private readonly QueueDelivery[] _items;
    private readonly uint _mask;
    private uint _read;
    private uint _written;

    public DeliveryRing(int capacity)
    {
        _items = new QueueDelivery[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = (uint)_items.Length - 1;
    }

    public int Capacity => _items.Length;

    /// <summary>How many wait for the reader; exact for neither side while the other moves.</summary>
    public int Count => (int)(Volatile.Read(ref _written) - Volatile.Read(ref _read));

    /// <summary>Adds a delivery, for which there is room.</summary>
    public void Write(in QueueDelivery delivery)
    {
        _items[_written & _mask] = delivery;
        Volatile.Write(ref _written, _written + 1);
    }

    public bool TryRead(out QueueDelivery delivery)
    {
        if (_read == Volatile.Read(ref _written))
        {
            delivery = default;
            return false;
        }

        ref QueueDelivery item = ref _items[_read & _mask];
        delivery = item;
        item = default;
        Volatile.Write(ref _read, _read + 1);
        return true;
    }
}
