namespace MessagingModels.Formats.Properties;

/// <summary>One value of an encoded field table, in place.</summary>
public readonly ref struct FieldValueView
{
    private readonly int _origin;

    internal FieldValueView(FieldKind kind, ReadOnlySpan<byte> content, int origin)
    {
        Kind = kind;
        Content = content;
        _origin = origin;
    }

    /// <summary>The type.</summary>
    public FieldKind Kind { get; }

    /// <summary>The encoded value without tag and, where its kind has one, without the length.</summary>
    public ReadOnlySpan<byte> Content { get; }

    internal int Origin => _origin;

    /// <summary>The value of an integer of any width; false for other kinds.</summary>
    public bool TryGetInteger(out long value)
    {
        if (Kind is FieldKind.LongString or FieldKind.Bytes or FieldKind.Array or FieldKind.Table)
        {
            value = 0;
            return false;
        }

        return FieldTableDecoder.DecodeScalar(this).TryGetInteger(out value);
    }

    /// <summary>The bytes of a long string or byte array; false for other kinds.</summary>
    public bool TryGetBytes(out ReadOnlySpan<byte> bytes)
    {
        bool hasBytes = Kind is FieldKind.LongString or FieldKind.Bytes;
        bytes = hasBytes ? Content : default;
        return hasBytes;
    }

    /// <summary>Decodes the value and all that is nested in it.</summary>
    /// <exception cref="MalformedPropertiesException">What is nested breaks the format or is too deep.</exception>
    public FieldValue Decode() => FieldTableDecoder.DecodeValue(this, 1);
}
