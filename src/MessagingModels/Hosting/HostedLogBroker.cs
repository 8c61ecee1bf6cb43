namespace MessagingModels.Hosting;

/// <summary>The log model as the container hands it out: may be injected before the host starts, works while it runs.</summary>
internal sealed class HostedLogBroker(ProviderHost host) : ILogBroker, IDisposable
{
    public Capabilities<LogFeature> Capabilities => host.Log.Capabilities;

    public ValueTask CreateTopicAsync(TopicSpecification topic, CancellationToken cancellationToken = default)
        => host.Log.CreateTopicAsync(topic, cancellationToken);

    public ValueTask DeleteTopicAsync(string topic, CancellationToken cancellationToken = default)
        => host.Log.DeleteTopicAsync(topic, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken = default)
        => host.Log.ListTopicsAsync(cancellationToken);

    public ValueTask<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken = default)
        => host.Log.DescribeTopicAsync(topic, cancellationToken);

    public ValueTask AddPartitionsAsync(string topic, int totalPartitions, CancellationToken cancellationToken = default)
        => host.Log.AddPartitionsAsync(topic, totalPartitions, cancellationToken);

    public ValueTask AlterTopicConfigurationAsync(
        string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken = default)
        => host.Log.AlterTopicConfigurationAsync(topic, changes, cancellationToken);

    public ValueTask<Offset> DeleteRecordsAsync(TopicPartition partition, Offset? before, CancellationToken cancellationToken = default)
        => host.Log.DeleteRecordsAsync(partition, before, cancellationToken);

    public ValueTask<PartitionOffsets> GetOffsetsAsync(TopicPartition partition, CancellationToken cancellationToken = default)
        => host.Log.GetOffsetsAsync(partition, cancellationToken);

    public ValueTask<Offset?> FindOffsetAsync(
        TopicPartition partition, DateTimeOffset timestamp, CancellationToken cancellationToken = default)
        => host.Log.FindOffsetAsync(partition, timestamp, cancellationToken);

    public ILogProducer CreateProducer(ProducerOptions? options = null) => host.Log.CreateProducer(options);

    public ILogConsumer CreateConsumer(ConsumerOptions? options = null) => host.Log.CreateConsumer(options);

    public ValueTask<IReadOnlyList<GroupListing>> ListGroupsAsync(CancellationToken cancellationToken = default)
        => host.Log.ListGroupsAsync(cancellationToken);

    public ValueTask<GroupDescription> DescribeGroupAsync(string groupId, CancellationToken cancellationToken = default)
        => host.Log.DescribeGroupAsync(groupId, cancellationToken);

    public ValueTask<IReadOnlyList<TopicPartitionOffset>> ResetGroupOffsetsAsync(
        string groupId, IReadOnlyCollection<TopicPartition> partitions, OffsetTarget target, CancellationToken cancellationToken = default)
        => host.Log.ResetGroupOffsetsAsync(groupId, partitions, target, cancellationToken);

    public ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellationToken = default)
        => host.Log.DeleteGroupAsync(groupId, cancellationToken);

    /// <summary>Does nothing: the provider owns the broker.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Does nothing; there so that a container may be disposed without waiting.</summary>
    public void Dispose()
    {
    }
}
