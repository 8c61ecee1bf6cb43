using System.Buffers;
using System.Globalization;
using System.Text;
using MessagingModels.Broker.Queues;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// How a message becomes a record of a topic, and back. Nothing is lost on the way; what is text in AMQP is readable text in the record.
/// <code>
/// AMQP                          record
/// body                          value
/// routing key                   key in UTF-8; no key where it is empty
/// exchange                      header amqp.exchange; absent for the default exchange
/// content-type, -encoding       headers amqp.content-type, amqp.content-encoding
/// correlation-id, reply-to,     headers amqp.correlation-id, amqp.reply-to,
/// message-id, type, user-id,    amqp.message-id, amqp.type, amqp.user-id,
/// app-id, cluster-id            amqp.app-id, amqp.cluster-id
/// expiration                    header amqp.expiration, milliseconds as text
/// delivery-mode, priority       headers amqp.delivery-mode, amqp.priority, digits
/// timestamp                     header amqp.timestamp, seconds since 1970 as digits; the record's own timestamp is its append time
/// header, text                  header of the same name, UTF-8
/// header, any other type        header of the same name: readable where it is a number or a truth value, else AMQP's bytes;
///                               and after it a header amqp.field.NAME with AMQP's bytes of the value (type tag first)
/// header named amqp.*           header amqp.field.NAME alone
/// </code>
/// </summary>
internal static class AmqpRecordMapping
{
    private const string Prefix = "amqp.";
    private const string FieldPrefix = "amqp.field.";
    private const string ExchangeHeader = "amqp.exchange";
    private const string DeliveryModeHeader = "amqp.delivery-mode";
    private const string PriorityHeader = "amqp.priority";
    private const string TimestampHeader = "amqp.timestamp";

    private static readonly (string Header, BasicPropertyFlags Property)[] s_texts =
    [
        ("amqp.content-type", BasicPropertyFlags.ContentType), ("amqp.content-encoding", BasicPropertyFlags.ContentEncoding),
        ("amqp.correlation-id", BasicPropertyFlags.CorrelationId), ("amqp.reply-to", BasicPropertyFlags.ReplyTo),
        ("amqp.expiration", BasicPropertyFlags.Expiration), ("amqp.message-id", BasicPropertyFlags.MessageId),
        ("amqp.type", BasicPropertyFlags.Type), ("amqp.user-id", BasicPropertyFlags.UserId),
        ("amqp.app-id", BasicPropertyFlags.AppId), ("amqp.cluster-id", BasicPropertyFlags.ClusterId),
    ];

    /// <summary>The record of a message.</summary>
    public static ProducerRecord ToRecord(string topic, in Message message)
    {
        ReadOnlyMemory<byte>? key = message.RoutingKey.Length == 0 ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(message.RoutingKey);
        return new ProducerRecord(topic, key, message.Body) { Headers = HeadersOf(message) };
    }

    /// <summary>The message of a record.</summary>
    /// <exception cref="FormatException">A header that only this mapping writes holds something else.</exception>
    public static Message ToMessage(in LogRecord record)
    {
        BasicProperties properties = PropertiesOf(record.Headers, out string exchange);
        ArrayBufferWriter<byte> writer = new();
        properties.Encode(writer);
        return new Message
        {
            Exchange = exchange,
            RoutingKey = record.KeyText ?? "",
            Body = record.Value,
            Properties = writer.WrittenMemory,
            Persistent = properties.DeliveryMode == 2,
            Priority = properties.Priority ?? 0,
            ExpirationMs = uint.TryParse(properties.Expiration, NumberStyles.None, CultureInfo.InvariantCulture, out uint ms)
                ? ms
                : Message.NoExpiration,
            PublishedAtMs = record.Timestamp.ToUnixTimeMilliseconds(),
        };
    }

