using System.Threading.Tasks.Sources;
using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>
/// A consumer on a channel: a bounded buffer between the queue's loop, which writes, and one reader. Deliveries get their tags when they are
/// read, in the order in which the client sees them; what was never read goes back to the queue when the consumer ends.
/// </summary>
internal sealed class ChannelConsumer : IDeliverySink, IValueTaskSource
{
    private const int MaxBuffered = 4096;
    private const int BufferedWithoutPrefetch = 1024;

    private readonly ChannelCore _channel;
    private readonly DeliveryRing _ring;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private int _isReaderWaiting;
    private int _isStarved;
    private int _reserved;
    private Exception? _ended;

    public ChannelConsumer(ChannelCore channel, Queue? queue, string queueName, string tag, QueueConsumerOptions options)
    {
        _channel = channel;
        Queue = queue;
        QueueName = queueName;
        Registration = new QueueConsumer
        {
            Tag = tag,
            Sink = this,
            Prefetch = options.Prefetch,
            Priority = options.Priority,
            AutoAck = options.AutoAck,
            Exclusive = options.Exclusive,
            StreamOffset = options.StreamOffset,
        };
        bool isLimited = options.Prefetch > 0 && !options.AutoAck;
        _ring = new DeliveryRing(isLimited ? Math.Min((int)options.Prefetch, MaxBuffered) : BufferedWithoutPrefetch);
    }

    /// <summary>The queue; null where the consumer waits for direct replies.</summary>
    public Queue? Queue { get; }

    public string QueueName { get; }

    public string Tag => Registration.Tag;

    /// <summary>The consumer as the queue knows it.</summary>
    public QueueConsumer Registration { get; }

    /// <summary>Deliveries that take up the channel's prefetch before they have a tag. Exact under the channel's lock for a queue's own loop.</summary>
    public int Reserved => Registration.AutoAck ? 0 : _ring.Count + Volatile.Read(ref _reserved);

    /// <inheritdoc />
    public bool TryReserve(QueueConsumer consumer)
    {
        if (_ring.Count < _ring.Capacity && (consumer.AutoAck || _channel.TryReserve(this)))
            return true;
        Interlocked.Exchange(ref _isStarved, 1);
        // The reader or a settlement may have made room before it could see that somebody waits for it.
        if (_ring.Count >= _ring.Capacity || (!consumer.AutoAck && !_channel.TryReserve(this)))
            return false;
        Volatile.Write(ref _isStarved, 0);
        return true;
    }

    /// <summary>Called under the channel's lock: holds a place until the delivery is in the buffer.</summary>
    public void MarkReserved() => Volatile.Write(ref _reserved, 1);

    /// <inheritdoc />
    public void Deliver(QueueConsumer consumer, in QueueDelivery delivery)
    {
        _ring.Write(delivery);
        Volatile.Write(ref _reserved, 0);
        Signal();
    }

    /// <inheritdoc />
    public void OnCancelled(QueueConsumer consumer, string reason)
    {
        _channel.Forget(this);
        End(new ConsumerCancelledException($"The consumer '{Tag}' of queue '{QueueName}' was cancelled: {reason}."));
    }

    /// <inheritdoc />
    public void OnConsumerTimeout(QueueConsumer consumer, string message)
        => _channel.BeginClose(message.StartsWith("PRECONDITION_FAILED", StringComparison.Ordinal)
            ? new ChannelException(ReplyCode.PreconditionFailed, message)
            : ChannelErrors.Failed(message));

    /// <summary>The consumer gets no more; the reader is told why once it has read what is buffered. The first reason stays.</summary>
    public void End(Exception reason)
    {
        Interlocked.CompareExchange(ref _ended, reason, null);
        Signal();
    }

    /// <summary>Takes the next delivery where there is one. One reader at a time.</summary>
    /// <exception cref="MessagingException">There are no more: the consumer was cancelled, or its channel closed.</exception>
    public bool TryRead(out QueueDelivery delivery, out ulong deliveryTag)
    {
        if (_channel.TryRead(this, _ring, out delivery, out deliveryTag))
        {
            ReturnCredit();
            return true;
        }

        if (Volatile.Read(ref _ended) is { } reason && _ring.Count == 0)
            throw Copy(reason);
        return false;
    }

    /// <summary>Completes when there may be something to read. One reader at a time, whose last wait has completed.</summary>
    public ValueTask WaitAsync()
    {
        _signal.Reset();
        Interlocked.Exchange(ref _isReaderWaiting, 1);
        if (_ring.Count > 0 || Volatile.Read(ref _ended) is not null)
            Signal();
        return new ValueTask(this, _signal.Version);
    }

    /// <summary>Wakes the reader although nothing has come.</summary>
    public void Signal()
    {
        // A full fence: either the reader sees what was written or this sees the reader.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isReaderWaiting) != 0 && Interlocked.Exchange(ref _isReaderWaiting, 0) != 0)
            _signal.SetResult(true);
    }

    /// <summary>Gives what nobody read back to the queue. Called under the channel's lock, after the queue has let go of the consumer.</summary>
    public void TakeUnread(SettlementBatches batches)
    {
        while (_ring.TryRead(out QueueDelivery delivery))
        {
            if (!Registration.AutoAck && Queue is not null)
                batches.Add(Queue, delivery.DeliveryId);
        }
    }

    /// <summary>Tells the queue that there is room again, where it was told that there was none.</summary>
    public void ReturnCredit()
    {
        if (Volatile.Read(ref _isStarved) != 0 && _ring.Count <= _ring.Capacity / 2 && Interlocked.Exchange(ref _isStarved, 0) != 0)
            Queue?.OnCreditReturned(Registration);
    }

    void IValueTaskSource.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _signal.OnCompleted(continuation, state, token, flags);

    /// <summary>An exception of its own for each throw, so that stack traces do not run together.</summary>
    private static Exception Copy(Exception reason) => reason switch
    {
        ChannelException error => new ChannelException(error.ReplyCode, error.Message, error),
        ConsumerCancelledException error => new ConsumerCancelledException(error.Message),
        _ => reason,
    };
}
