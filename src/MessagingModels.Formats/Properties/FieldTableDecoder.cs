using System.Buffers.Binary;

namespace MessagingModels.Formats.Properties;

/// <summary>Decodes what <see cref="FieldTableReader"/> found, depth first and with a limit on it.</summary>
internal static class FieldTableDecoder
{
    public static FieldTable DecodeTable(ReadOnlySpan<byte> content, int origin, int depth)
    {
        CheckDepth(depth, origin);
        var table = new FieldTable();
        var reader = new FieldTableReader(content, origin);
        while (reader.MoveNext())
            table.AddDecoded(reader.Name, DecodeValue(reader.Value, depth));
        return table;
    }

    public static FieldValue DecodeValue(FieldValueView value, int depth) => value.Kind switch
    {
        FieldKind.LongString => FieldValue.FromLongString(value.Content),
        FieldKind.Bytes => FieldValue.FromBytes(value.Content),
        FieldKind.Table => FieldValue.From(DecodeTable(value.Content, value.Origin, depth + 1)),
        FieldKind.Array => DecodeArray(value, depth + 1),
        _ => DecodeScalar(value),
    };

    public static FieldValue DecodeScalar(FieldValueView value)
    {
        ReadOnlySpan<byte> content = value.Content;
        return value.Kind switch
        {
            FieldKind.Boolean => FieldValue.From(content[0] != 0),
            FieldKind.Int8 => FieldValue.From((sbyte)content[0]),
            FieldKind.UInt8 => FieldValue.From(content[0]),
            FieldKind.Int16 => FieldValue.From(BinaryPrimitives.ReadInt16BigEndian(content)),
            FieldKind.UInt16 => FieldValue.From(BinaryPrimitives.ReadUInt16BigEndian(content)),
            FieldKind.Int32 => FieldValue.From(BinaryPrimitives.ReadInt32BigEndian(content)),
            FieldKind.UInt32 => FieldValue.From(BinaryPrimitives.ReadUInt32BigEndian(content)),
            // By their bits: a conversion could change a NaN.
            FieldKind.Single => FieldValue.OfBits(FieldKind.Single, BinaryPrimitives.ReadInt32BigEndian(content)),
            FieldKind.Int64 or FieldKind.Double or FieldKind.Timestamp =>
                FieldValue.OfBits(value.Kind, BinaryPrimitives.ReadInt64BigEndian(content)),
            FieldKind.Decimal => FieldValue.From(new AmqpDecimal(content[0], BinaryPrimitives.ReadInt32BigEndian(content[1..]))),
            _ => FieldValue.Void,
        };
    }

    /// <summary>Walks a table and all that is nested in it without decoding.</summary>
    public static void Check(ReadOnlySpan<byte> content, int origin, bool isArray, int depth)
    {
        CheckDepth(depth, origin);
        var reader = new FieldTableReader(content, origin);
        int position = 0;
        while (isArray ? position < content.Length : reader.MoveNext())
        {
            FieldValueView value = isArray ? FieldTableReader.ReadValue(content, ref position, origin) : reader.Value;
            if (value.Kind is FieldKind.Table or FieldKind.Array)
                Check(value.Content, value.Origin, value.Kind == FieldKind.Array, depth + 1);
        }
    }

    private static FieldValue DecodeArray(FieldValueView array, int depth)
    {
        CheckDepth(depth, array.Origin);
        var values = new List<FieldValue>();
        int position = 0;
        while (position < array.Content.Length)
            values.Add(DecodeValue(FieldTableReader.ReadValue(array.Content, ref position, array.Origin), depth));
        return FieldValue.OfOwned([.. values]);
    }

    private static void CheckDepth(int depth, int origin)
    {
        if (depth > FieldTable.MaxNestingDepth)
            throw new MalformedPropertiesException($"Tables and arrays are nested deeper than {FieldTable.MaxNestingDepth}", origin);
    }
}
