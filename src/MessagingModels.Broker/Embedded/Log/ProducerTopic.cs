using MessagingModels.Broker.Partitions;

namespace MessagingModels.Broker.Embedded.Log;

/// <summary>A topic as one producer sees it: a batcher for each partition and the partition it sticks to. Thread-safe.</summary>
internal sealed class ProducerTopic : IDisposable
{
    private readonly EmbeddedProducer _producer;
    private readonly PartitionBatcher?[] _batchers;
    private int _sticky;

    public ProducerTopic(EmbeddedProducer producer, Topic topic, long version, ProducerTopic? before)
    {
        _producer = producer;
        Topic = topic;
        Version = version;
        _batchers = new PartitionBatcher?[topic.Partitions.Count];
        if (before?.Topic.Id == topic.Id)
            before._batchers.CopyTo(_batchers, 0);
        _sticky = Random.Shared.Next(_batchers.Length);
    }

    public Topic Topic { get; }

    /// <summary>The version of the registry that this was made from.</summary>
    public long Version { get; }

    public IEnumerable<PartitionBatcher> Batchers => _batchers.OfType<PartitionBatcher>();

    /// <summary>The batcher for a record; <paramref name="isSticky"/> says that the record would go anywhere.</summary>
    /// <exception cref="LogException">The record names a partition that does not exist.</exception>
    public PartitionBatcher Select(in ProducerRecord record, IPartitioner partitioner, out bool isSticky)
    {
        isSticky = false;
        int partition;
        if (record.Partition is { } named)
        {
            partition = named;
        }
        else
        {
            partition = partitioner.SelectPartition(
                Topic.Name, record.Key.GetValueOrDefault().Span, record.Key.HasValue, record.Value.GetValueOrDefault().Span, _batchers.Length);
            isSticky = partition == -1;
            if (isSticky)
                partition = Volatile.Read(ref _sticky);
        }

        if ((uint)partition >= (uint)_batchers.Length)
        {
            throw new LogException(LogErrorCode.UnknownTopicOrPartition,
                $"Topic '{Topic.Name}' has partitions 0 to {_batchers.Length - 1}, but not {partition}.");
        }

        return _batchers[partition] ?? Create(partition);
    }

    /// <summary>Goes on to another partition (KIP-480).</summary>
    public void SwitchSticky()
    {
        if (_batchers.Length > 1)
            Volatile.Write(ref _sticky, (_sticky + 1 + Random.Shared.Next(_batchers.Length - 1)) % _batchers.Length);
    }

    public void Dispose()
    {
        foreach (PartitionBatcher batcher in Batchers)
            batcher.Dispose();
    }

    private PartitionBatcher Create(int partition)
    {
        PartitionBatcher created = new(_producer, Topic.Partitions[partition]);
        return Interlocked.CompareExchange(ref _batchers[partition], created, null) ?? created;
    }
}
