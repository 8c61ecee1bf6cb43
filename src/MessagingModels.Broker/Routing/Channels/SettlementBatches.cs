using System.Runtime.InteropServices;
using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>Gathers deliveries by queue, to be settled with one post each. Its lists are used again; one caller at a time.</summary>
internal sealed class SettlementBatches
{
    private readonly List<Batch> _batches = [];
    private int _count;
    private int _last;

    public void Add(Queue queue, long deliveryId)
    {
        if (_last >= _count || _batches[_last].Queue != queue)
            _last = Find(queue);
        _batches[_last].DeliveryIds.Add(deliveryId);
    }

    /// <summary>Posts what was gathered and forgets it.</summary>
    public void Post(Settlement settlement)
    {
        foreach (Batch batch in CollectionsMarshal.AsSpan(_batches)[.._count])
        {
            batch.Queue!.Settle(CollectionsMarshal.AsSpan(batch.DeliveryIds), settlement);
            batch.DeliveryIds.Clear();
            batch.Queue = null;
        }

        _count = 0;
        _last = 0;
    }

    private int Find(Queue queue)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_batches[i].Queue == queue)
                return i;
        }

        if (_count == _batches.Count)
            _batches.Add(new Batch());
        _batches[_count].Queue = queue;
        return _count++;
    }

    private sealed class Batch
    {
        public Queue? Queue { get; set; }

        public List<long> DeliveryIds { get; } = [];
    }
}
