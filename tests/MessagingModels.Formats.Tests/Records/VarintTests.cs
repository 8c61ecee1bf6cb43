using CsCheck;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(-1, "01")]
    [InlineData(1, "02")]
    [InlineData(63, "7E")]
    [InlineData(-64, "7F")]
    [InlineData(64, "8001")]
    [InlineData(8191, "FE7F")]
    [InlineData(8192, "808001")]
    [InlineData(int.MaxValue, "FEFFFFFF0F")]
    [InlineData(int.MinValue, "FFFFFFFF0F")]
    public void A_signed_value_is_written_as_kafka_writes_it(int value, string expectedHex)
    {
        Span<byte> buffer = stackalloc byte[Varint.MaxSizeInBytes];

        int size = Varint.Write(buffer, value);

        Assert.Equal(expectedHex, Convert.ToHexString(buffer[..size]));
        Assert.Equal(size, Varint.SizeOf(value));
    }

    [Theory]
    [InlineData(long.MaxValue, "FEFFFFFFFFFFFFFFFF01")]
    [InlineData(long.MinValue, "FFFFFFFFFFFFFFFFFF01")]
    [InlineData(-1L, "01")]
    public void A_long_value_is_written_as_kafka_writes_it(long value, string expectedHex)
    {
        Span<byte> buffer = stackalloc byte[Varint.MaxLongSizeInBytes];

        int size = Varint.WriteLong(buffer, value);

        Assert.Equal(expectedHex, Convert.ToHexString(buffer[..size]));
    }

    [Fact]
    public void Every_int_comes_back_and_has_the_size_announced() => Gen.Int.Sample(value =>
    {
        byte[] buffer = new byte[Varint.MaxSizeInBytes];
        int size = Varint.Write(buffer, value);
        return Varint.TryRead(buffer.AsSpan(0, size), out int read, out int readSize)
            && read == value && readSize == size && Varint.SizeOf(value) == size
            && !Varint.TryRead(buffer.AsSpan(0, size - 1), out _, out _);
    });

    [Fact]
    public void Every_long_comes_back_and_has_the_size_announced() => Gen.Long.Sample(value =>
    {
        byte[] buffer = new byte[Varint.MaxLongSizeInBytes];
        int size = Varint.WriteLong(buffer, value);
        return Varint.TryReadLong(buffer.AsSpan(0, size), out long read, out int readSize)
            && read == value && readSize == size && Varint.SizeOfLong(value) == size
            && !Varint.TryReadLong(buffer.AsSpan(0, size - 1), out _, out _);
    });

    [Fact]
    public void Every_unsigned_value_comes_back() => Gen.UInt.Sample(value =>
    {
        byte[] buffer = new byte[Varint.MaxSizeInBytes];
        int size = Varint.WriteUnsigned(buffer, value);
        return Varint.TryReadUnsigned(buffer.AsSpan(0, size), out uint read, out int readSize)
            && read == value && readSize == size && Varint.SizeOfUnsigned(value) == size;
    });

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("8080808080")]
    [InlineData("FFFFFFFF10")]
    public void A_value_that_ends_early_or_has_too_many_bits_is_refused(string hex) =>
        Assert.False(Varint.TryRead(Convert.FromHexString(hex), out _, out _));

    [Theory]
    [InlineData("80808080808080808080")]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    public void A_long_value_with_too_many_bits_is_refused(string hex) =>
        Assert.False(Varint.TryReadLong(Convert.FromHexString(hex), out _, out _));
}
