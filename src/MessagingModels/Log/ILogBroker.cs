namespace MessagingModels;

/// <summary>
/// The partitioned log: topics whose partitions keep records in order, readable again at any offset by any number of groups.
/// Safe for concurrent use.
/// </summary>
public interface ILogBroker : IAsyncDisposable
{
    /// <summary>What this broker offers; a call that needs more throws a <see cref="NotSupportedException"/>.</summary>
    Capabilities<LogFeature> Capabilities { get; }

    /// <summary>Creates a topic.</summary>
    /// <param name="topic">Name, partitions and settings.</param>
    /// <param name="cancellationToken">Ends the wait; the topic may still be created.</param>
    /// <returns>A task that completes when the topic can be used.</returns>
    /// <exception cref="LogException">The topic exists, or its name, a count or a setting is not legal.</exception>
    ValueTask CreateTopicAsync(TopicSpecification topic, CancellationToken cancellationToken = default);

    /// <summary>Deletes a topic with its records and the groups' offsets in it.</summary>
    /// <param name="topic">The name.</param>
    /// <param name="cancellationToken">Ends the wait; the topic may still be deleted.</param>
    /// <returns>A task that completes when the topic is gone.</returns>
    /// <exception cref="LogException">There is no such topic.</exception>
    ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Lists the topics, without the broker's own.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The names, in ordinal order.</returns>
    ValueTask<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken = default);

    /// <summary>Describes a topic.</summary>
    /// <param name="topic">The name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The topic as it is.</returns>
    /// <exception cref="LogException">There is no such topic.</exception>
    ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Adds partitions. Keys may go to other partitions from then on.</summary>
    /// <param name="topic">The name.</param>
    /// <param name="totalPartitions">How many partitions there shall be; more than now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the partitions can be used.</returns>
    /// <exception cref="LogException">There is no such topic, or the number is not larger than the present one.</exception>
    ValueTask AddPartitionsAsync(string topic, int totalPartitions, CancellationToken cancellationToken = default);

    /// <summary>Changes settings of a topic; all or none.</summary>
    /// <param name="topic">The name.</param>
    /// <param name="changes">New values by name; null sets back to the default.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the settings are in force.</returns>
    /// <exception cref="LogException">There is no such topic, or a setting is not legal.</exception>
    ValueTask AlterTopicConfigurationAsync(
        string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken = default);

    /// <summary>Deletes the records before an offset.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="before">The first offset to keep, or null for all up to the high watermark.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new first offset.</returns>
    /// <exception cref="LogException">There is no such partition, or the offset lies after the high watermark.</exception>
    ValueTask<Offset> DeleteRecordsAsync(TopicPartition partition, Offset? before, CancellationToken cancellationToken = default);

    /// <summary>The readable range of a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>First, last stable and end offset.</returns>
    /// <exception cref="LogException">There is no such partition.</exception>
    ValueTask<PartitionOffsets> GetOffsetsAsync(TopicPartition partition, CancellationToken cancellationToken = default);

    /// <summary>The first record that is not older than a time.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="timestamp">The time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its offset, or null where there is none.</returns>
    /// <exception cref="LogException">There is no such partition.</exception>
    ValueTask<Offset?> FindOffsetAsync(TopicPartition partition, DateTimeOffset timestamp, CancellationToken cancellationToken = default);

    /// <summary>Creates a producer.</summary>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <returns>The producer.</returns>
    /// <exception cref="ArgumentException">Two settings contradict each other.</exception>
    ILogProducer CreateProducer(ProducerOptions? options = null);

    /// <summary>Creates a consumer; it reads nothing until it subscribes or assigns.</summary>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <returns>The consumer.</returns>
    /// <exception cref="ArgumentException">Two settings contradict each other.</exception>
    ILogConsumer CreateConsumer(ConsumerOptions? options = null);

    /// <summary>Lists the groups.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Ids and states, in ordinal order of the ids.</returns>
    ValueTask<IReadOnlyList<GroupListing>> ListGroupsAsync(CancellationToken cancellationToken = default);

    /// <summary>Describes a group.</summary>
    /// <param name="groupId">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Members, assignment, offsets and lag.</returns>
    /// <exception cref="LogException">There is no such group.</exception>
    ValueTask<GroupDescription> DescribeGroupAsync(string groupId, CancellationToken cancellationToken = default);

    /// <summary>Sets committed offsets of a group without members; the group is created where it does not exist.</summary>
    /// <param name="groupId">Its id.</param>
    /// <param name="partitions">The partitions to set.</param>
    /// <param name="target">Where to.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The offsets as they are now.</returns>
    /// <exception cref="LogException">The group has members, or a partition does not exist.</exception>
    ValueTask<IReadOnlyList<TopicPartitionOffset>> ResetGroupOffsetsAsync(
        string groupId, IReadOnlyCollection<TopicPartition> partitions, OffsetTarget target, CancellationToken cancellationToken = default);

    /// <summary>Deletes a group without members, with its offsets.</summary>
    /// <param name="groupId">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the group is gone.</returns>
    /// <exception cref="LogException">There is no such group, or it has members.</exception>
    ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellationToken = default);
}
