namespace MessagingModels.Formats.Records;

/// <summary>How the records section of a batch is compressed: the low three bits of its attributes (KIP-98, KIP-110).</summary>
public enum CompressionCodec : byte
{
    /// <summary>Stored as it is.</summary>
    None = 0,

    /// <summary>A gzip member (RFC 1952).</summary>
    Gzip = 1,

    /// <summary>Snappy blocks in the framing of Java's SnappyOutputStream.</summary>
    Snappy = 2,

    /// <summary>An LZ4 frame with independent blocks (KIP-57).</summary>
    Lz4 = 3,

    /// <summary>A Zstandard frame (KIP-110).</summary>
    Zstd = 4,
}
