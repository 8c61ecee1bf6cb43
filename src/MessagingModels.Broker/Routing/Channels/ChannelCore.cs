using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>
/// A channel without its client: publishes and their confirms, consumers, unsettled deliveries, transactions. Whatever speaks to the client,
/// embedded or over a connection, sits on top. Thread-safe. Every <see cref="ChannelException"/> that a member throws is to be followed by
/// <see cref="CloseAsync"/>.
/// </summary>
internal sealed partial class ChannelCore
{
    private readonly VirtualHost _host;
    private readonly BrokerConnection _connection;
    private readonly Lock _lock = new();
    private readonly UnackedDeliveries _unacked = new();
    private readonly SettlementBatches _batches = new();
    private readonly Dictionary<string, ChannelConsumer> _consumers = new(StringComparer.Ordinal);
    private readonly BackgroundWork _background = new();
    private ChannelConsumer[] _consumerList = [];
    private ReplyDestination? _replies;
    private Exception? _closed;
    private Task? _closing;
    private int _prefetch;
    private int _lastConsumerNumber;

    /// <param name="host">The virtual host.</param>
    /// <param name="connection">Who the channel belongs to.</param>
    /// <param name="confirms">Told of settled publishes.</param>
    /// <param name="maxUnconfirmed">How many publishes may be under way.</param>
    /// <param name="prefetch">How many deliveries may be unsettled over all consumers; 0 for no limit.</param>
    public ChannelCore(VirtualHost host, BrokerConnection connection, IConfirmListener confirms, int maxUnconfirmed, ushort prefetch)
    {
        _host = host;
        _connection = connection;
        _router = new MessageRouter(host);
        _prefetch = prefetch;
        Confirms = new ConfirmWindow(maxUnconfirmed, confirms);
    }

    /// <summary>The publishes under way.</summary>
    public ConfirmWindow Confirms { get; }

    public BrokerConnection Connection => _connection;

    public bool IsOpen => Volatile.Read(ref _closed) is null;

    /// <summary>Changes the channel-wide prefetch; consumers that waited for it may go on.</summary>
    public void SetPrefetch(ushort prefetch)
    {
        ThrowIfClosed();
        Volatile.Write(ref _prefetch, prefetch);
        ReturnCredits();
    }

    /// <summary>Starts consuming a queue.</summary>
    /// <exception cref="ChannelException">There is no such queue, it refuses the consumer, or the tag is taken.</exception>
    public async ValueTask<ChannelConsumer> ConsumeAsync(string queueName, QueueConsumerOptions options)
    {
        ThrowIfClosed();
        bool isDirectReply = queueName == PublishedProperties.DirectReplyQueue;
        if (isDirectReply && !options.AutoAck)
            throw ChannelErrors.Failed("reply consumer cannot acknowledge");
        Queue? queue = isDirectReply ? null : _host.GetQueue(queueName, _connection);
        ChannelConsumer consumer = AddConsumer(queue, queueName, options);
        if (queue is null)
            return consumer;
        try
        {
            await queue.AddConsumerAsync(consumer.Registration);
        }
        catch
        {
            Forget(consumer);
            throw;
        }

        if (IsOpen)
            return consumer;
        // The channel closed meanwhile and may not have seen this consumer at its queue.
        await CancelAsync(consumer);
        ThrowIfClosed();
        return consumer;
    }

    /// <summary>Ends a consumer; what it was given and nobody read goes back to the queue.</summary>
    public async ValueTask CancelAsync(ChannelConsumer consumer)
    {
        Forget(consumer);
        consumer.End(new ConsumerCancelledException($"The consumer '{consumer.Tag}' of queue '{consumer.QueueName}' was disposed."));
        if (consumer.Queue is { } queue)
            await queue.RemoveConsumerAsync(consumer.Registration);
        lock (_lock)
        {
            consumer.TakeUnread(_batches);
            _batches.Post(Settlement.Requeue);
        }
    }

