using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>What a transactional channel collects until its commit (AMQP 0-9-1, class tx). Called under the channel's locks.</summary>
internal sealed class ChannelTransaction
{
    private readonly List<(Message Message, Destination[] Destinations)> _publishes = [];
    private readonly List<(ulong Tag, Settlement Settlement)> _settlements = [];
    private readonly List<Message> _returned = [];

    /// <summary>Collects a publish that is routed already. The body is copied: its owner may use it again at once.</summary>
    public PublishResult Publish(in Message message, ReadOnlySpan<Destination> destinations, bool isMandatory)
    {
        Message kept = message with { Body = message.Body.ToArray() };
        if (!destinations.IsEmpty)
            _publishes.Add((kept, destinations.ToArray()));
        else if (isMandatory)
            _returned.Add(kept);
        return PublishResult.Collected;
    }

    public void Settle(UnackedDeliveries unacked, ulong tag, Settlement settlement)
    {
        unacked.SetInTransaction(tag, true);
        _settlements.Add((tag, settlement));
    }

    public void Rollback(UnackedDeliveries unacked)
    {
        foreach ((ulong tag, Settlement _) in _settlements)
            unacked.SetInTransaction(tag, false);
        Clear();
    }

    /// <summary>Hands over what was collected, by queue, and begins anew.</summary>
    public TransactionWork Take(UnackedDeliveries unacked)
    {
        TransactionWork work = new([.. _returned]);
        foreach ((Message message, Destination[] destinations) in _publishes)
            work.Add(message, destinations);
        foreach ((ulong tag, Settlement settlement) in _settlements)
        {
            if (!unacked.TryGet(tag, out UnackedDelivery delivery))
                continue;
            unacked.Remove(tag);
            work.Add(delivery.Queue!, new QueueSettlement(delivery.DeliveryId, settlement));
        }

        Clear();
        return work;
    }

    private void Clear()
    {
        _publishes.Clear();
        _settlements.Clear();
        _returned.Clear();
    }
}

/// <summary>A transaction that is being committed: each queue's part, and the messages for topics and the like.</summary>
internal sealed class TransactionWork(IReadOnlyList<Message> returned)
{
    private readonly Dictionary<Queue, (List<Message> Publishes, List<QueueSettlement> Settlements)> _parts = [];
    private readonly List<(Message Message, Destination Destination)> _others = [];

    /// <summary>Mandatory messages that had nowhere to go.</summary>
    public IReadOnlyList<Message> Returned { get; } = returned;

    public void Add(in Message message, Destination[] destinations)
    {
        foreach (Destination destination in destinations)
        {
            if (destination is QueueDestination queue)
                PartOf(queue.Queue).Publishes.Add(message);
            else
                _others.Add((message, destination));
        }
    }

    public void Add(Queue queue, QueueSettlement settlement) => PartOf(queue).Settlements.Add(settlement);

    /// <exception cref="PublishNackedException">A queue or topic refused its part.</exception>
    public async Task CommitAsync(VirtualHost host)
    {
        ObjectDisposedException.ThrowIf(host.IsClosed, host);
        List<Task> tasks = [];
        foreach ((Queue queue, (List<Message> publishes, List<QueueSettlement> settlements)) in _parts)
            tasks.Add(CommitAsync(queue, publishes.ToArray(), settlements.ToArray()));
        foreach ((Message message, Destination destination) in _others)
        {
            CompletionOrigin origin = new();
            destination.Publish(message, origin, 0);
            tasks.Add(origin.Done);
        }

        await Task.WhenAll(tasks);
    }

    private static async Task CommitAsync(Queue queue, Message[] publishes, QueueSettlement[] settlements)
    {
        try
        {
            await queue.CommitAsync(publishes, settlements);
        }
        catch (ChannelException error) when (JoinedOrigin.IsQueueGone(error))
        {
            // Its part went with it.
        }
    }

    private (List<Message> Publishes, List<QueueSettlement> Settlements) PartOf(Queue queue)
    {
        if (!_parts.TryGetValue(queue, out (List<Message>, List<QueueSettlement>) part))
            _parts.Add(queue, part = ([], []));
        return part;
    }

    private sealed class CompletionOrigin : IPublishOrigin
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public void OnStored(ulong sequence) => _done.TrySetResult();

        public void OnRefused(ulong sequence, Exception? error)
            => _done.TrySetException(new PublishNackedException(error?.Message ?? "A destination refused a message of the transaction.", error));
    }
}
