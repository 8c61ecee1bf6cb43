namespace MessagingModels;

/// <summary>Shorter forms of what <see cref="ILogBroker"/> and its producers offer.</summary>
public static class LogBrokerExtensions
{
    /// <summary>Creates a topic with default settings.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="name">The topic's name.</param>
    /// <param name="partitions">How many partitions; at least 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the topic can be used.</returns>
    /// <exception cref="LogException">The topic exists, or the name or the number is not legal.</exception>
    public static ValueTask CreateTopicAsync(
        this ILogBroker broker, string name, int partitions = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return broker.CreateTopicAsync(new TopicSpecification(name, partitions), cancellationToken);
    }

    /// <summary>Joins a group and reads topics from the first record kept, where the group has committed nothing yet.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="topics">The topics.</param>
    /// <returns>The consumer, subscribed; with its first assignment, unless other members have to read on first: its partitions then come with a later read.</returns>
    /// <exception cref="LogException">The group refused the member.</exception>
    public static ValueTask<ILogConsumer> JoinGroupAsync(this ILogBroker broker, string groupId, params string[] topics)
        => JoinGroupAsync(broker, new ConsumerOptions { GroupId = groupId, OffsetReset = OffsetReset.Earliest }, topics);

    /// <summary>Joins a group and reads topics.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="options">Settings, with the group's id.</param>
    /// <param name="topics">The topics.</param>
    /// <param name="listener">Told when partitions come and go, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the first assignment.</param>
    /// <returns>The consumer, subscribed; with its first assignment, unless other members have to read on first: its partitions then come with a later read.</returns>
    /// <exception cref="LogException">The group refused the member.</exception>
    public static async ValueTask<ILogConsumer> JoinGroupAsync(
        this ILogBroker broker, ConsumerOptions options, IReadOnlyCollection<string> topics,
        IRebalanceListener? listener = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ILogConsumer consumer = broker.CreateConsumer(options);
        try
        {
            await consumer.SubscribeAsync(topics, listener, cancellationToken).ConfigureAwait(false);
            return consumer;
        }
        catch
        {
            await consumer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes a record of text in UTF-8; completes when it is acknowledged.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key that decides the partition, or null.</param>
    /// <param name="value">The payload, or null: a tombstone in a compacted topic.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Where the record was stored.</returns>
    /// <exception cref="LogException">The record was refused, or the producer was fenced.</exception>
    public static ValueTask<RecordPosition> ProduceAsync(
        this ILogProducer producer, string topic, string? key, string? value, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return producer.ProduceAsync(new ProducerRecord(topic, key, value), cancellationToken);
    }
}
