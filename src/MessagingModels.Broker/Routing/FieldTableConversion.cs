using System.Collections;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing;

/// <summary>Field tables as the API's dictionaries and back. Of a name that occurs twice the first counts.</summary>
internal static class FieldTableConversion
{
    /// <exception cref="ArgumentException">A value is of no type that AMQP knows, or a name is too long.</exception>
    public static FieldTable ToTable(IEnumerable<KeyValuePair<string, object?>> values)
    {
        FieldTable table = [];
        foreach ((string name, object? value) in values)
        {
            ShortText.CheckHeader(name);
            table.Add(name, ToField(name, value));
        }

        return table;
    }

    public static Dictionary<string, object?> ToDictionary(FieldTable table)
    {
        Dictionary<string, object?> values = new(table.Count, StringComparer.Ordinal);
        foreach (Field field in table)
            values.TryAdd(field.Name, ToObject(field.Value));
        return values;
    }

    public static FieldValue ToField(string name, object? value) => value switch
    {
        null => FieldValue.Void,
        string text => FieldValue.From(text),
        bool flag => FieldValue.From(flag),
        int number => FieldValue.From(number),
        long number => FieldValue.From(number),
        sbyte number => FieldValue.From(number),
        byte number => FieldValue.From(number),
        short number => FieldValue.From(number),
        ushort number => FieldValue.From(number),
        uint number => FieldValue.From(number),
        float number => FieldValue.From(number),
        double number => FieldValue.From(number),
        decimal number => FieldValue.From(ToAmqpDecimal(name, number)),
        byte[] bytes => FieldValue.FromBytes(bytes),
        DateTimeOffset moment => FieldValue.From(AmqpTimestamp.From(moment)),
        IEnumerable<KeyValuePair<string, object?>> table => FieldValue.From(ToTable(table)),
        IEnumerable list => FieldValue.FromArray([.. list.Cast<object?>().Select(item => ToField(name, item))]),
        _ => throw new ArgumentException(
            $"The header '{name}' has a value of type {value.GetType()}; use text, numbers, bool, byte[], DateTimeOffset, lists or dictionaries."),
    };

    public static object? ToObject(FieldValue value)
    {
        switch (value.Kind)
        {
            case FieldKind.LongString:
                return value.TryGetText(out string? text) ? text : null;
            case FieldKind.Bytes:
                return value.TryGetBytes(out ReadOnlyMemory<byte> bytes) ? bytes.ToArray() : null;
            case FieldKind.Boolean:
                return value.TryGetBoolean(out bool flag) && flag;
            case FieldKind.Single:
                return value.TryGetDouble(out double single) ? (float)single : null;
            case FieldKind.Double:
                return value.TryGetDouble(out double real) ? real : null;
            case FieldKind.Decimal:
                return value.TryGetDecimal(out AmqpDecimal number) ? ToDecimal(number) : null;
            case FieldKind.Timestamp:
                return value.TryGetTimestamp(out AmqpTimestamp timestamp) && timestamp.TryGetMoment(out DateTimeOffset moment) ? moment : null;
            case FieldKind.Table:
                return value.TryGetTable(out FieldTable? table) ? ToDictionary(table) : null;
            case FieldKind.Array:
                return value.TryGetArray(out ReadOnlyMemory<FieldValue> items) ? ToList(items.Span) : null;
            default:
                return value.TryGetInteger(out long integer) ? Narrow(value.Kind, integer) : null;
        }
    }

    private static List<object?> ToList(ReadOnlySpan<FieldValue> items)
    {
        List<object?> list = new(items.Length);
        foreach (FieldValue item in items)
            list.Add(ToObject(item));
        return list;
    }

    private static object Narrow(FieldKind kind, long value) => kind switch
    {
        // Without the cast every arm would be widened to the last one's type.
        FieldKind.Int8 => (object)(sbyte)value,
        FieldKind.UInt8 => (byte)value,
        FieldKind.Int16 => (short)value,
        FieldKind.UInt16 => (ushort)value,
        FieldKind.Int32 => (int)value,
        FieldKind.UInt32 => (uint)value,
        _ => value,
    };

    /// <summary>AMQP's decimals have 32 bits; .NET's digits beyond them cannot be sent.</summary>
    private static AmqpDecimal ToAmqpDecimal(string name, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        if (bits[1] != 0 || bits[2] != 0 || bits[0] < 0)
            throw new ArgumentException($"The header '{name}' has the value {value}, which has more digits than an AMQP decimal takes (31 bits).");
        byte scale = (byte)((bits[3] >> 16) & 0xff);
        return new AmqpDecimal(scale, bits[3] < 0 ? -bits[0] : bits[0]);
    }

    private static decimal ToDecimal(AmqpDecimal value)
    {
        const byte MaxScale = 28;
        uint digits = (uint)Math.Abs((long)value.Unscaled);
        return value.Scale > MaxScale ? 0m : new decimal((int)digits, 0, 0, value.Unscaled < 0, value.Scale);
    }
}
