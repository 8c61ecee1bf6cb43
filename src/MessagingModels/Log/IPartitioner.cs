namespace MessagingModels;

/// <summary>Chooses the partition of a record that names none. Called concurrently.</summary>
public interface IPartitioner
{
    /// <summary>Chooses a partition.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The record's key; empty where it has none.</param>
    /// <param name="hasKey">False where the record has no key.</param>
    /// <param name="value">The payload.</param>
    /// <param name="partitionCount">How many partitions the topic has; at least 1.</param>
    /// <returns>A number from 0 to <paramref name="partitionCount"/> - 1, or -1 to stay with the current batch's partition and switch with the next batch (sticky, KIP-480).</returns>
    int SelectPartition(string topic, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, int partitionCount);
}

/// <summary>Kafka's default: equal keys to equal partitions by murmur2, records without key to one partition per batch (KIP-480).</summary>
public sealed class Murmur2Partitioner : IPartitioner
{
    /// <summary>The one instance; it has no state.</summary>
    public static readonly Murmur2Partitioner Instance = new();

    /// <inheritdoc />
    public int SelectPartition(string topic, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, int partitionCount)
        => hasKey ? (int)((Murmur2.Hash(key) & 0x7fffffff) % (uint)partitionCount) : -1;
}

/// <summary>Every record to the next partition, whatever its key.</summary>
public sealed class RoundRobinPartitioner : IPartitioner
{
    private int _next = -1;

    /// <inheritdoc />
    public int SelectPartition(string topic, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, int partitionCount)
        => (int)((uint)Interlocked.Increment(ref _next) % (uint)partitionCount);
}
