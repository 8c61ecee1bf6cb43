using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;

namespace MessagingModels.Formats.Properties;

/// <summary>
/// Looks single properties up in their encoded form, without decoding the others and without allocating.
/// <code>
/// flags uint16 | a field for each flag set, highest bit first
/// </code>
/// Properties from outside are checked once with <see cref="Validate"/>. A look-up in broken ones throws
/// <see cref="MalformedPropertiesException"/>. Nothing at all stands for no properties.
/// </summary>
public readonly ref struct BasicPropertiesReader
{
    private const BasicPropertyFlags All = (BasicPropertyFlags)0xFFFC;

    private readonly ReadOnlySpan<byte> _encoded;

    /// <summary>A reader over encoded properties, the flags word first.</summary>
    /// <exception cref="MalformedPropertiesException">The flags are cut off or ask for more than the 14 properties.</exception>
    public BasicPropertiesReader(ReadOnlySpan<byte> encoded)
    {
        _encoded = encoded;
        if (encoded.IsEmpty)
            return;
        if (encoded.Length < sizeof(ushort))
            throw new MalformedPropertiesException("The property flags are cut off", 0);
        Flags = (BasicPropertyFlags)BinaryPrimitives.ReadUInt16BigEndian(encoded);
        if ((Flags & ~All) != 0)
            throw new MalformedPropertiesException($"The property flags 0x{(ushort)Flags:x4} name unknown properties", 0);
    }

    /// <summary>The properties that are present.</summary>
    public BasicPropertyFlags Flags { get; }

    /// <summary>Whether a property is present.</summary>
    public bool Has(BasicPropertyFlags property) => (Flags & property) != 0;

    /// <summary>Checks every field, nested headers included, and that nothing follows the last.</summary>
    /// <exception cref="MalformedPropertiesException">Something does not fit.</exception>
    public void Validate()
    {
        if (_encoded.IsEmpty)
            return;
        if (TryGetHeaders(out ReadOnlySpan<byte> table))
        {
            int origin = PositionOf(BasicPropertyFlags.Headers) + sizeof(uint);
            FieldTableDecoder.Check(table, origin, isArray: false, depth: 1);
        }

        int end = SkipFields((ushort)Flags);
        if (end != _encoded.Length)
            throw new MalformedPropertiesException($"{_encoded.Length - end} bytes follow the properties", end);
    }

    /// <summary>The delivery mode: 1 for transient, 2 for persistent.</summary>
    public bool TryGetDeliveryMode(out byte deliveryMode) => TryGetOctet(BasicPropertyFlags.DeliveryMode, out deliveryMode);

    /// <summary>The priority.</summary>
    public bool TryGetPriority(out byte priority) => TryGetOctet(BasicPropertyFlags.Priority, out priority);

    /// <summary>The expiration as sent, which should be milliseconds in decimal digits.</summary>
    public bool TryGetExpirationText(out ReadOnlySpan<byte> text) => TryGetShortString(BasicPropertyFlags.Expiration, out text);

    /// <summary>The expiration as a time to live; false where there is none or it is no such number.</summary>
    public bool TryGetExpiration(out TimeSpan timeToLive)
    {
        timeToLive = default;
        if (!TryGetShortString(BasicPropertyFlags.Expiration, out ReadOnlySpan<byte> text))
            return false;
        if (!Utf8Parser.TryParse(text, out uint milliseconds, out int read) || read != text.Length)
            return false;
        timeToLive = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    /// <summary>The timestamp.</summary>
    public bool TryGetTimestamp(out AmqpTimestamp timestamp)
    {
        bool found = TryGetField(BasicPropertyFlags.Timestamp, out ReadOnlySpan<byte> field);
        timestamp = found ? new AmqpTimestamp(BinaryPrimitives.ReadInt64BigEndian(field)) : default;
        return found;
    }

    /// <summary>A property that is a short string, as bytes.</summary>
    /// <exception cref="ArgumentException">The property is not a short string.</exception>
    public bool TryGetShortString(BasicPropertyFlags property, out ReadOnlySpan<byte> text)
    {
        if (property is BasicPropertyFlags.Headers or BasicPropertyFlags.DeliveryMode
            or BasicPropertyFlags.Priority or BasicPropertyFlags.Timestamp)
            throw new ArgumentException($"The property {property} is no short string.", nameof(property));
        bool found = TryGetField(property, out ReadOnlySpan<byte> field);
        text = found ? field[1..] : default;
        return found;
    }

    /// <summary>The content of the headers table, without the length in front; <see cref="FieldTableReader"/> walks it.</summary>
    public bool TryGetHeaders(out ReadOnlySpan<byte> table)
    {
        bool found = TryGetField(BasicPropertyFlags.Headers, out ReadOnlySpan<byte> field);
        table = found ? field[sizeof(uint)..] : default;
        return found;
    }

    /// <summary>The first header of that name.</summary>
    public bool TryGetHeader(ReadOnlySpan<byte> nameUtf8, out FieldValueView value)
    {
        value = default;
        if (!TryGetHeaders(out ReadOnlySpan<byte> table))
            return false;
        var reader = new FieldTableReader(table);
        while (reader.MoveNext())
        {
            if (!reader.NameUtf8.SequenceEqual(nameUtf8))
                continue;
            value = reader.Value;
            return true;
        }

        return false;
    }

    /// <summary>A present property's bytes, its length in front where it has one.</summary>
    internal bool TryGetField(BasicPropertyFlags property, out ReadOnlySpan<byte> field)
    {
        field = default;
        if (!Has(property))
            return false;
        int start = PositionOf(property);
        field = _encoded.Slice(start, SizeAt(property, start));
        return true;
    }

    private bool TryGetOctet(BasicPropertyFlags property, out byte value)
    {
        bool found = TryGetField(property, out ReadOnlySpan<byte> field);
        value = found ? field[0] : default;
        return found;
    }

    /// <summary>Where a present property begins: behind those whose bits are above its own.</summary>
    private int PositionOf(BasicPropertyFlags property) => SkipFields((ushort)Flags & ~(((ushort)property << 1) - 1));

    /// <summary>Where the fields of these flags end.</summary>
    private int SkipFields(int flags)
    {
        int position = sizeof(ushort);
        while (flags != 0)
        {
            int highest = 1 << BitOperations.Log2((uint)flags);
            position += SizeAt((BasicPropertyFlags)highest, position);
            flags &= ~highest;
        }

        return position;
    }

    private int SizeAt(BasicPropertyFlags property, int position)
    {
        int left = _encoded.Length - position;
        long size = property switch
        {
            BasicPropertyFlags.DeliveryMode or BasicPropertyFlags.Priority => sizeof(byte),
            BasicPropertyFlags.Timestamp => sizeof(long),
            BasicPropertyFlags.Headers when left >= sizeof(uint) =>
                sizeof(uint) + (long)BinaryPrimitives.ReadUInt32BigEndian(_encoded[position..]),
            BasicPropertyFlags.Headers => sizeof(uint),
            _ => left > 0 ? 1 + _encoded[position] : 1,
        };
        return size <= left
            ? (int)size
            : throw new MalformedPropertiesException($"The property {property} of {size} bytes exceeds the {left} left", position);
    }
}
