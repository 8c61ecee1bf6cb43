using System.Buffers;
using System.Buffers.Binary;
using K4os.Compression.LZ4;
using K4os.Hash.xxHash;

namespace MessagingModels.Formats.Records;

/// <summary>
/// LZ4 frames with independent blocks, written as Kafka's clients write them (64 KiB blocks, no checksums but the header's);
/// read with any block size and with block checksum, content size and content checksum.
/// <code>
/// magic 04 22 4D 18 | flags int8 | block size int8 | [content size int64] | header checksum int8
///   | (block length uint32, high bit: stored as it is | block | [block checksum uint32])* | 0 uint32 | [content checksum uint32]
/// </code>
/// All integers are little-endian.
/// </summary>
/// <remarks>Source: LZ4 Frame Format 1.6.x; KIP-57 for the header checksum.</remarks>
internal static class Lz4FrameCodec
{
    private const uint FrameMagic = 0x184D2204;
    private const int HeaderSizeInBytes = 7;
    private const int BlockSizeInBytes = 64 * 1024;
    private const byte Version = 0x40;
    private const byte VersionMask = 0xC0;
    private const byte IndependentBlocksFlag = 0x20;
    private const byte BlockChecksumFlag = 0x10;
    private const byte ContentSizeFlag = 0x08;
    private const byte ContentChecksumFlag = 0x04;
    private const byte ReservedFlags = 0x03;
    private const byte BlockSizeCode64KiB = 0x40;
    private const uint StoredBlockBit = 0x80000000;
    private const long MaxExpansion = 255;

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        Span<byte> header = destination.GetSpan(HeaderSizeInBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header, FrameMagic);
        header[4] = Version | IndependentBlocksFlag;
        header[5] = BlockSizeCode64KiB;
        header[6] = HeaderChecksum(header[4..6]);
        destination.Advance(HeaderSizeInBytes);

        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> block = source[..Math.Min(source.Length, BlockSizeInBytes)];
            WriteBlock(block, destination);
            source = source[block.Length..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination.GetSpan(sizeof(uint)), 0);
        destination.Advance(sizeof(uint));
    }

    public static void Decompress(ReadOnlySpan<byte> source, ref BoundedOutput output)
    {
        byte flags = ReadHeader(ref source, out int maxBlockSize, out long contentSize);
        if (contentSize >= 0)
            output.ThrowIfTooLarge(contentSize);
        var contentHash = new XXH32.State();
        bool hashContent = (flags & ContentChecksumFlag) != 0;
        if (hashContent)
            XXH32.Reset(ref contentHash);

        long total = 0;
        while (true)
        {
            uint lengthField = ReadUInt32(ref source, "a block length");
            if (lengthField == 0)
                break;
            uint length = lengthField & ~StoredBlockBit;
            if (length > maxBlockSize || length > source.Length)
                throw Broken($"a block of {length} bytes does not fit the {source.Length} left or the frame's block size.");
            ReadOnlySpan<byte> block = source[..(int)length];
            source = source[(int)length..];
            if ((flags & BlockChecksumFlag) != 0 && ReadUInt32(ref source, "a block checksum") != XXH32.DigestOf(block))
                throw Broken("a block checksum does not match.");

            Span<byte> plain = DecodeBlock(block, (lengthField & StoredBlockBit) != 0, maxBlockSize, ref output);
            if (hashContent)
                XXH32.Update(ref contentHash, plain);
            output.Advance(plain.Length);
            total += plain.Length;
        }

        if (hashContent && ReadUInt32(ref source, "the content checksum") != XXH32.Digest(contentHash))
            throw Broken("the content checksum does not match.");
        if (contentSize >= 0 && contentSize != total)
            throw Broken($"it announces {contentSize} bytes and holds {total}.");
        if (!source.IsEmpty)
            throw Broken($"{source.Length} bytes follow the frame.");
    }

    private static void WriteBlock(ReadOnlySpan<byte> block, IBufferWriter<byte> destination)
    {
        Span<byte> room = destination.GetSpan(sizeof(uint) + LZ4Codec.MaximumOutputSize(block.Length));
        int size = LZ4Codec.Encode(block, room[sizeof(uint)..]);
        uint lengthField = (uint)size;
        if (size >= block.Length)
        {
            block.CopyTo(room[sizeof(uint)..]);
            size = block.Length;
            lengthField = (uint)size | StoredBlockBit;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(room, lengthField);
        destination.Advance(sizeof(uint) + size);
    }

    private static byte ReadHeader(ref ReadOnlySpan<byte> source, out int maxBlockSize, out long contentSize)
    {
        if (source.Length < HeaderSizeInBytes || BinaryPrimitives.ReadUInt32LittleEndian(source) != FrameMagic)
            throw Broken("it does not begin with an LZ4 frame header.");
        byte flags = source[4];
        if ((flags & VersionMask) != Version || (flags & ReservedFlags) != 0)
            throw Broken($"the frame flags 0x{flags:x2} are of an unknown version or ask for a dictionary.");
        if ((flags & IndependentBlocksFlag) == 0)
            throw Broken("its blocks depend on each other, which Kafka does not allow.");
        int blockSizeCode = source[5] >> 4;
        if (blockSizeCode is < 4 or > 7 || (source[5] & 0x0F) != 0)
            throw Broken($"the block size 0x{source[5]:x2} is not defined.");
        maxBlockSize = 1 << (8 + (2 * blockSizeCode));

        int checksumPosition = (flags & ContentSizeFlag) != 0 ? 14 : 6;
        if (source.Length <= checksumPosition)
            throw Broken("its header is cut off.");
        contentSize = -1;
        if ((flags & ContentSizeFlag) != 0)
        {
            contentSize = BinaryPrimitives.ReadInt64LittleEndian(source[6..]);
            if (contentSize < 0)
                throw Broken("it announces more bytes than there can be.");
        }

        if (source[checksumPosition] != HeaderChecksum(source[4..checksumPosition]))
            throw Broken("the header checksum does not match.");
        source = source[(checksumPosition + 1)..];
        return flags;
    }

    private static Span<byte> DecodeBlock(ReadOnlySpan<byte> block, bool isStored, int maxBlockSize, ref BoundedOutput output)
    {
        if (isStored)
        {
            Span<byte> copy = output.GetSpan(Math.Max(block.Length, 1))[..block.Length];
            block.CopyTo(copy);
            return copy;
        }

        // A frame of a few bytes must not make room for a block of 4 MiB.
        int room = (int)Math.Min(maxBlockSize, Math.Max(block.Length * MaxExpansion, 1));
        Span<byte> plain = output.GetSpan(room)[..room];
        int size = LZ4Codec.Decode(block, plain);
        return size >= 0 ? plain[..size] : throw Broken("a block is damaged.");
    }

    private static uint ReadUInt32(ref ReadOnlySpan<byte> source, string field)
    {
        if (source.Length < sizeof(uint))
            throw Broken($"{field} is cut off.");
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(source);
        source = source[sizeof(uint)..];
        return value;
    }

    private static byte HeaderChecksum(ReadOnlySpan<byte> descriptor) => (byte)(XXH32.DigestOf(descriptor) >> 8);

    private static RecordCompressionException Broken(string reason) => new(CompressionCodec.Lz4, reason);
}
