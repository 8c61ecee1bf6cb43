using System.Collections;
using System.Text;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Mapping;

/// <summary>
/// Values of headers and arguments between the API and RabbitMQ.Client. The client reads an empty list or table inside another as null, and
/// text as bytes: what is valid UTF-8 is text again here, and bytes travel as byte arrays (type <c>x</c>) so that they stay bytes.
/// </summary>
internal static class FieldTableMapping
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>A table for the client; a new dictionary each time, for the client may add to it.</summary>
    /// <exception cref="ArgumentException">A value is of no type that AMQP knows, or a name is too long.</exception>
    public static Dictionary<string, object?> ToClient(IEnumerable<KeyValuePair<string, object?>> values)
    {
        Dictionary<string, object?> table = new(StringComparer.Ordinal);
        foreach ((string name, object? value) in values)
        {
            ShortText.CheckHeader(name);
            table[name] = ToClient(name, value);
        }

        return table;
    }

    /// <summary>A table as the API shows it.</summary>
    public static Dictionary<string, object?> FromClient(IEnumerable<KeyValuePair<string, object?>> table)
    {
        Dictionary<string, object?> values = new(StringComparer.Ordinal);
        foreach ((string name, object? value) in table)
            values[name] = FromClient(value);
        return values;
    }

    private static object? ToClient(string name, object? value) => value switch
    {
        null or string or bool or sbyte or byte or short or ushort or int or uint or long or float or double => value,
        decimal number => Checked(name, number),
        byte[] bytes => new BinaryTableValue(bytes),
        DateTimeOffset moment => new AmqpTimestamp(moment.ToUnixTimeSeconds()),
        IEnumerable<KeyValuePair<string, object?>> table => ToClient(table),
        IEnumerable list => list.Cast<object?>().Select(item => ToClient(name, item)).ToList(),
        _ => throw new ArgumentException(
            $"'{name}' has a value of type {value.GetType()}; use text, numbers, bool, byte[], DateTimeOffset, lists or dictionaries."),
    };

    private static object? FromClient(object? value) => value switch
    {
        byte[] text => TextOrBytes(text),
        BinaryTableValue binary => binary.Bytes,
        AmqpTimestamp timestamp => ToMoment(timestamp) ?? (object)timestamp.UnixTime,
        IEnumerable<KeyValuePair<string, object?>> table => FromClient(table),
        IList list => list.Cast<object?>().Select(FromClient).ToList(),
        _ => value,
    };

    /// <summary>A time; null where the seconds are beyond what <see cref="DateTimeOffset"/> holds.</summary>
    public static DateTimeOffset? ToMoment(AmqpTimestamp timestamp)
        => timestamp.UnixTime >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && timestamp.UnixTime <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(timestamp.UnixTime)
            : null;

    private static object TextOrBytes(byte[] bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return bytes;
        }
    }

    /// <summary>AMQP's decimals have 31 bits of digits; .NET's beyond them cannot be sent.</summary>
    private static decimal Checked(string name, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        return bits[1] == 0 && bits[2] == 0 && bits[0] >= 0
            ? value
            : throw new ArgumentException($"'{name}' has the value {value}, which has more digits than an AMQP decimal takes (31 bits).");
    }
}
