using System.Buffers;
using System.IO.Compression;

namespace MessagingModels.Formats.Records;

/// <summary>Gzip by the platform's zlib, at zlib's default level as Kafka's clients.</summary>
internal static class GzipCodec
{
    private const int ChunkSizeInBytes = 16 * 1024;

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        using var output = new BufferWriterStream(destination);
        using var gzip = new GZipStream(output, CompressionLevel.Optimal);
        gzip.Write(source);
    }

    public static void Decompress(ReadOnlySpan<byte> source, ref BoundedOutput output)
    {
        if (source.IsEmpty)
            throw new RecordCompressionException(CompressionCodec.Gzip, "it is empty.");
        // The platform's decompressor reads from a stream, and a stream cannot be over a span.
        byte[] input = ArrayPool<byte>.Shared.Rent(source.Length);
        try
        {
            source.CopyTo(input);
            using var stream = new MemoryStream(input, 0, source.Length, writable: false);
            using var gzip = new GZipStream(stream, CompressionMode.Decompress);
            int read;
            while ((read = gzip.Read(output.GetSpan(ChunkSizeInBytes))) > 0)
                output.Advance(read);
        }
        catch (InvalidDataException broken)
        {
            throw new RecordCompressionException(CompressionCodec.Gzip, broken.Message, broken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(input);
        }
    }

    /// <summary>Lets a stream compressor write into a buffer writer.</summary>
    private sealed class BufferWriterStream(IBufferWriter<byte> destination) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => destination.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => destination.Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
