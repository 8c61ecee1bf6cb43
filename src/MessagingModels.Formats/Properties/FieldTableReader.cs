using System.Buffers.Binary;
using System.Text;

namespace MessagingModels.Formats.Properties;

/// <summary>
/// Walks the fields of one encoded table in place, without allocating. Nested tables and arrays are stepped over by their
/// length; <see cref="FieldValueView.Decode"/> looks into them.
/// <code>
/// (name length uint8 | name | tag | value)*
/// </code>
/// </summary>
public ref struct FieldTableReader
{
    private readonly ReadOnlySpan<byte> _content;
    private readonly int _origin;
    private int _position;

    /// <summary>A reader before the first field of a table's content, without the length in front of it.</summary>
    public FieldTableReader(ReadOnlySpan<byte> content)
        : this(content, 0)
    {
    }

    internal FieldTableReader(ReadOnlySpan<byte> content, int origin)
    {
        _content = content;
        _origin = origin;
    }

    /// <summary>The name of the field the last <see cref="MoveNext"/> came to.</summary>
    public ReadOnlySpan<byte> NameUtf8 { readonly get; private set; }

    /// <summary>The name as a new string.</summary>
    public readonly string Name => Encoding.UTF8.GetString(NameUtf8);

    /// <summary>The value of that field.</summary>
    public FieldValueView Value { readonly get; private set; }

    /// <summary>Goes to the next field; false after the last.</summary>
    /// <exception cref="MalformedPropertiesException">A field does not fit the table, or its tag is unknown.</exception>
    public bool MoveNext()
    {
        if (_position == _content.Length)
            return false;
        int length = _content[_position];
        if (length > _content.Length - _position - 1)
            throw new MalformedPropertiesException($"A field name of {length} bytes exceeds the table", _origin + _position);
        NameUtf8 = _content.Slice(_position + 1, length);
        _position += 1 + length;
        Value = ReadValue(_content, ref _position, _origin);
        return true;
    }

    /// <summary>Reads a tag and the value's bytes, which stay encoded.</summary>
    internal static FieldValueView ReadValue(ReadOnlySpan<byte> content, scoped ref int position, int origin)
    {
        if (position >= content.Length)
            throw new MalformedPropertiesException("A field has no value", origin + position);
        int start = position;
        var kind = (FieldKind)content[position++];
        int size = SizeOf(kind);
        if (size < 0)
        {
            if (content.Length - position < sizeof(uint))
                throw new MalformedPropertiesException("A length is cut off", origin + position);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(content[position..]);
            position += sizeof(uint);
            if (length > content.Length - position)
                throw new MalformedPropertiesException($"A value of {length} bytes exceeds the table", origin + start);
            size = (int)length;
        }
        else if (size > content.Length - position)
        {
            throw new MalformedPropertiesException($"A value of kind '{(char)kind}' is cut off", origin + start);
        }
        else if (size == 0 && kind != FieldKind.Void)
        {
            throw new MalformedPropertiesException($"The field kind 0x{(byte)kind:x2} is unknown", origin + start);
        }

        var value = new FieldValueView(kind, content.Slice(position, size), origin + position);
        position += size;
        return value;
    }

    /// <summary>Bytes of a kind's values; -1 where a length says it, 0 for void and for what is no kind.</summary>
    private static int SizeOf(FieldKind kind) => kind switch
    {
        FieldKind.Boolean or FieldKind.Int8 or FieldKind.UInt8 => 1,
        FieldKind.Int16 or FieldKind.UInt16 => 2,
        FieldKind.Int32 or FieldKind.UInt32 or FieldKind.Single => 4,
        FieldKind.Decimal => 5,
        FieldKind.Int64 or FieldKind.Double or FieldKind.Timestamp => 8,
        FieldKind.LongString or FieldKind.Bytes or FieldKind.Array or FieldKind.Table => -1,
        _ => 0,
    };
}
