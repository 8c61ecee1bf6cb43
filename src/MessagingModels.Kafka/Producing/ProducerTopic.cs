namespace MessagingModels.Kafka.Producing;

/// <summary>A topic as one producer sees it: its partitions, and the one that records which may go anywhere stick to. Thread-safe.</summary>
internal sealed class ProducerTopic
{
    private readonly Client.TopicPartition[] _partitions;
    private readonly int _batchBytes;
    private readonly long _expiresAt;
    private int _sticky;
    private int _stickyBytes;

    /// <param name="name">Its name.</param>
    /// <param name="partitionCount">How many partitions it has.</param>
    /// <param name="batchBytes">How much goes to one partition before the next one's turn.</param>
    /// <param name="lifetime">How long the number of partitions is taken for true.</param>
    public ProducerTopic(string name, int partitionCount, int batchBytes, TimeSpan lifetime)
    {
        Name = name;
        _batchBytes = batchBytes;
        _expiresAt = Environment.TickCount64 + (long)lifetime.TotalMilliseconds;
        _partitions = [.. Enumerable.Range(0, partitionCount).Select(p => new Client.TopicPartition(name, p))];
        _sticky = Random.Shared.Next(partitionCount);
    }

    public string Name { get; }

    public int PartitionCount => _partitions.Length;

    public bool IsExpired => Environment.TickCount64 > _expiresAt;

    /// <summary>The partition for a record, or null where the record names one that is not there.</summary>
    public Client.TopicPartition? Select(in ProducerRecord record, IPartitioner partitioner, int bytes)
    {
        int partition = record.Partition ?? partitioner.SelectPartition(
            Name, record.Key.GetValueOrDefault().Span, record.Key.HasValue, record.Value.GetValueOrDefault().Span, _partitions.Length);
        if (partition == -1 && record.Partition is null)
            partition = Stick(bytes);
        return (uint)partition < (uint)_partitions.Length ? _partitions[partition] : null;
    }

    /// <summary>A batch's worth to one partition, then on to another (KIP-480, and KIP-794 for the measure).</summary>
    private int Stick(int bytes)
    {
        int partition = Volatile.Read(ref _sticky);
        if (_partitions.Length > 1 && Interlocked.Add(ref _stickyBytes, bytes) >= _batchBytes)
        {
            Volatile.Write(ref _stickyBytes, 0);
            Volatile.Write(ref _sticky, (partition + 1 + Random.Shared.Next(_partitions.Length - 1)) % _partitions.Length);
        }

        return partition;
    }
}
