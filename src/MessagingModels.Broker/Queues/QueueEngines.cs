using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>Makes the engine for a type of queue.</summary>
internal static class QueueEngines
{
    /// <exception cref="StorageException">The queue's logs cannot be opened.</exception>
    public static IQueueEngine Open(Queue queue, QueueHost host, QueueFiles files, QueueSettings settings) =>
        settings.Kind == QueueKind.Stream ? new StreamQueue(queue, host, files, settings) : new WorkQueue(queue, host, files, settings);
}
