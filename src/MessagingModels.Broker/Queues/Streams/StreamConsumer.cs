namespace MessagingModels.Broker.Queues;

/// <summary>A consumer of a stream and how far it has read.</summary>
internal sealed class StreamConsumer(QueueConsumer consumer, long start, MessageReader reader)
{
    public QueueConsumer Consumer { get; } = consumer;

    /// <summary>The offset that is delivered next.</summary>
    public long Next { get; set; } = start;

    public MessageReader Reader { get; } = reader;
}
