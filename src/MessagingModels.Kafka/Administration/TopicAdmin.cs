using System.Buffers.Binary;
using Confluent.Kafka;

namespace MessagingModels.Kafka.Administration;

/// <summary>Topics and their settings.</summary>
internal sealed class TopicAdmin(ClusterAdmin cluster, OffsetLookup offsets)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>How long altered settings are waited for: brokers learn of them one by one.</summary>
    private static readonly TimeSpan SettingsWait = TimeSpan.FromSeconds(2);

    /// <summary>Where Kafka keeps its own state (<c>org.apache.kafka.common.internals.Topic</c>); the client does not tell which topics are internal.</summary>
    private static readonly HashSet<string> _internal = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

    public async ValueTask CreateAsync(TopicSpecification topic, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topic);
        string subject = $"Topic '{topic.Name}'";

        // The client refuses these without a code.
        if (string.IsNullOrEmpty(topic.Name))
            throw new LogException(LogErrorCode.InvalidTopic, "A topic name must not be empty.");
        if (topic.Partitions < 1)
            throw new LogException(LogErrorCode.InvalidPartitions, $"{subject} needs at least one partition, not {topic.Partitions}.");
        if (topic.ReplicationFactor is 0 or < -1)
            throw new LogException(LogErrorCode.InvalidReplicationFactor, $"{subject} needs a replication factor of at least 1, or -1 for the cluster's default, not {topic.ReplicationFactor}.");
        ClientAdmin.TopicSpecification specification = new()
        {
            Name = topic.Name,
            NumPartitions = topic.Partitions,
            ReplicationFactor = topic.ReplicationFactor,
            Configs = new Dictionary<string, string>(topic.Configuration),
        };
        await ClusterAdmin.AnswerAsync(
            cluster.AdminClient.CreateTopicsAsync(
                [specification],
                new ClientAdmin.CreateTopicsOptions { RequestTimeout = cluster.RequestTimeout, OperationTimeout = cluster.RequestTimeout }),
            subject, cancellationToken).ConfigureAwait(false);
        await WaitForLeadersAsync(topic.Name, topic.Partitions, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DeleteAsync(string topic, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        await ClusterAdmin.AnswerAsync(
            cluster.AdminClient.DeleteTopicsAsync(
                [topic],
                new ClientAdmin.DeleteTopicsOptions { RequestTimeout = cluster.RequestTimeout, OperationTimeout = cluster.RequestTimeout }),
            $"Topic '{topic}'", cancellationToken).ConfigureAwait(false);
        while (await FindAsync(topic, cancellationToken).ConfigureAwait(false) is not null)
            await Task.Delay(CheckInterval, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The names of the topics without Kafka's own, in ordinal order.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
        => [.. (await cluster.ListTopicsAsync(cancellationToken).ConfigureAwait(false)).Where(t => !_internal.Contains(t)).Order(StringComparer.Ordinal)];

    public async ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ClientAdmin.TopicDescription description = await RequestAsync(topic, cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<string, TopicConfigurationValue> configuration = await DescribeConfigurationAsync(topic, cancellationToken).ConfigureAwait(false);
        return new TopicDescription(
            description.Name, ToGuid(description.TopicId), description.IsInternal,
            [.. description.Partitions.OrderBy(p => p.Partition).Select(ToDescription)], configuration);
    }

    public async ValueTask AddPartitionsAsync(string topic, int totalPartitions, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        string subject = $"Topic '{topic}'";
        if (totalPartitions < 1)
            throw new LogException(LogErrorCode.InvalidPartitions, $"{subject} cannot have {totalPartitions} partitions; name more than it has.");
        await ClusterAdmin.AnswerAsync(
            cluster.AdminClient.CreatePartitionsAsync(
                [new ClientAdmin.PartitionsSpecification { Topic = topic, IncreaseTo = totalPartitions }],
                new ClientAdmin.CreatePartitionsOptions { RequestTimeout = cluster.RequestTimeout, OperationTimeout = cluster.RequestTimeout }),
            subject, cancellationToken).ConfigureAwait(false);
        await WaitForLeadersAsync(topic, totalPartitions, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask AlterConfigurationAsync(
        string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Count == 0)
            return;
        List<ClientAdmin.ConfigEntry> entries = [.. changes.Select(c => new ClientAdmin.ConfigEntry
        {
            Name = c.Key,
            Value = c.Value,
            IncrementalOperation = c.Value is null ? ClientAdmin.AlterConfigOpType.Delete : ClientAdmin.AlterConfigOpType.Set,
        })];
        await ClusterAdmin.AnswerAsync(
            cluster.AdminClient.IncrementalAlterConfigsAsync(
                new Dictionary<ClientAdmin.ConfigResource, List<ClientAdmin.ConfigEntry>> { [Resource(topic)] = entries },
                new ClientAdmin.IncrementalAlterConfigsOptions { RequestTimeout = cluster.RequestTimeout }),
            $"Topic '{topic}'", cancellationToken).ConfigureAwait(false);
        await WaitForConfigurationAsync(topic, changes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A topic's partitions; null where there is no such topic. Never creates one.</summary>
    public async Task<ClientAdmin.TopicDescription?> FindAsync(string topic, CancellationToken cancellationToken)
    {
        try
        {
            return await RequestAsync(topic, cancellationToken).ConfigureAwait(false);
        }
        catch (LogException gone) when (gone.ErrorCode is LogErrorCode.UnknownTopicOrPartition)
        {
            return null;
        }
    }

    private async Task<ClientAdmin.TopicDescription> RequestAsync(string topic, CancellationToken cancellationToken)
        => (await ClusterAdmin.AnswerAsync(
            cluster.AdminClient.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new ClientAdmin.DescribeTopicsOptions { RequestTimeout = cluster.RequestTimeout }),
            $"Topic '{topic}'", cancellationToken).ConfigureAwait(false)).TopicDescriptions[0];

    private async Task<IReadOnlyDictionary<string, TopicConfigurationValue>> DescribeConfigurationAsync(
        string topic, CancellationToken cancellationToken)
    {
        List<ClientAdmin.DescribeConfigsResult> results = await ClusterAdmin.AnswerAsync(
            cluster.AdminClient.DescribeConfigsAsync(
                [Resource(topic)], new ClientAdmin.DescribeConfigsOptions { RequestTimeout = cluster.RequestTimeout }),
            $"Topic '{topic}'", cancellationToken).ConfigureAwait(false);
        return results[0].Entries.Values.ToDictionary(
            e => e.Name, e => new TopicConfigurationValue(e.Value ?? "", e.Source != ClientAdmin.ConfigSource.DynamicTopicConfig), StringComparer.Ordinal);
    }

    /// <summary>Waits until every partition has a leader that answers: it is named a moment before it knows of its office.</summary>
    private async Task WaitForLeadersAsync(string topic, int partitions, CancellationToken cancellationToken)
    {
        while (await FindAsync(topic, cancellationToken).ConfigureAwait(false) is not { } found
            || found.Partitions.Count < partitions || found.Partitions.Exists(p => p.Leader is null or { Id: < 0 }))
        {
            await Task.Delay(CheckInterval, cancellationToken).ConfigureAwait(false);
        }

        await offsets.ListAsync(
            [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))],
            ClientAdmin.OffsetSpec.Earliest(), IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitForConfigurationAsync(
        string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begin) < SettingsWait)
        {
            IReadOnlyDictionary<string, TopicConfigurationValue> now = await DescribeConfigurationAsync(topic, cancellationToken).ConfigureAwait(false);
            if (changes.All(c => now.TryGetValue(c.Key, out TopicConfigurationValue? value) && (c.Value is null ? value.IsDefault : value.Value == c.Value)))
                return;
            await Task.Delay(CheckInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private static ClientAdmin.ConfigResource Resource(string topic) => new() { Type = ClientAdmin.ResourceType.Topic, Name = topic };

    private static PartitionDescription ToDescription(TopicPartitionInfo partition) => new(
        partition.Partition, partition.Leader?.Id ?? -1,
        [.. partition.Replicas.Select(n => n.Id)], [.. partition.ISR.Select(n => n.Id)],
        partition.Leader is null or { Id: < 0 } ? "The partition has no leader." : null);

    private static Guid ToGuid(Uuid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, id.MostSignificantBits);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id.LeastSignificantBits);
        return new Guid(bytes, bigEndian: true);
    }
}