    private static RecordHeaders? HeadersOf(in Message message)
    {
        if (message.Exchange.Length == 0 && message.Properties.IsEmpty)
            return null;
        RecordHeaders headers = new();
        if (message.Exchange.Length > 0)
            headers.Add(ExchangeHeader, message.Exchange);
        var properties = new BasicPropertiesReader(message.Properties.Span);
        foreach ((string header, BasicPropertyFlags property) in s_texts)
        {
            if (properties.TryGetShortString(property, out ReadOnlySpan<byte> text))
                headers.Add(header, (ReadOnlyMemory<byte>)text.ToArray());
        }

        if (properties.TryGetDeliveryMode(out byte mode))
            headers.Add(DeliveryModeHeader, mode.ToString(CultureInfo.InvariantCulture));
        if (properties.TryGetPriority(out byte priority))
            headers.Add(PriorityHeader, priority.ToString(CultureInfo.InvariantCulture));
        if (properties.TryGetTimestamp(out AmqpTimestamp timestamp))
            headers.Add(TimestampHeader, timestamp.UnixSeconds.ToString(CultureInfo.InvariantCulture));
        if (properties.TryGetHeaders(out ReadOnlySpan<byte> table))
            AddFields(headers, FieldTable.Decode(table));
        return headers;
    }

    private static void AddFields(RecordHeaders headers, FieldTable table)
    {
        foreach (Field field in table)
        {
            bool isReserved = field.Name.StartsWith(Prefix, StringComparison.Ordinal);
            bool isText = field.Value.Kind == FieldKind.LongString;
            if (!isReserved && field.Value.TryGetBytes(out ReadOnlyMemory<byte> bytes))
                headers.Add(field.Name, bytes);
            else if (!isReserved)
                headers.Add(field.Name, field.Value.ToString());
            if (isReserved || !isText)
                headers.Add(FieldPrefix + field.Name, (ReadOnlyMemory<byte>)EncodeField(field.Value));
        }
    }

    private static BasicProperties PropertiesOf(RecordHeaders headers, out string exchange)
    {
        exchange = headers.TryGetLast(ExchangeHeader, out RecordHeader source) ? source.Text ?? "" : "";
        BasicProperties properties = new()
        {
            ContentType = TextOf(headers, "amqp.content-type"),
            ContentEncoding = TextOf(headers, "amqp.content-encoding"),
            DeliveryMode = (byte?)NumberOf(headers, DeliveryModeHeader),
            Priority = (byte?)NumberOf(headers, PriorityHeader),
            CorrelationId = TextOf(headers, "amqp.correlation-id"),
            ReplyTo = TextOf(headers, "amqp.reply-to"),
            Expiration = TextOf(headers, "amqp.expiration"),
            MessageId = TextOf(headers, "amqp.message-id"),
            Timestamp = NumberOf(headers, TimestampHeader) is { } seconds ? new AmqpTimestamp(seconds) : null,
            Type = TextOf(headers, "amqp.type"),
            UserId = TextOf(headers, "amqp.user-id"),
            AppId = TextOf(headers, "amqp.app-id"),
            ClusterId = TextOf(headers, "amqp.cluster-id"),
        };
        FieldTable table = [];
        foreach (RecordHeader header in headers)
        {
            if (header.Key.StartsWith(FieldPrefix, StringComparison.Ordinal))
                table[header.Key[FieldPrefix.Length..]] = DecodeField(header.Value.GetValueOrDefault().Span);
            else if (!header.Key.StartsWith(Prefix, StringComparison.Ordinal))
                table[header.Key] = header.Value is { } bytes ? FieldValue.FromLongString(bytes.Span) : FieldValue.Void;
        }

        return table.Count == 0 ? properties : properties with { Headers = table };
    }

    private static string? TextOf(RecordHeaders headers, string name) => headers.TryGetLast(name, out RecordHeader header) ? header.Text : null;

    private static long? NumberOf(RecordHeaders headers, string name)
        => TextOf(headers, name) is { } digits ? long.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;

    /// <summary>A value as a table with one nameless field; its length and the empty name (4 + 1 bytes) are left out.</summary>
    private static byte[] EncodeField(FieldValue value)
    {
        ArrayBufferWriter<byte> writer = new();
        FieldTable table = [];
        table.Add("", value);
        table.Encode(writer);
        return writer.WrittenSpan[5..].ToArray();
    }

    private static FieldValue DecodeField(ReadOnlySpan<byte> encoded)
    {
        try
        {
            return FieldTable.Decode([0, .. encoded])[0].Value;
        }
        catch (MalformedPropertiesException error)
        {
            throw new FormatException("A record header of the form amqp.field.NAME holds no AMQP value.", error);
        }
    }
}
