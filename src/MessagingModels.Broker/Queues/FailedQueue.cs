namespace MessagingModels.Broker.Queues;

/// <summary>A queue that cannot be used, because its log is damaged or its store failed: it refuses everything but its deletion.</summary>
internal sealed class FailedQueue(QueueHost host, string queue, QueueFiles files, Exception error, QueueCounters counters) : IQueueEngine
{
    public QueueCounters Counters => counters;

    public long NextDeadlineMs => long.MaxValue;

    public QueueEnd? Ended => null;

    public void Publish(ReadOnlySpan<QueuePublish> publishes, long nowMs)
    {
        foreach (ref readonly QueuePublish publish in publishes)
            publish.Origin?.OnRefused(publish.Sequence, error);
    }

    public void Settle(ReadOnlySpan<QueueSettlement> settlements, long nowMs)
    {
        // What was delivered before the failure is found again when the queue is opened anew.
    }

    public void ReturnCredit(ReadOnlySpan<QueueConsumer> consumers)
    {
        // There are no consumers.
    }

    public void AddConsumer(QueueConsumer consumer, long nowMs) => throw Refusal();

    public void RemoveConsumer(QueueConsumer consumer, long nowMs)
    {
        // It was cancelled.
    }

    public QueueDelivery? Get(bool autoAck, long nowMs) => throw Refusal();

    public long Purge(long nowMs) => throw Refusal();

    public void Commit(ReadOnlySpan<Message> publishes, ReadOnlySpan<QueueSettlement> settlements, IPublishOrigin origin, long nowMs) =>
        origin.OnRefused(0, error);

    public void Apply(QueueSettings settings, long nowMs)
    {
        // Nothing here depends on them.
    }

    public bool Pump(long nowMs) => false;

    public void Touch(long nowMs)
    {
        // A failed queue does not expire: somebody should see it.
    }

    public void End(bool isDeleted, string? cancelReason)
    {
        // Its files were closed, and its consumers cancelled, when it failed.
    }

    public void DeleteFiles() => files.Delete();

    public void Abandon(Exception cause)
    {
        // It was abandoned when it failed.
    }

    private ChannelException Refusal() => QueueErrors.Unusable(host, queue, error);
}
