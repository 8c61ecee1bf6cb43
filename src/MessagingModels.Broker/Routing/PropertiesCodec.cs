using System.Buffers;
using System.Globalization;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing;

/// <summary>The API's message properties as AMQP's bytes and back. The two common sets, none and "persistent", cost nothing either way.</summary>
internal static class PropertiesCodec
{
    private const byte PersistentMode = 2;

    /// <summary>Flags with delivery-mode alone, then 2.</summary>
    private static readonly byte[] s_persistentOnly = [0x10, 0x00, PersistentMode];

    /// <exception cref="ArgumentException">A text has more than 255 bytes, or a header's value is of no type that AMQP knows.</exception>
    public static ReadOnlyMemory<byte> Encode(MessageProperties properties)
    {
        if (ReferenceEquals(properties, MessageProperties.PersistentOnly))
            return s_persistentOnly;
        if (ReferenceEquals(properties, MessageProperties.Empty))
            return default;
        ShortText.Check(properties);
        ArrayBufferWriter<byte> writer = new(64);
        new BasicProperties
        {
            ContentType = properties.ContentType,
            ContentEncoding = properties.ContentEncoding,
            Headers = properties.Headers.Count == 0 ? null : FieldTableConversion.ToTable(properties.Headers),
            DeliveryMode = properties.Persistent ? PersistentMode : null,
            Priority = properties.Priority,
            CorrelationId = properties.CorrelationId,
            ReplyTo = properties.ReplyTo,
            Expiration = properties.Expiration is { } time
                ? ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
                : null,
            MessageId = properties.MessageId,
            Timestamp = properties.Timestamp is { } moment ? AmqpTimestamp.From(moment) : null,
            Type = properties.Type,
            UserId = properties.UserId,
            AppId = properties.AppId,
            ClusterId = properties.ClusterId,
        }.Encode(writer);
        return writer.WrittenSpan.SequenceEqual((ReadOnlySpan<byte>)[0, 0]) ? default : writer.WrittenMemory;
    }

    /// <exception cref="MalformedPropertiesException">The bytes are no properties.</exception>
    public static MessageProperties Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
            return MessageProperties.Empty;
        if (encoded.SequenceEqual(s_persistentOnly))
            return MessageProperties.PersistentOnly;
        BasicProperties decoded = BasicProperties.Decode(encoded);
        return new MessageProperties
        {
            ContentType = decoded.ContentType,
            ContentEncoding = decoded.ContentEncoding,
            Headers = decoded.Headers is { Count: > 0 } table ? FieldTableConversion.ToDictionary(table) : MessageProperties.Empty.Headers,
            Persistent = decoded.DeliveryMode == PersistentMode,
            Priority = decoded.Priority,
            CorrelationId = decoded.CorrelationId,
            ReplyTo = decoded.ReplyTo,
            Expiration = uint.TryParse(decoded.Expiration, NumberStyles.None, CultureInfo.InvariantCulture, out uint ms)
                ? TimeSpan.FromMilliseconds(ms)
                : null,
            MessageId = decoded.MessageId,
            Timestamp = decoded.Timestamp is { } timestamp && timestamp.TryGetMoment(out DateTimeOffset moment) ? moment : null,
            Type = decoded.Type,
            UserId = decoded.UserId,
            AppId = decoded.AppId,
            ClusterId = decoded.ClusterId,
        };
    }

    public static bool IsPersistent(in BasicPropertiesReader properties)
        => properties.TryGetDeliveryMode(out byte mode) && mode == PersistentMode;

    /// <summary>The bytes with other headers; everything else stays as it is.</summary>
    public static ReadOnlyMemory<byte> WithHeaders(ReadOnlySpan<byte> encoded, FieldTable? headers, bool withoutExpiration = false)
    {
        ArrayBufferWriter<byte> writer = new(encoded.Length + 64);
        BasicPropertiesEditor.ReplaceHeaders(encoded, headers, writer, withoutExpiration);
        return writer.WrittenMemory;
    }
}
