using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace MessagingModels.Formats.Records;

/// <summary>Gzip by the platform's zlib, at zlib's default level as Kafka's clients. One member makes a records section.</summary>
/// <remarks>Source: RFC 1952.</remarks>
internal static class GzipCodec
{
    private const int ChunkSizeInBytes = 16 * 1024;

    /// <summary>A member without content, which the platform would leave out.</summary>
    private static ReadOnlySpan<byte> EmptyMember => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        if (source.IsEmpty)
        {
            destination.Write(EmptyMember);
            return;
        }

        using var output = new BufferWriterStream(destination);
        using var gzip = new GZipStream(output, CompressionLevel.Optimal);
        gzip.Write(source);
    }

    public static void Decompress(ReadOnlySpan<byte> source, ref BoundedOutput output)
    {
        if (source.Length < EmptyMember.Length)
            throw new RecordCompressionException(CompressionCodec.Gzip, "it is shorter than an empty gzip member.");
        // The platform takes a cut-off member for a whole one, so the length that ends the member is compared here.
        uint announced = BinaryPrimitives.ReadUInt32LittleEndian(source[^sizeof(uint)..]);
        uint total = 0;
        // The platform's decompressor reads from a stream, and a stream cannot be over a span.
        byte[] input = ArrayPool<byte>.Shared.Rent(source.Length);
        try
        {
            source.CopyTo(input);
            using var stream = new MemoryStream(input, 0, source.Length, writable: false);
            using var gzip = new GZipStream(stream, CompressionMode.Decompress);
            int read;
            while ((read = gzip.Read(output.GetSpan(ChunkSizeInBytes))) > 0)
            {
                output.Advance(read);
                total += (uint)read;
            }
        }
        catch (InvalidDataException broken)
        {
            throw new RecordCompressionException(CompressionCodec.Gzip, broken.Message, broken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(input);
        }

        if (total != announced)
            throw new RecordCompressionException(CompressionCodec.Gzip, $"it holds {total} bytes and its end announces {announced}.");
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
