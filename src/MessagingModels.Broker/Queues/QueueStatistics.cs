namespace MessagingModels.Broker.Queues;

/// <summary>How a queue stands after its loop's last turn.</summary>
/// <param name="ReadyMessages">Messages that wait for a consumer, delayed retries included.</param>
/// <param name="ReadyBytes">The size of their bodies.</param>
/// <param name="UnackedMessages">Delivered and not settled.</param>
/// <param name="DeadLettering">At-least-once dead letters whose target has not confirmed yet.</param>
/// <param name="Consumers">Consumers attached.</param>
/// <param name="PublishedTotal">Messages taken since the queue was opened.</param>
/// <param name="DeliveredTotal">Deliveries made since the queue was opened.</param>
/// <param name="SettledTotal">Deliveries settled since the queue was opened, those to consumers that acknowledge automatically included.</param>
internal sealed record QueueStatistics(
    long ReadyMessages, long ReadyBytes, long UnackedMessages, long DeadLettering, int Consumers,
    long PublishedTotal, long DeliveredTotal, long SettledTotal)
{
    public static readonly QueueStatistics Empty = new(0, 0, 0, 0, 0, 0, 0, 0);
}
