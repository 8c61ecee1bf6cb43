using System.Buffers;

namespace MessagingModels.Formats.Records;

/// <summary>
/// Compresses and decompresses the records section of a batch as Kafka's clients do. Thread-safe. Working memory is kept
/// for reuse where the codec allows it; gzip makes a few small objects for each batch.
/// </summary>
public static class RecordCompression
{
    /// <summary>Compresses <paramref name="source"/> to the end of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The codec does not exist.</exception>
    public static void Compress(CompressionCodec codec, ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        switch (codec)
        {
            case CompressionCodec.None:
                destination.Write(source);
                break;
            case CompressionCodec.Gzip:
                GzipCodec.Compress(source, destination);
                break;
            case CompressionCodec.Snappy:
                SnappyCodec.Compress(source, destination);
                break;
            case CompressionCodec.Lz4:
                Lz4FrameCodec.Compress(source, destination);
                break;
            case CompressionCodec.Zstd:
                ZstdCodec.Compress(source, destination);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(codec), codec, "There is no such compression codec.");
        }
    }

    /// <summary>
    /// Decompresses <paramref name="source"/> to the end of <paramref name="destination"/>. On an exception a part may have
    /// been written.
    /// </summary>
    /// <param name="codec">The codec that the batch names.</param>
    /// <param name="source">The records section.</param>
    /// <param name="destination">Where the records go.</param>
    /// <param name="maxSizeInBytes">The most that may come out. The reader stops at the first block that goes beyond it.</param>
    /// <exception cref="DecompressedSizeException">More than <paramref name="maxSizeInBytes"/> come out.</exception>
    /// <exception cref="RecordCompressionException">The input is broken, cut off, or of an unknown codec.</exception>
    public static void Decompress(
        CompressionCodec codec, ReadOnlySpan<byte> source, IBufferWriter<byte> destination, int maxSizeInBytes)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSizeInBytes);
        var output = new BoundedOutput(codec, destination, maxSizeInBytes);
        switch (codec)
        {
            case CompressionCodec.None:
                output.ThrowIfTooLarge(source.Length);
                destination.Write(source);
                break;
            case CompressionCodec.Gzip:
                GzipCodec.Decompress(source, ref output);
                break;
            case CompressionCodec.Snappy:
                SnappyCodec.Decompress(source, ref output);
                break;
            case CompressionCodec.Lz4:
                Lz4FrameCodec.Decompress(source, ref output);
                break;
            case CompressionCodec.Zstd:
                ZstdCodec.Decompress(source, ref output);
                break;
            default:
                throw new RecordCompressionException(codec, "there is no such codec.");
        }
    }

    /// <summary>
    /// The records of a whole, valid batch without compression: a part of the batch itself where it has none, otherwise
    /// decompressed into <paramref name="scratch"/>, whose former content is given up, and valid until it is used again.
    /// </summary>
    /// <exception cref="DecompressedSizeException">More than <paramref name="maxSizeInBytes"/> come out.</exception>
    /// <exception cref="RecordCompressionException">The records are broken or cut off.</exception>
    public static ReadOnlyMemory<byte> ReadRecords(ReadOnlyMemory<byte> batch, ArrayBufferWriter<byte> scratch, int maxSizeInBytes)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        var view = new RecordBatchView(batch.Span);
        if (view.Codec == CompressionCodec.None)
            return batch[RecordBatchLayout.HeaderSizeInBytes..view.SizeInBytes];
        scratch.ResetWrittenCount();
        Decompress(view.Codec, view.RecordsSection, scratch, maxSizeInBytes);
        return scratch.WrittenMemory;
    }
}

/// <summary>Counts what a decompressor writes and stops it at the limit.</summary>
internal struct BoundedOutput(CompressionCodec codec, IBufferWriter<byte> destination, int maxSizeInBytes)
{
    private long _written;

    public readonly Span<byte> GetSpan(int sizeHint) => destination.GetSpan(sizeHint);

    /// <summary>Stops before room is made for a size that the input announces.</summary>
    public readonly void ThrowIfTooLarge(long more)
    {
        if (_written + more > maxSizeInBytes)
            throw new DecompressedSizeException(codec, maxSizeInBytes);
    }

    public void Advance(int count)
    {
        ThrowIfTooLarge(count);
        destination.Advance(count);
        _written += count;
    }
}
