using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MessagingModels.Broker.Groups;

/// <summary>
/// Writes Kafka's non-flexible field types, big-endian: as in the coordinators' logs and the consumers' group metadata. Strings have an
/// int16 length, bytes and arrays an int32 one; -1 stands for null.
/// </summary>
internal readonly ref struct StateFieldWriter(IBufferWriter<byte> destination)
{
    public void Int8(sbyte value)
    {
        destination.GetSpan(1)[0] = (byte)value;
        destination.Advance(1);
    }

    public void Int16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(destination.GetSpan(2), value);
        destination.Advance(2);
    }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination.GetSpan(4), value);
        destination.Advance(4);
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination.GetSpan(8), value);
        destination.Advance(8);
    }

    /// <exception cref="ArgumentException">The text takes more than 32,767 bytes.</exception>
    public void String(string? value)
    {
        if (value is null)
        {
            Int16(-1);
            return;
        }

        int size = Encoding.UTF8.GetByteCount(value);
        if (size > short.MaxValue)
            throw new ArgumentException($"A text of {size} bytes does not fit a field of at most {short.MaxValue}.", nameof(value));
        Int16((short)size);
        Encoding.UTF8.GetBytes(value, destination.GetSpan(size));
        destination.Advance(size);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int32(value.Length);
        destination.Write(value);
    }

    public void NullBytes() => Int32(-1);
}

/// <summary>
/// Reads what <see cref="StateFieldWriter"/> writes. After a field that does not fit, <see cref="IsValid"/> is false and every field
/// reads as empty; counts are checked against the bytes left, so that nothing large is allocated for broken input.
/// </summary>
internal ref struct StateFieldReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public bool IsValid { get; private set; } = true;

    public sbyte Int8() => Take(1) is [byte value] ? (sbyte)value : (sbyte)0;

    public short Int16() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadInt16BigEndian(bytes) : (short)0;

    public int Int32() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadInt32BigEndian(bytes) : 0;

    public long Int64() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;

    /// <summary>An array's length; 0 for null.</summary>
    public int Count(int minItemBytes)
    {
        int count = Int32();
        if (count <= 0)
        {
            IsValid &= count >= -1;
            return 0;
        }

        if (count <= _rest.Length / minItemBytes)
            return count;
        Fail();
        return 0;
    }

    public string String() => NullableString() ?? "";

    public string? NullableString()
    {
        short size = Int16();
        if (size < 0)
        {
            IsValid &= size == -1;
            return null;
        }

        return Encoding.UTF8.GetString(Take(size));
    }

    /// <summary>Bytes; empty for null.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        int size = Int32();
        if (size >= 0)
            return Take(size);
        IsValid &= size == -1;
        return default;
    }

    private ReadOnlySpan<byte> Take(int size)
    {
        if (size > _rest.Length)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..size];
        _rest = _rest[size..];
        return taken;
    }

    private void Fail()
    {
        IsValid = false;
        _rest = default;
    }
}
