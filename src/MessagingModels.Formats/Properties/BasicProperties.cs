using System.Buffers;
using System.Text;

namespace MessagingModels.Formats.Properties;

/// <summary>The 14 properties of a message in AMQP 0-9-1, decoded. What is null is absent.</summary>
/// <remarks>Source: AMQP 0-9-1 specification, class basic.</remarks>
public sealed record BasicProperties
{
    /// <summary>MIME content type.</summary>
    public string? ContentType { get; init; }

    /// <summary>MIME content encoding.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>The headers.</summary>
    public FieldTable? Headers { get; init; }

    /// <summary>1 for transient, 2 for persistent.</summary>
    public byte? DeliveryMode { get; init; }

    /// <summary>Priority; queues with priorities deliver greater ones first.</summary>
    public byte? Priority { get; init; }

    /// <summary>The application's correlation identifier.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Queue to reply to.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Time to live in milliseconds, as decimal digits.</summary>
    public string? Expiration { get; init; }

    /// <summary>The application's message identifier.</summary>
    public string? MessageId { get; init; }

    /// <summary>When the message was made, by its sender.</summary>
    public AmqpTimestamp? Timestamp { get; init; }

    /// <summary>The application's type name for the message.</summary>
    public string? Type { get; init; }

    /// <summary>The user that sent the message; a broker checks it.</summary>
    public string? UserId { get; init; }

    /// <summary>The application that sent the message.</summary>
    public string? AppId { get; init; }

    /// <summary>Deprecated by the specification, and kept.</summary>
    public string? ClusterId { get; init; }

    /// <summary>
    /// Decodes properties, the flags word first; nothing at all stands for none. Text that is no UTF-8 has U+FFFD in place of
    /// the wrong bytes.
    /// </summary>
    /// <exception cref="MalformedPropertiesException">Something does not fit, or bytes follow.</exception>
    public static BasicProperties Decode(ReadOnlySpan<byte> encoded)
    {
        var reader = new BasicPropertiesReader(encoded);
        reader.Validate();
        return new BasicProperties
        {
            ContentType = Text(reader, BasicPropertyFlags.ContentType),
            ContentEncoding = Text(reader, BasicPropertyFlags.ContentEncoding),
            Headers = reader.TryGetHeaders(out ReadOnlySpan<byte> table) ? FieldTable.Decode(table) : null,
            DeliveryMode = reader.TryGetDeliveryMode(out byte deliveryMode) ? deliveryMode : null,
            Priority = reader.TryGetPriority(out byte priority) ? priority : null,
            CorrelationId = Text(reader, BasicPropertyFlags.CorrelationId),
            ReplyTo = Text(reader, BasicPropertyFlags.ReplyTo),
            Expiration = Text(reader, BasicPropertyFlags.Expiration),
            MessageId = Text(reader, BasicPropertyFlags.MessageId),
            Timestamp = reader.TryGetTimestamp(out AmqpTimestamp timestamp) ? timestamp : null,
            Type = Text(reader, BasicPropertyFlags.Type),
            UserId = Text(reader, BasicPropertyFlags.UserId),
            AppId = Text(reader, BasicPropertyFlags.AppId),
            ClusterId = Text(reader, BasicPropertyFlags.ClusterId),
        };
    }

    /// <summary>Writes the properties, the flags word first.</summary>
    /// <exception cref="ArgumentException">A text has more than 255 bytes of UTF-8.</exception>
    /// <exception cref="InvalidOperationException">The headers are nested too deep.</exception>
    public void Encode(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var writer = new PropertyWriter();
        try
        {
            Write(ref writer);
            destination.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private void Write(ref PropertyWriter writer)
    {
        writer.WriteUInt16((ushort)PresentFlags());
        WriteText(ref writer, ContentType, "content type");
        WriteText(ref writer, ContentEncoding, "content encoding");
        if (Headers is not null)
            writer.WriteTable(Headers, 1);
        if (DeliveryMode is { } deliveryMode)
            writer.WriteByte(deliveryMode);
        if (Priority is { } priority)
            writer.WriteByte(priority);
        WriteText(ref writer, CorrelationId, "correlation id");
        WriteText(ref writer, ReplyTo, "reply-to");
        WriteText(ref writer, Expiration, "expiration");
        WriteText(ref writer, MessageId, "message id");
        if (Timestamp is { } timestamp)
            writer.WriteInt64(timestamp.UnixSeconds);
        WriteText(ref writer, Type, "type");
        WriteText(ref writer, UserId, "user id");
        WriteText(ref writer, AppId, "application id");
        WriteText(ref writer, ClusterId, "cluster id");
    }

    private BasicPropertyFlags PresentFlags() =>
        Flag(ContentType is not null, BasicPropertyFlags.ContentType)
        | Flag(ContentEncoding is not null, BasicPropertyFlags.ContentEncoding)
        | Flag(Headers is not null, BasicPropertyFlags.Headers)
        | Flag(DeliveryMode is not null, BasicPropertyFlags.DeliveryMode)
        | Flag(Priority is not null, BasicPropertyFlags.Priority)
        | Flag(CorrelationId is not null, BasicPropertyFlags.CorrelationId)
        | Flag(ReplyTo is not null, BasicPropertyFlags.ReplyTo)
        | Flag(Expiration is not null, BasicPropertyFlags.Expiration)
        | Flag(MessageId is not null, BasicPropertyFlags.MessageId)
        | Flag(Timestamp is not null, BasicPropertyFlags.Timestamp)
        | Flag(Type is not null, BasicPropertyFlags.Type)
        | Flag(UserId is not null, BasicPropertyFlags.UserId)
        | Flag(AppId is not null, BasicPropertyFlags.AppId)
        | Flag(ClusterId is not null, BasicPropertyFlags.ClusterId);

    private static BasicPropertyFlags Flag(bool isPresent, BasicPropertyFlags flag) => isPresent ? flag : BasicPropertyFlags.None;

    private static void WriteText(ref PropertyWriter writer, string? text, string what)
    {
        if (text is not null)
            writer.WriteShortString(text, what);
    }

    private static string? Text(BasicPropertiesReader reader, BasicPropertyFlags property) =>
        reader.TryGetShortString(property, out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : null;
}
