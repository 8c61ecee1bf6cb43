namespace MessagingModels;

/// <summary>When a produced record counts as written.</summary>
public enum Acks
{
    /// <summary>Never waited for: the record may be lost without a word. Its offset is not known.</summary>
    None = 0,
    /// <summary>When the partition's leader has appended it.</summary>
    Leader = 1,
    /// <summary>When every in-sync replica has appended it.</summary>
    All = -1,
}

/// <summary>How record batches are compressed.</summary>
public enum CompressionType
{
    /// <summary>Not at all.</summary>
    None,
    /// <summary>gzip (RFC 1952).</summary>
    Gzip,
    /// <summary>snappy in xerial framing.</summary>
    Snappy,
    /// <summary>LZ4 frames.</summary>
    Lz4,
    /// <summary>Zstandard (RFC 8878).</summary>
    Zstd,
}

/// <summary>Settings of a producer, with Kafka's defaults.</summary>
public sealed record ProducerOptions
{
    /// <summary>A name for logs and metrics.</summary>
    public string ClientId { get; init; } = "mm-producer";

    /// <summary>When a record counts as written.</summary>
    public Acks Acks { get; init; } = Acks.All;

    /// <summary>A batch is sent once it holds this much, counted before compression.</summary>
    public int BatchSizeBytes { get; init; } = 16 * 1024;

    /// <summary>A batch is sent once it is this old; zero sends as soon as the partition is idle (records that arrive meanwhile still share a batch).</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.Zero;

    /// <summary>Records accepted but not yet acknowledged take at most this much memory; beyond it, producing waits.</summary>
    public long BufferMemoryBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Largest batch sent, counted after compression.</summary>
    public int MaxRequestSizeBytes { get; init; } = 1024 * 1024;

    /// <summary>How batches are compressed.</summary>
    public CompressionType Compression { get; init; } = CompressionType.None;

    /// <summary>Chooses partitions for records that name none; null for Kafka's way: <see cref="Murmur2Partitioner"/>.</summary>
    public IPartitioner? Partitioner { get; init; }

    /// <summary>
    /// True to number batches so that a retry is stored once (KIP-98). Needs <see cref="Acks.All"/>.
    /// </summary>
    public bool Idempotence { get; init; } = true;

    /// <summary>The name under which the producer's transactions go on after a restart; null for a producer without transactions.</summary>
    public string? TransactionalId { get; init; }

    /// <summary>The coordinator aborts a transaction that is older.</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A record that was not acknowledged within this time fails.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
