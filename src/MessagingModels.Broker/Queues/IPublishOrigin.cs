namespace MessagingModels.Broker.Queues;

/// <summary>
/// Who published a message and waits to hear that a queue has it. Called by the queue's loop, once for each message and queue,
/// with a sequence number of the origin's own choosing; never blocks and never throws.
/// </summary>
internal interface IPublishOrigin
{
    /// <summary>The queue has the message, as durable as message and queue are.</summary>
    void OnStored(ulong sequence);

    /// <summary>The queue refused the message: it is full and rejects, is gone, or its store failed.</summary>
    void OnRefused(ulong sequence, Exception? error);
}
