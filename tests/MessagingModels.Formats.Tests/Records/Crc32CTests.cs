using CsCheck;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

public sealed class Crc32CTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("313233343536373839", 0xE3069283u)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    public void Known_vectors_have_their_published_checksum(string hex, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(Convert.FromHexString(hex)));

    [Fact]
    public void The_checksum_is_that_of_a_bit_by_bit_computation() => Gen.Byte.Array[0, 5000].Sample(data =>
        Crc32C.Compute(data) == BitByBit(data));

    [Fact]
    public void A_checksum_can_be_computed_in_parts() => Gen.Byte.Array[0, 3000].Array[2].Sample(parts =>
        Crc32C.Append(Crc32C.Compute(parts[0]), parts[1]) == Crc32C.Compute([.. parts[0], .. parts[1]]));

    private static uint BitByBit(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
        }

        return ~crc;
    }
}
