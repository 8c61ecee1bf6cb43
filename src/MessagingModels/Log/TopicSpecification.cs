namespace MessagingModels;

/// <summary>A topic to be created.</summary>
/// <param name="Name">1 to 249 characters of a-z, A-Z, 0-9, '.', '_' and '-'; neither "." nor "..".</param>
/// <param name="Partitions">How many partitions; at least 1. They can be added to but not taken away.</param>
public sealed record TopicSpecification(string Name, int Partitions = 1)
{
    /// <summary>How many replicas each partition has; -1 for the broker's default. An embedded broker takes 1 only.</summary>
    public short ReplicationFactor { get; init; } = -1;

    /// <summary>Settings under the names of <see cref="TopicConfiguration"/>; what is absent has the broker's default.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; init; } = new Dictionary<string, string>();
}

/// <summary>A topic as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TopicId">Its id: a topic created again under the same name has another.</param>
/// <param name="IsInternal">True for the broker's own topics.</param>
/// <param name="Partitions">Its partitions, by number.</param>
/// <param name="Configuration">Every setting with its value.</param>
public sealed record TopicDescription(
    string Name, Guid TopicId, bool IsInternal,
    IReadOnlyList<PartitionDescription> Partitions, IReadOnlyDictionary<string, TopicConfigurationValue> Configuration);

/// <summary>A partition as it is.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Leader">The node that takes writes; -1 where there is none.</param>
/// <param name="Replicas">The nodes that hold it.</param>
/// <param name="InSyncReplicas">Those that are up to date.</param>
/// <param name="Error">Why the partition cannot be used (its log is corrupt, say), or null.</param>
public sealed record PartitionDescription(
    int Partition, int Leader, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSyncReplicas, string? Error = null);

/// <summary>A setting of a topic.</summary>
/// <param name="Value">Its value, as text.</param>
/// <param name="IsDefault">True where the topic does not set it.</param>
public sealed record TopicConfigurationValue(string Value, bool IsDefault);

/// <summary>Names of topic settings, as in Kafka; times in milliseconds, sizes in bytes, -1 for no limit.</summary>
public static class TopicConfiguration
{
    /// <summary><c>delete</c>, <c>compact</c> or <c>compact,delete</c>; default <c>delete</c>.</summary>
    public const string CleanupPolicy = "cleanup.policy";
    /// <summary><c>producer</c> (as sent), <c>uncompressed</c>, <c>gzip</c>, <c>snappy</c>, <c>lz4</c> or <c>zstd</c>; default <c>producer</c>.</summary>
    public const string CompressionType = "compression.type";
    /// <summary>How long a tombstone is kept after compaction; default one day.</summary>
    public const string DeleteRetentionMs = "delete.retention.ms";
    /// <summary>Bytes between two entries of the offset index; default 4096.</summary>
    public const string IndexIntervalBytes = "index.interval.bytes";
    /// <summary>Largest batch accepted, after compression; default 1,048,588.</summary>
    public const string MaxMessageBytes = "max.message.bytes";
    /// <summary><c>CreateTime</c> or <c>LogAppendTime</c>; default <c>CreateTime</c>.</summary>
    public const string MessageTimestampType = "message.timestamp.type";
    /// <summary>How far a record's time may lie before the broker's; default no limit.</summary>
    public const string MessageTimestampBeforeMaxMs = "message.timestamp.before.max.ms";
    /// <summary>How far a record's time may lie after the broker's; default one hour.</summary>
    public const string MessageTimestampAfterMaxMs = "message.timestamp.after.max.ms";
    /// <summary>A segment is compacted at the latest when it is this old; default no limit.</summary>
    public const string MaxCompactionLagMs = "max.compaction.lag.ms";
    /// <summary>A record stays uncompacted for at least this long; default 0.</summary>
    public const string MinCompactionLagMs = "min.compaction.lag.ms";
    /// <summary>The share of uncompacted bytes at which compaction starts; default 0.5.</summary>
    public const string MinCleanableDirtyRatio = "min.cleanable.dirty.ratio";
    /// <summary>How many replicas must have a record before <see cref="Acks.All"/> is met; default 1.</summary>
    public const string MinInSyncReplicas = "min.insync.replicas";
    /// <summary>The size over which old segments are deleted; default no limit.</summary>
    public const string RetentionBytes = "retention.bytes";
    /// <summary>The age over which old segments are deleted; default 7 days.</summary>
    public const string RetentionMs = "retention.ms";
    /// <summary>The size at which a new segment is begun; default 1 GiB.</summary>
    public const string SegmentBytes = "segment.bytes";
    /// <summary>The age at which a new segment is begun; default 7 days.</summary>
    public const string SegmentMs = "segment.ms";
}
