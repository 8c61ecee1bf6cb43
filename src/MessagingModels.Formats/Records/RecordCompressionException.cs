namespace MessagingModels.Formats.Records;

/// <summary>A compressed records section cannot be read.</summary>
public class RecordCompressionException : Exception
{
    internal RecordCompressionException(CompressionCodec codec, string reason, Exception? inner = null)
        : base($"The {codec} records section cannot be decompressed: {reason}", inner) => Codec = codec;

    /// <summary>The codec that the batch names.</summary>
    public CompressionCodec Codec { get; }
}

/// <summary>A compressed records section grows beyond what the reader allows.</summary>
public sealed class DecompressedSizeException : RecordCompressionException
{
    internal DecompressedSizeException(CompressionCodec codec, int maxSizeInBytes)
        : base(codec, $"it is larger than the limit of {maxSizeInBytes} bytes.") => MaxSizeInBytes = maxSizeInBytes;

    /// <summary>The limit that was passed to the reader.</summary>
    public int MaxSizeInBytes { get; }
}
