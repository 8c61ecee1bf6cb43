using System.Globalization;
using System.Text;

namespace MessagingModels.Formats.Properties;

/// <summary>
/// One value of a field table with its exact type, so that it is written again as it was read. Immutable, but for a nested
/// table. Values are equal where kind and content are.
/// </summary>
public readonly struct FieldValue : IEquatable<FieldValue>
{
    private readonly FieldKind _kind;
    private readonly long _bits;
    private readonly object? _content;

    private FieldValue(FieldKind kind, long bits, object? content = null)
    {
        _kind = kind;
        _bits = bits;
        _content = content;
    }

    /// <summary>No value.</summary>
    public static FieldValue Void => new(FieldKind.Void, 0);

    /// <summary>The type.</summary>
    public FieldKind Kind => _kind == 0 ? FieldKind.Void : _kind;

    internal long Bits => _bits;

    /// <summary>A truth value.</summary>
    public static FieldValue From(bool value) => new(FieldKind.Boolean, value ? 1 : 0);

    /// <summary>A signed 8-bit integer.</summary>
    public static FieldValue From(sbyte value) => new(FieldKind.Int8, value);

    /// <summary>An unsigned 8-bit integer.</summary>
    public static FieldValue From(byte value) => new(FieldKind.UInt8, value);

    /// <summary>A signed 16-bit integer.</summary>
    public static FieldValue From(short value) => new(FieldKind.Int16, value);

    /// <summary>An unsigned 16-bit integer.</summary>
    public static FieldValue From(ushort value) => new(FieldKind.UInt16, value);

    /// <summary>A signed 32-bit integer.</summary>
    public static FieldValue From(int value) => new(FieldKind.Int32, value);

    /// <summary>An unsigned 32-bit integer.</summary>
    public static FieldValue From(uint value) => new(FieldKind.UInt32, value);

    /// <summary>A signed 64-bit integer.</summary>
    public static FieldValue From(long value) => new(FieldKind.Int64, value);

    /// <summary>A 32-bit floating-point number.</summary>
    public static FieldValue From(float value) => new(FieldKind.Single, BitConverter.SingleToInt32Bits(value));

    /// <summary>A 64-bit floating-point number.</summary>
    public static FieldValue From(double value) => new(FieldKind.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A decimal number.</summary>
    public static FieldValue From(AmqpDecimal value) => new(FieldKind.Decimal, ((long)value.Scale << 32) | (uint)value.Unscaled);

    /// <summary>A timestamp.</summary>
    public static FieldValue From(AmqpTimestamp value) => new(FieldKind.Timestamp, value.UnixSeconds);

    /// <summary>A long string of UTF-8 text.</summary>
    public static FieldValue From(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new FieldValue(FieldKind.LongString, 0, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A nested table, kept by reference.</summary>
    public static FieldValue From(FieldTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new FieldValue(FieldKind.Table, 0, table);
    }

    /// <summary>A list of values, copied.</summary>
    public static FieldValue FromArray(params ReadOnlySpan<FieldValue> values) => new(FieldKind.Array, 0, values.ToArray());

    /// <summary>A long string of any bytes, copied.</summary>
    public static FieldValue FromLongString(ReadOnlySpan<byte> bytes) => new(FieldKind.LongString, 0, bytes.ToArray());

    /// <summary>Bytes, copied.</summary>
    public static FieldValue FromBytes(ReadOnlySpan<byte> bytes) => new(FieldKind.Bytes, 0, bytes.ToArray());

    /// <summary>The value of an integer of any width; false for other kinds.</summary>
    public bool TryGetInteger(out long value)
    {
        bool isInteger = Kind is FieldKind.Int8 or FieldKind.UInt8 or FieldKind.Int16 or FieldKind.UInt16
            or FieldKind.Int32 or FieldKind.UInt32 or FieldKind.Int64;
        value = isInteger ? _bits : 0;
        return isInteger;
    }

    /// <summary>The value of a truth value; false for other kinds.</summary>
    public bool TryGetBoolean(out bool value)
    {
        value = Kind == FieldKind.Boolean && _bits != 0;
        return Kind == FieldKind.Boolean;
    }

    /// <summary>The value of a floating-point number of either width; false for other kinds.</summary>
    public bool TryGetDouble(out double value)
    {
        value = Kind switch
        {
            FieldKind.Single => BitConverter.Int32BitsToSingle((int)_bits),
            FieldKind.Double => BitConverter.Int64BitsToDouble(_bits),
            _ => 0,
        };
        return Kind is FieldKind.Single or FieldKind.Double;
    }

    /// <summary>The value of a decimal number; false for other kinds.</summary>
    public bool TryGetDecimal(out AmqpDecimal value)
    {
        bool isDecimal = Kind == FieldKind.Decimal;
        value = isDecimal ? new AmqpDecimal((byte)(_bits >> 32), (int)_bits) : default;
        return isDecimal;
    }

    /// <summary>The value of a timestamp; false for other kinds.</summary>
    public bool TryGetTimestamp(out AmqpTimestamp value)
    {
        value = Kind == FieldKind.Timestamp ? new AmqpTimestamp(_bits) : default;
        return Kind == FieldKind.Timestamp;
    }

    /// <summary>A long string as text; bytes that are no UTF-8 come out as U+FFFD. False for other kinds.</summary>
    public bool TryGetText([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? text)
    {
        text = Kind == FieldKind.LongString ? Encoding.UTF8.GetString((byte[])_content!) : null;
        return text is not null;
    }

    /// <summary>The bytes of a long string or byte array; false for other kinds.</summary>
    public bool TryGetBytes(out ReadOnlyMemory<byte> bytes)
    {
        bytes = _content as byte[];
        return _content is byte[];
    }

    /// <summary>The values of an array; false for other kinds.</summary>
    public bool TryGetArray(out ReadOnlyMemory<FieldValue> values)
    {
        values = _content as FieldValue[];
        return _content is FieldValue[];
    }

    /// <summary>A nested table; false for other kinds.</summary>
    public bool TryGetTable([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FieldTable? table)
    {
        table = _content as FieldTable;
        return table is not null;
    }

    /// <inheritdoc />
    public bool Equals(FieldValue other)
    {
        if (Kind != other.Kind || _bits != other._bits)
            return false;
        return _content switch
        {
            byte[] bytes => bytes.AsSpan().SequenceEqual((byte[])other._content!),
            FieldValue[] values => values.AsSpan().SequenceEqual((FieldValue[])other._content!),
            FieldTable table => table.Equals((FieldTable)other._content!),
            _ => true,
        };
    }

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is FieldValue other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Kind);
        hash.Add(_bits);
        switch (_content)
        {
            case byte[] bytes:
                hash.AddBytes(bytes);
                break;
            case FieldValue[] values:
                hash.Add(values.Length);
                break;
            case FieldTable table:
                hash.Add(table.Count);
                break;
        }

        return hash.ToHashCode();
    }

    /// <summary>The value for people to read.</summary>
    public override string ToString() => Kind switch
    {
        FieldKind.Void => "void",
        FieldKind.Boolean => _bits != 0 ? "true" : "false",
        FieldKind.Single or FieldKind.Double when TryGetDouble(out double number) => number.ToString(CultureInfo.InvariantCulture),
        FieldKind.Decimal => $"{(int)_bits}E-{_bits >> 32}",
        FieldKind.LongString when TryGetText(out string? text) => text,
        FieldKind.Bytes => Convert.ToHexString((byte[])_content!),
        FieldKind.Array => $"[{string.Join(", ", (FieldValue[])_content!)}]",
        FieldKind.Table => _content!.ToString()!,
        _ => _bits.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Whether kind and content are the same.</summary>
    public static bool operator ==(FieldValue left, FieldValue right) => left.Equals(right);

    /// <summary>Whether kind or content differ.</summary>
    public static bool operator !=(FieldValue left, FieldValue right) => !left.Equals(right);

    /// <summary>Takes over an array that the reader has just made.</summary>
    internal static FieldValue OfOwned(FieldValue[] values) => new(FieldKind.Array, 0, values);

    /// <summary>A value of a kind without content, by its bits.</summary>
    internal static FieldValue OfBits(FieldKind kind, long bits) => new(kind, bits);
}
