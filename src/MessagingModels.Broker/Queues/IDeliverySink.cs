namespace MessagingModels.Broker.Queues;

/// <summary>
/// Takes what a queue delivers: a channel, of the embedded API or of a connection. Called by the queue's loop, which serves one
/// message at a time; never blocks and never throws.
/// </summary>
internal interface IDeliverySink
{
    /// <summary>Asks for room for one more delivery: false while the channel-wide prefetch or the sink's buffer is full.
    /// A sink that said no posts <see cref="Queue.OnCreditReturned"/> to the queue once there is room.</summary>
    bool TryReserve(QueueConsumer consumer);

    /// <summary>Hands over a delivery for which room was reserved. The message's memory stays valid.</summary>
    void Deliver(QueueConsumer consumer, in QueueDelivery delivery);

    /// <summary>The queue cancelled the consumer: it was deleted or became unavailable.</summary>
    void OnCancelled(QueueConsumer consumer, string reason);

    /// <summary>The consumer held a delivery longer than the consumer timeout allows; the channel must close with this error.</summary>
    void OnConsumerTimeout(QueueConsumer consumer, string message);
}

/// <summary>A message as delivered.</summary>
/// <param name="Message">The message.</param>
/// <param name="DeliveryId">The queue's own number for the delivery, given back when it is settled; meaningless to others, and
/// given anew to a message that comes back.</param>
/// <param name="DeliveryCount">How often it was delivered before and came back.</param>
/// <param name="Redelivered">True where it may have been delivered before.</param>
/// <param name="StreamOffset">Its offset, where the queue is a stream; else -1.</param>
/// <param name="Failures">How many of these deliveries failed; counted by quorum queues, which show it as <c>x-delivery-count</c>.</param>
internal readonly record struct QueueDelivery(
    Message Message, long DeliveryId, int DeliveryCount, bool Redelivered, long StreamOffset = -1, int Failures = 0);

/// <summary>How a delivery ends.</summary>
internal enum Settlement : byte
{
    /// <summary>The message is done with.</summary>
    Ack,

    /// <summary>Give it again, at its old place: basic.nack with requeue, basic.recover, or a consumer that ended before it read the message.</summary>
    Requeue,

    /// <summary>As <see cref="Requeue"/>, and count it as a failed delivery: basic.reject with requeue, or the channel closed.</summary>
    Fail,

    /// <summary>Dead-letter or drop it.</summary>
    Reject,
}
