using System.Buffers;
using System.Buffers.Binary;
using Snappier;

namespace MessagingModels.Formats.Records;

/// <summary>
/// Snappy in the framing of Java's SnappyOutputStream, which Kafka's clients write. Some other clients send a bare Snappy
/// block, so reading takes both.
/// <code>
/// 82 53 4E 41 50 50 59 00 | version int32 = 1 | lowest compatible version int32 = 1 | (block length int32 | Snappy block)*
/// </code>
/// Frames may follow each other. All integers are big-endian.
/// </summary>
internal static class SnappyCodec
{
    private const int BlockSizeInBytes = 32 * 1024;
    private const int HeaderSizeInBytes = 16;

    // A copy element of three bytes yields 64 at most: a larger announced size is a lie, found before memory is spent on it.
    private const long MaxExpansion = 64;

    private static ReadOnlySpan<byte> Magic => [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00];

    private static ReadOnlySpan<byte> Header => [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1];

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        destination.Write(Header);
        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> block = source[..Math.Min(source.Length, BlockSizeInBytes)];
            Span<byte> room = destination.GetSpan(sizeof(int) + Snappy.GetMaxCompressedLength(block.Length));
            int size = Snappy.Compress(block, room[sizeof(int)..]);
            BinaryPrimitives.WriteInt32BigEndian(room, size);
            destination.Advance(sizeof(int) + size);
            source = source[block.Length..];
        }
    }

    public static void Decompress(ReadOnlySpan<byte> source, ref BoundedOutput output)
    {
        if (!source.StartsWith(Magic))
        {
            DecompressBlock(source, ref output);
            return;
        }

        while (!source.IsEmpty)
        {
            if (source.StartsWith(Magic))
            {
                if (source.Length < HeaderSizeInBytes)
                    throw Broken("its header is cut off.");
                source = source[HeaderSizeInBytes..];
                continue;
            }

            if (source.Length < sizeof(int))
                throw Broken("a block length is cut off.");
            int length = BinaryPrimitives.ReadInt32BigEndian(source);
            source = source[sizeof(int)..];
            if (length <= 0 || length > source.Length)
                throw Broken($"a block of {length} bytes does not fit the {source.Length} left.");
            DecompressBlock(source[..length], ref output);
            source = source[length..];
        }
    }

    private static void DecompressBlock(ReadOnlySpan<byte> block, ref BoundedOutput output)
    {
        try
        {
            int size = Snappy.GetUncompressedLength(block);
            output.ThrowIfTooLarge(size);
            if (size > block.Length * MaxExpansion)
                throw Broken($"a block of {block.Length} bytes announces {size}.");
            int written = Snappy.Decompress(block, output.GetSpan(Math.Max(size, 1)));
            output.Advance(written);
        }
        catch (InvalidDataException broken)
        {
            throw new RecordCompressionException(CompressionCodec.Snappy, broken.Message, broken);
        }
        catch (ArgumentException broken)
        {
            throw new RecordCompressionException(CompressionCodec.Snappy, broken.Message, broken);
        }
    }

    private static RecordCompressionException Broken(string reason) => new(CompressionCodec.Snappy, reason);
}