    /// <summary>Takes one message from a queue, or null where it is empty.</summary>
    /// <exception cref="ChannelException">There is no such queue, or it is exclusive to another connection.</exception>
    public async ValueTask<(QueueDelivery Delivery, ulong Tag)?> GetAsync(string queueName, bool autoAck)
    {
        ThrowIfClosed();
        Queue queue = _host.GetQueue(queueName, _connection);
        if (await queue.GetAsync(autoAck) is not { } delivery)
            return null;
        lock (_lock)
        {
            if (_closed is null)
                return (delivery, autoAck ? _unacked.AddSettled() : _unacked.Add(queue, delivery.DeliveryId));
        }

        if (!autoAck)
            queue.Settle(delivery.DeliveryId, Settlement.Requeue);
        ThrowIfClosed();
        return null;
    }

    /// <summary>Settles one delivery, or with <paramref name="multiple"/> all up to it.</summary>
    /// <param name="tag">The delivery's tag; 0 with <paramref name="multiple"/> for all there are.</param>
    /// <param name="multiple">True for all earlier ones as well.</param>
    /// <param name="settlement">How they end.</param>
    /// <exception cref="ChannelException">406: the tag is unknown.</exception>
    public void Settle(ulong tag, bool multiple, Settlement settlement)
    {
        Queue? queue = null;
        long deliveryId = 0;
        lock (_lock)
        {
            ThrowIfClosed();
            if (multiple)
            {
                SettleUpTo(tag, settlement);
            }
            else
            {
                if (!_unacked.TryGet(tag, out UnackedDelivery delivery) || delivery.IsInTransaction)
                    throw UnknownTag(tag);
                if (_transaction is { } transaction)
                {
                    transaction.Settle(_unacked, tag, settlement);
                    return;
                }

                _unacked.Remove(tag);
                queue = delivery.Queue;
                deliveryId = delivery.DeliveryId;
            }
        }

        queue?.Settle(deliveryId, settlement);
        if (Volatile.Read(ref _prefetch) != 0)
            ReturnCredits();
    }

    /// <summary>Gives everything unsettled back to its queues.</summary>
    public void Recover()
    {
        lock (_lock)
        {
            ThrowIfClosed();
            for (ulong tag = _unacked.First; tag < _unacked.Next; tag++)
            {
                if (!_unacked.TryGet(tag, out UnackedDelivery delivery) || delivery.IsInTransaction)
                    continue;
                _unacked.Remove(tag);
                _batches.Add(delivery.Queue!, delivery.DeliveryId);
            }

            _batches.Post(Settlement.Requeue);
        }

        if (Volatile.Read(ref _prefetch) != 0)
            ReturnCredits();
    }

    /// <summary>Closes the channel: consumers end, and everything unsettled goes back to its queues.</summary>
    /// <param name="reason">What later calls are told.</param>
    public Task CloseAsync(Exception reason)
    {
        lock (_lock)
        {
            if (_closing is not null)
                return _closing;
            Volatile.Write(ref _closed, reason);
            return _closing = CloseOnceAsync(_consumerList, reason);
        }
    }

    /// <summary>Closes the channel for a reason that came from a queue's loop, which cannot wait.</summary>
    public void BeginClose(Exception reason) => _background.Run(() => CloseAsync(reason));

    /// <summary>The queue let go of a consumer by itself.</summary>
    public void Forget(ChannelConsumer consumer)
    {
        lock (_lock)
        {
            if (_consumers.Remove(consumer.Tag))
                _consumerList = [.. _consumers.Values];
            if (_replies is not null && consumer.Queue is null)
            {
                _host.RemoveReplyDestination(_replies);
                _replies = null;
            }
        }
    }

    /// <summary>Takes a delivery out of a consumer's buffer and gives it its tag.</summary>
    public bool TryRead(ChannelConsumer consumer, DeliveryRing ring, out QueueDelivery delivery, out ulong tag)
    {
        lock (_lock)
        {
            tag = 0;
            if (_closed is not null || !ring.TryRead(out delivery))
            {
                delivery = default;
                ThrowIfClosed();
                return false;
            }

            tag = consumer.Registration.AutoAck ? _unacked.AddSettled() : _unacked.Add(consumer.Queue!, delivery.DeliveryId);
            return true;
        }
    }

