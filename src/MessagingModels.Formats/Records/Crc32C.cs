using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MessagingModels.Formats.Records;

/// <summary>
/// CRC-32C (Castagnoli), as Kafka's record batches carry it. Uses the processor's CRC instruction where there is one.
/// </summary>
/// <remarks>Source: RFC 3720 appendix B.4 (polynomial, reflection and test vectors).</remarks>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>
    /// The checksum of what <paramref name="crc"/> already covers followed by <paramref name="data"/>; 0 covers nothing.
    /// </summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        uint state = ~crc;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (ulong word in words)
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : Reverse(word));
        foreach (byte value in data[(words.Length * sizeof(ulong))..])
            state = BitOperations.Crc32C(state, value);
        return ~state;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Reverse(ulong word) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
}
