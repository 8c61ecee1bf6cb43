using System.Buffers;
using ZstdSharp;

namespace MessagingModels.Formats.Records;

/// <summary>Zstandard frames at level 3 as Kafka's clients; read with and without a content size in the frame.</summary>
internal static class ZstdCodec
{
    private const int Level = 3;
    private const int ChunkSizeInBytes = 32 * 1024;

    private static readonly ContextPool<Compressor> Compressors = new(() => new Compressor(Level));
    private static readonly ContextPool<Decompressor> Decompressors = new(() => new Decompressor());

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        Compressor compressor = Compressors.Rent();
        int size = compressor.Wrap(source, destination.GetSpan(Compressor.GetCompressBound(source.Length)));
        destination.Advance(size);
        Compressors.Return(compressor);
    }

    public static void Decompress(ReadOnlySpan<byte> source, ref BoundedOutput output)
    {
        if (source.IsEmpty)
            throw new RecordCompressionException(CompressionCodec.Zstd, "it is empty.");
        Decompressor decompressor = Decompressors.Rent();
        bool isReusable = false;
        try
        {
            decompressor.ResetStream();
            OperationStatus status = OperationStatus.NeedMoreData;
            while (!source.IsEmpty || status == OperationStatus.DestinationTooSmall)
            {
                Span<byte> room = output.GetSpan(ChunkSizeInBytes);
                status = decompressor.UnwrapStream(source, room, out int consumed, out int written);
                output.Advance(written);
                source = source[consumed..];
                if (consumed == 0 && written == 0)
                    break;
            }

            if (status != OperationStatus.Done || !source.IsEmpty)
                throw new RecordCompressionException(CompressionCodec.Zstd, "its last frame is cut off or followed by other bytes.");
            isReusable = true;
        }
        catch (ZstdException broken)
        {
            throw new RecordCompressionException(CompressionCodec.Zstd, broken.Message, broken);
        }
        finally
        {
            // What a broken frame leaves behind is not worth finding out.
            if (isReusable)
                Decompressors.Return(decompressor);
            else
                decompressor.Dispose();
        }
    }
}