    /// <summary>Holds a place for a delivery while the channel-wide prefetch allows it.</summary>
    public bool TryReserve(ChannelConsumer consumer)
    {
        int prefetch = Volatile.Read(ref _prefetch);
        if (prefetch == 0)
            return true;
        lock (_lock)
        {
            int count = _unacked.Count;
            foreach (ChannelConsumer other in _consumerList)
                count += other.Reserved;
            if (count >= prefetch)
                return false;
            consumer.MarkReserved();
            return true;
        }
    }

    private static ChannelException UnknownTag(ulong tag) => ChannelErrors.Failed($"unknown delivery tag {tag}");

    private void SettleUpTo(ulong tag, Settlement settlement)
    {
        ulong last = tag == 0 ? _unacked.Next - 1 : tag;
        if (tag != 0 && (!_unacked.TryGet(tag, out UnackedDelivery named) || named.IsInTransaction))
            throw UnknownTag(tag);
        for (ulong next = _unacked.First; next <= last; next++)
        {
            if (!_unacked.TryGet(next, out UnackedDelivery delivery) || delivery.IsInTransaction)
                continue;
            if (_transaction is { } transaction)
            {
                transaction.Settle(_unacked, next, settlement);
                continue;
            }

            _unacked.Remove(next);
            _batches.Add(delivery.Queue!, delivery.DeliveryId);
        }

        _batches.Post(settlement);
    }

    private ChannelConsumer AddConsumer(Queue? queue, string queueName, QueueConsumerOptions options)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            string tag = options.ConsumerTag;
            if (tag.Length == 0)
            {
                do
                    tag = $"amq.ctag-{++_lastConsumerNumber}";
                while (_consumers.ContainsKey(tag));
            }

            if (queue is null && _replies is not null)
                throw ChannelErrors.Failed("reply consumer already set");
            ChannelConsumer consumer = new(this, queue, queueName, tag, options);
            if (!_consumers.TryAdd(tag, consumer))
                throw new ChannelException(ReplyCode.NotAllowed, $"NOT_ALLOWED - attempt to reuse consumer tag '{tag}'");
            _consumerList = [.. _consumers.Values];
            if (queue is null)
                _replies = ReplyDestination.Create(_host, consumer);
            return consumer;
        }
    }

    private void ReturnCredits()
    {
        foreach (ChannelConsumer consumer in Volatile.Read(ref _consumerList))
            consumer.ReturnCredit();
    }

    private async Task CloseOnceAsync(ChannelConsumer[] consumers, Exception reason)
    {
        // Not under the caller's lock from here on.
        await Task.Yield();
        foreach (ChannelConsumer consumer in consumers)
        {
            if (consumer.Queue is { } queue)
                await queue.RemoveConsumerAsync(consumer.Registration);
            Forget(consumer);
        }

        lock (_lock)
        {
            _transaction?.Rollback(_unacked);
            for (ulong tag = _unacked.First; tag < _unacked.Next; tag++)
            {
                if (!_unacked.TryGet(tag, out UnackedDelivery delivery))
                    continue;
                _unacked.Remove(tag);
                _batches.Add(delivery.Queue!, delivery.DeliveryId);
            }

            _batches.Post(Settlement.Fail);
            foreach (ChannelConsumer consumer in consumers)
                consumer.TakeUnread(_batches);
            _batches.Post(Settlement.Requeue);
        }

        foreach (ChannelConsumer consumer in consumers)
            consumer.End(reason);
    }

    /// <exception cref="ChannelException">The channel is closed.</exception>
    public void ThrowIfClosed()
    {
        if (Volatile.Read(ref _closed) is not { } reason)
            return;
        throw reason is ChannelException error
            ? new ChannelException(error.ReplyCode, error.Message, error)
            : new ChannelException(ReplyCode.ChannelError, "CHANNEL_ERROR - the channel is closed; open another", reason);
    }
}
