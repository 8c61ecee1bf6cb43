namespace MessagingModels;

/// <summary>One partition of a topic.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    /// <summary>The name of the partition's directory on disk: <c>topic-partition</c>.</summary>
    /// <returns>Topic and number.</returns>
    public override string ToString() => $"{Topic}-{Partition}";
}

/// <summary>An offset in one partition of a topic.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
/// <param name="Offset">The offset; in a commit, that of the next record to read.</param>
/// <param name="Metadata">Text kept beside a committed offset; empty where there is none.</param>
public readonly record struct TopicPartitionOffset(string Topic, int Partition, Offset Offset, string Metadata = "")
{
    /// <summary>The partition without the offset.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);
}

/// <summary>Where a produced record was stored.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
/// <param name="Offset">The record's offset; -1 where the producer asked for no acknowledgement.</param>
/// <param name="Timestamp">The timestamp stored with the record (its own, or the append time: <c>message.timestamp.type</c>).</param>
public readonly record struct RecordPosition(string Topic, int Partition, Offset Offset, DateTimeOffset Timestamp)
{
    /// <summary>The partition without the offset.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);
}

/// <summary>The readable range of a partition.</summary>
/// <param name="LogStart">The first offset that can be read.</param>
/// <param name="HighWatermark">The offset after the last record that any reader may see.</param>
/// <param name="LastStable">The offset before which every transaction has ended; the limit of <see cref="IsolationLevel.ReadCommitted"/>.</param>
public readonly record struct PartitionOffsets(Offset LogStart, Offset HighWatermark, Offset LastStable);
