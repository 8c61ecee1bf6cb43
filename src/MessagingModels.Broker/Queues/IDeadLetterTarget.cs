namespace MessagingModels.Broker.Queues;

/// <summary>
/// Where queues send their dead letters: routing, which adds the <c>x-death</c> record, drops cycles and publishes to the dead-letter
/// exchange of the queue's settings. Called by the queue's loop; never blocks and never throws.
/// </summary>
internal interface IDeadLetterTarget
{
    /// <summary>Takes over a dead letter.</summary>
    /// <param name="message">The message; its memory stays valid.</param>
    /// <param name="reason">One of <see cref="DeadLetterReason"/>, as <c>x-death</c> names it.</param>
    /// <param name="from">The queue it leaves.</param>
    /// <param name="deliveryCount">How often it was delivered before and came back.</param>
    /// <param name="origin">Null for at most once. Else told once, when every queue that the message was routed to has it
    /// (<see cref="IPublishOrigin.OnStored"/>; also where a cycle was dropped) or one refused it or there was none
    /// (<see cref="IPublishOrigin.OnRefused"/>): then the queue tries again later.</param>
    /// <param name="sequence">Given back to the origin.</param>
    void DeadLetter(in Message message, string reason, Queue from, int deliveryCount, IPublishOrigin? origin, ulong sequence);
}

/// <summary>Why a message was dead-lettered, in the words of RabbitMQ's <c>x-death</c>.</summary>
internal static class DeadLetterReason
{
    public const string Rejected = "rejected";
    public const string Expired = "expired";
    public const string MaxLength = "maxlen";
    public const string DeliveryLimit = "delivery_limit";
}
