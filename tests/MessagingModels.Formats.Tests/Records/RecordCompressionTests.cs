using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using K4os.Compression.LZ4.Streams;
using MessagingModels.Formats.Records;
using Snappier;

namespace MessagingModels.Formats.Tests.Records;

public sealed class RecordCompressionTests
{
    private const int Limit = 1 << 20;

    public static TheoryData<CompressionCodec> Codecs =>
        [CompressionCodec.None, CompressionCodec.Gzip, CompressionCodec.Snappy, CompressionCodec.Lz4, CompressionCodec.Zstd];

    public static TheoryData<CompressionCodec> Compressing =>
        [CompressionCodec.Gzip, CompressionCodec.Snappy, CompressionCodec.Lz4, CompressionCodec.Zstd];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Any_bytes_come_back(CompressionCodec codec) =>
        Gen.OneOf(Gen.Byte.Array[0, 2000], Gen.Byte[0, 3].Array[0, 100_000]).Sample(
            data => Decompress(codec, Compress(codec, data)).AsSpan().SequenceEqual(data), iter: 60);

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Input_of_many_blocks_comes_back(CompressionCodec codec)
    {
        byte[] data = new byte[700_000];
        new Random(5).NextBytes(data.AsSpan(100_000, 300_000));
        Assert.True(Decompress(codec, Compress(codec, data)).AsSpan().SequenceEqual(data));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Many_threads_can_compress_at_once(CompressionCodec codec) => Parallel.For(0, 64, i =>
    {
        byte[] data = Text(100 + i);
        for (int round = 0; round < 20; round++)
            Assert.True(Decompress(codec, Compress(codec, data)).AsSpan().SequenceEqual(data));
    });

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Nothing_comes_back_as_nothing(CompressionCodec codec) => Assert.Empty(Decompress(codec, Compress(codec, [])));

    [Theory]
    [MemberData(nameof(Compressing))]
    public void Input_cut_at_any_byte_is_refused_or_shorter(CompressionCodec codec)
    {
        byte[] data = Text(500);
        byte[] compressed = Compress(codec, data);
        for (int length = 0; length < compressed.Length; length++)
        {
            byte[]? back = DecompressOrRefuse(codec, compressed[..length]);
            // Java's Snappy framing has neither end mark nor total: what is cut between blocks cannot be told.
            Assert.True(back is null || (codec == CompressionCodec.Snappy && data.AsSpan().StartsWith(back)), $"cut at {length}");
        }
    }

    [Theory]
    [MemberData(nameof(Compressing))]
    public void A_changed_byte_throws_nothing_but_the_named_error(CompressionCodec codec)
    {
        byte[] compressed = Compress(codec, Text(300));
        for (int at = 0; at < compressed.Length; at++)
        {
            foreach (byte mask in (byte[])[0x01, 0x10, 0x80, 0xFF])
            {
                byte[] changed = [.. compressed];
                changed[at] ^= mask;
                DecompressOrRefuse(codec, changed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Compressing))]
    public void Noise_throws_nothing_but_the_named_error(CompressionCodec codec) =>
        Gen.Byte.Array[0, 300].Sample(noise => { DecompressOrRefuse(codec, noise); });

    [Theory]
    [MemberData(nameof(Codecs))]
    public void What_grows_beyond_the_limit_is_a_named_error(CompressionCodec codec)
    {
        byte[] bomb = Compress(codec, new byte[4 * Limit]);

        DecompressedSizeException error = Assert.Throws<DecompressedSizeException>(() => Decompress(codec, bomb));

        Assert.Equal(Limit, error.MaxSizeInBytes);
        Assert.Equal(codec, error.Codec);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void What_just_fits_the_limit_is_not_refused(CompressionCodec codec) =>
        Assert.Equal(Limit, Decompress(codec, Compress(codec, new byte[Limit])).Length);

    [Fact]
    public void Bare_snappy_blocks_are_read_too()
    {
        byte[] data = Text(100);
        Assert.Equal(data, Decompress(CompressionCodec.Snappy, Snappy.CompressToArray(data)));
    }

    [Fact]
    public void Snappy_frames_that_follow_each_other_are_read_as_one()
    {
        byte[] data = Text(100);
        byte[] compressed = Compress(CompressionCodec.Snappy, data);
        Assert.Equal([.. data, .. data], Decompress(CompressionCodec.Snappy, [.. compressed, .. compressed]));
    }

    [Fact]
    public void A_snappy_block_that_announces_more_than_it_can_hold_is_refused() =>
        Assert.Throws<RecordCompressionException>(() => Decompress(CompressionCodec.Snappy, [0x80, 0x80, 0x20, 0x00]));

    [Fact]
    public void Lz4_frames_with_a_content_checksum_are_read_and_checked()
    {
        byte[] data = Text(3000);
        var settings = new LZ4EncoderSettings { ChainBlocks = false, BlockSize = 256 * 1024, ContentChecksum = true };
        var writer = new ArrayBufferWriter<byte>();
        LZ4Frame.Encode((ReadOnlySpan<byte>)data, writer, settings);
        byte[] frame = writer.WrittenSpan.ToArray();

        Assert.Equal(data, Decompress(CompressionCodec.Lz4, frame));
        frame[^1] ^= 1;
        Assert.Throws<RecordCompressionException>(() => Decompress(CompressionCodec.Lz4, frame));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Lz4_frames_with_a_content_size_are_read_and_checked(int error, bool isRead)
    {
        byte[] data = Text(3000);
        byte[] plainFrame = Compress(CompressionCodec.Lz4, data);
        byte[] frame = [.. plainFrame.AsSpan(0, 6), .. BitConverter.GetBytes(data.Length + (long)error), .. plainFrame.AsSpan(6)];
        frame[4] |= 0x08;
        frame[14] = (byte)(K4os.Hash.xxHash.XXH32.DigestOf(frame.AsSpan(4, 10)) >> 8);

        Assert.Equal(isRead ? data : null, DecompressOrRefuse(CompressionCodec.Lz4, frame));
    }

    [Fact]
    public void Our_lz4_frames_are_read_by_the_reference_stream()
    {
        byte[] data = Text(20_000);
        var plain = new ArrayBufferWriter<byte>();
        LZ4Frame.Decode((ReadOnlySpan<byte>)Compress(CompressionCodec.Lz4, data), plain);
        Assert.Equal(data, plain.WrittenSpan.ToArray());
    }

    [Fact]
    public void Lz4_blocks_that_depend_on_each_other_are_refused_as_kafka_does()
    {
        byte[] frame = Compress(CompressionCodec.Lz4, Text(10));
        frame[4] = 0x40;
        RecordCompressionException error = Assert.Throws<RecordCompressionException>(() => Decompress(CompressionCodec.Lz4, frame));
        Assert.Contains("depend on each other", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_codec_is_a_named_error() =>
        Assert.Throws<RecordCompressionException>(() => Decompress((CompressionCodec)7, [1, 2, 3]));

    [Fact]
    public void Snappy_is_written_in_the_framing_of_java()
    {
        byte[] compressed = Compress(CompressionCodec.Snappy, new byte[70_000]);
        Assert.Equal("82534E41505059000000000100000001", Convert.ToHexString(compressed, 0, 16));
        int blocks = 0;
        for (int at = 16; at < compressed.Length; at += 4 + BinaryPrimitives.ReadInt32BigEndian(compressed.AsSpan(at)))
            blocks++;
        Assert.Equal(3, blocks);
    }

    private static byte[] Text(int words) =>
        System.Text.Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, words).Select(i => $"word{i * 7919 % 1000}")));

    private static byte[] Compress(CompressionCodec codec, byte[] data)
    {
        var output = new ArrayBufferWriter<byte>();
        RecordCompression.Compress(codec, data, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Decompress(CompressionCodec codec, byte[] data)
    {
        var output = new ArrayBufferWriter<byte>();
        RecordCompression.Decompress(codec, data, output, Limit);
        return output.WrittenSpan.ToArray();
    }

    private static byte[]? DecompressOrRefuse(CompressionCodec codec, byte[] data)
    {
        try
        {
            return Decompress(codec, data);
        }
        catch (RecordCompressionException)
        {
            return null;
        }
    }
}
