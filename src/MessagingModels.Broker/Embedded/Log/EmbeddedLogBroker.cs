using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Transactions;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Embedded.Log;

/// <summary>The log model in the broker's process. Its life is the broker's: disposing it ends nothing.</summary>
internal sealed class EmbeddedLogBroker(
    BrokerContext context, TopicRegistry topics, GroupCoordinator groups, TransactionCoordinator transactions,
    Func<ConsumerOptions, ILogConsumer> createConsumer) : ILogBroker
{
    /// <summary>This broker's number; some Kafka clients take 0 for "none".</summary>
    public const int NodeId = 1;

    private static readonly Capabilities<LogFeature> Everything = new(EmbeddedBroker.SystemName);

    public Capabilities<LogFeature> Capabilities => Everything;

    public async ValueTask CreateTopicAsync(TopicSpecification topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        await topics.CreateAsync(topic, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken = default)
    {
        await topics.DeleteAsync(topic, cancellationToken).ConfigureAwait(false);
        await groups.ForgetTopicAsync(topic, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken = default)
        => new([.. topics.Topics.Where(t => !t.IsInternal).Select(t => t.Name)]);

    public ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken = default)
        => new(topics.Get(topic).Describe(NodeId));

    public ValueTask AddPartitionsAsync(string topic, int totalPartitions, CancellationToken cancellationToken = default)
        => topics.AddPartitionsAsync(topic, totalPartitions, cancellationToken);

    public ValueTask AlterTopicConfigurationAsync(
        string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken = default)
        => topics.AlterConfigurationAsync(topic, changes, cancellationToken);

    public async ValueTask<Offset> DeleteRecordsAsync(TopicPartition partition, Offset? before, CancellationToken cancellationToken = default)
        => new(await topics.Get(partition).DeleteRecordsAsync(before?.Value, cancellationToken).ConfigureAwait(false));

    public ValueTask<PartitionOffsets> GetOffsetsAsync(TopicPartition partition, CancellationToken cancellationToken = default)
        => new(topics.Get(partition).GetOffsets());

    public ValueTask<Offset?> FindOffsetAsync(TopicPartition partition, DateTimeOffset timestamp, CancellationToken cancellationToken = default)
        => new(topics.Get(partition).FindOffset(timestamp.ToUnixTimeMilliseconds()) is { } found ? new Offset(found.Offset) : null);

    public ILogProducer CreateProducer(ProducerOptions? options = null)
        => new ObservedProducer(new EmbeddedProducer(options ?? new ProducerOptions(), topics, groups, transactions, context.Time));

    public ILogConsumer CreateConsumer(ConsumerOptions? options = null)
        => new ObservedConsumer(createConsumer(options ?? new ConsumerOptions()));

    public ValueTask<IReadOnlyList<GroupListing>> ListGroupsAsync(CancellationToken cancellationToken = default) => new(Usable("Groups").List());

    public ValueTask<GroupDescription> DescribeGroupAsync(string groupId, CancellationToken cancellationToken = default)
        => new(Usable($"Group '{groupId}'").Describe(groupId, HighWatermarkOf) ?? throw LogErrorCode.GroupIdNotFound.ToException($"Group '{groupId}'"));

    public async ValueTask<IReadOnlyList<TopicPartitionOffset>> ResetGroupOffsetsAsync(
        string groupId, IReadOnlyCollection<TopicPartition> partitions, OffsetTarget target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        TopicPartitionOffset[] offsets = [.. partitions.Select(p => new TopicPartitionOffset(p.Topic, p.Partition, Resolve(topics.Get(p), target)))];
        (await groups.ResetOffsetsAsync(groupId, offsets, cancellationToken).ConfigureAwait(false)).ThrowIfFailed($"Group '{groupId}'", groups.Failure);
        return offsets;
    }

    public async ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellationToken = default)
        => (await groups.DeleteAsync(groupId, cancellationToken).ConfigureAwait(false)).ThrowIfFailed($"Group '{groupId}'", groups.Failure);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private GroupCoordinator Usable(string subject)
        => groups.Failure is { } failure ? throw LogErrorCode.CoordinatorNotAvailable.ToException(subject, failure) : groups;

    private Offset? HighWatermarkOf(TopicPartition partition) => topics.Find(partition) is { } found ? new Offset(found.HighWatermark) : null;

    private static Offset Resolve(Partition partition, OffsetTarget target)
    {
        PartitionOffsets range = partition.GetOffsets();
        return target.Kind switch
        {
            OffsetTargetKind.Beginning => range.LogStart,
            OffsetTargetKind.End => range.HighWatermark,
            OffsetTargetKind.Timestamp => partition.FindOffset(target.Timestamp.ToUnixTimeMilliseconds()) is OffsetAndTimestamp found
                ? new Offset(found.Offset)
                : range.HighWatermark,
            _ => new Offset(Math.Clamp(target.Offset.Value, range.LogStart.Value, range.HighWatermark.Value)),
        };
    }
}
