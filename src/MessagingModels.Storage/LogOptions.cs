namespace MessagingModels.Storage;

/// <summary>The settings of one log; a changed copy takes effect through <see cref="Log.Options"/>. Defaults are Kafka's topic defaults.</summary>
public sealed record LogOptions
{
    /// <summary>What an acknowledged append survives. Fixed when the log is opened.</summary>
    public Durability Durability { get; init; } = Durability.PageCache;

    /// <summary>The size at which a segment is full, in bytes (Kafka: <c>segment.bytes</c>); also the most that one append may hold.</summary>
    public int SegmentBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>
    /// The age at which a segment that holds anything is closed (Kafka: <c>segment.ms</c>), and how far a record's time may lie after that of
    /// the first one in its segment.
    /// </summary>
    public TimeSpan SegmentAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The bytes between two index entries (Kafka: <c>index.interval.bytes</c>).</summary>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary>How long records are kept (Kafka: <c>retention.ms</c>); null keeps them for ever.</summary>
    public TimeSpan? RetentionAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How much of the log is kept, in bytes (Kafka: <c>retention.bytes</c>); null is no limit.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>How long compaction keeps a tombstone, and an emptied transaction's marker, after it first passed over it (Kafka: <c>delete.retention.ms</c>).</summary>
    public TimeSpan DeleteRetention { get; init; } = TimeSpan.FromDays(1);
}
