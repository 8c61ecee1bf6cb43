using System.Numerics;
using System.Runtime.CompilerServices;

namespace MessagingModels.Formats.Records;

/// <summary>
/// Variable-length integers of the Kafka formats: little-endian groups of seven bits, the high bit of a byte set where
/// another one follows. Signed values are zig-zag encoded so that small negative ones stay short.
/// </summary>
/// <remarks>Source: Kafka protocol guide, "Protocol Primitive Types" (VARINT, VARLONG, UNSIGNED_VARINT).</remarks>
public static class Varint
{
    /// <summary>The most bytes a 32-bit value takes.</summary>
    public const int MaxSizeInBytes = 5;

    /// <summary>The most bytes a 64-bit value takes.</summary>
    public const int MaxLongSizeInBytes = 10;

    /// <summary>Bytes that <see cref="Write"/> needs for <paramref name="value"/>.</summary>
    public static int SizeOf(int value) => SizeOfUnsigned(ZigZag(value));

    /// <summary>Bytes that <see cref="WriteLong"/> needs for <paramref name="value"/>.</summary>
    public static int SizeOfLong(long value) => (BitOperations.Log2(ZigZagLong(value) | 1) / 7) + 1;

    /// <summary>Bytes that <see cref="WriteUnsigned"/> needs for <paramref name="value"/>.</summary>
    public static int SizeOfUnsigned(uint value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>Writes a zig-zag VARINT and returns its size in bytes.</summary>
    /// <exception cref="IndexOutOfRangeException"><paramref name="destination"/> is too small.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> destination, int value) => WriteUnsigned(destination, ZigZag(value));

    /// <summary>Writes a zig-zag VARLONG and returns its size in bytes.</summary>
    /// <exception cref="IndexOutOfRangeException"><paramref name="destination"/> is too small.</exception>
    public static int WriteLong(Span<byte> destination, long value)
    {
        ulong rest = ZigZagLong(value);
        int size = 0;
        while (rest >= 0x80)
        {
            destination[size++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        destination[size++] = (byte)rest;
        return size;
    }

    /// <summary>Writes an UNSIGNED_VARINT and returns its size in bytes.</summary>
    /// <exception cref="IndexOutOfRangeException"><paramref name="destination"/> is too small.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteUnsigned(Span<byte> destination, uint value)
    {
        int size = 0;
        while (value >= 0x80)
        {
            destination[size++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[size++] = (byte)value;
        return size;
    }

    /// <summary>
    /// Reads a zig-zag VARINT. False where <paramref name="source"/> ends inside it or it has more than 32 bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> source, out int value, out int sizeInBytes)
    {
        bool read = TryReadUnsigned(source, out uint raw, out sizeInBytes);
        value = (int)(raw >> 1) ^ -(int)(raw & 1);
        return read;
    }

    /// <summary>
    /// Reads a zig-zag VARLONG. False where <paramref name="source"/> ends inside it or it has more than 64 bits.
    /// </summary>
    public static bool TryReadLong(ReadOnlySpan<byte> source, out long value, out int sizeInBytes)
    {
        ulong raw = 0;
        int end = Math.Min(source.Length, MaxLongSizeInBytes);
        for (int i = 0; i < end; i++)
        {
            byte next = source[i];
            raw |= (ulong)(next & 0x7F) << (7 * i);
            if (next >= 0x80)
                continue;
            if (i == MaxLongSizeInBytes - 1 && next > 0x01)
                break;
            value = (long)(raw >> 1) ^ -(long)(raw & 1);
            sizeInBytes = i + 1;
            return true;
        }

        value = 0;
        sizeInBytes = 0;
        return false;
    }

    /// <summary>
    /// Reads an UNSIGNED_VARINT. False where <paramref name="source"/> ends inside it or it has more than 32 bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadUnsigned(ReadOnlySpan<byte> source, out uint value, out int sizeInBytes)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            sizeInBytes = 1;
            return true;
        }

        return TryReadUnsignedSlow(source, out value, out sizeInBytes);
    }

    private static bool TryReadUnsignedSlow(ReadOnlySpan<byte> source, out uint value, out int sizeInBytes)
    {
        uint raw = 0;
        int end = Math.Min(source.Length, MaxSizeInBytes);
        for (int i = 0; i < end; i++)
        {
            byte next = source[i];
            raw |= (uint)(next & 0x7F) << (7 * i);
            if (next >= 0x80)
                continue;
            if (i == MaxSizeInBytes - 1 && next > 0x0F)
                break;
            value = raw;
            sizeInBytes = i + 1;
            return true;
        }

        value = 0;
        sizeInBytes = 0;
        return false;
    }

    private static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    private static ulong ZigZagLong(long value) => (ulong)((value << 1) ^ (value >> 63));
}
