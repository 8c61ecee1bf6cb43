using System.Buffers.Text;
using System.Text;
using MessagingModels.Broker.Queues;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing.Channels;

/// <summary>A publish's properties with what the broker needs of them, read and checked once.</summary>
internal sealed class PublishedProperties
{
    public const string DirectReplyQueue = "amq.rabbitmq.reply-to";

    /// <summary>RabbitMQ's greatest time to live: ten years.</summary>
    private const long MaxExpirationMs = 315_360_000_000;

    public static readonly PublishedProperties None = new();

    private PublishedProperties()
    {
    }

    /// <summary>AMQP's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private init; }

    /// <summary>The same decoded, where whoever published had them at hand.</summary>
    public MessageProperties? Decoded { get; private init; }

    public bool Persistent { get; private init; }

    public byte Priority { get; private init; }

    public long ExpirationMs { get; private init; } = Message.NoExpiration;

    /// <summary>True where replies are to come to the publishing channel itself.</summary>
    public bool AsksForDirectReply { get; private init; }

    /// <summary>True where a BCC header is to be taken out on the way.</summary>
    public bool HasBlindCopies { get; private init; }

    /// <summary>Reads AMQP's bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="decoded">The same decoded, or null.</param>
    /// <param name="user">The connection's user.</param>
    /// <exception cref="ChannelException">406: the expiration is no number, CC or BCC is no list, or the user id is another's.</exception>
    /// <exception cref="MalformedPropertiesException">The bytes are no properties.</exception>
    public static PublishedProperties Read(ReadOnlyMemory<byte> bytes, MessageProperties? decoded, string user)
    {
        if (bytes.IsEmpty)
            return None;
        var reader = new BasicPropertiesReader(bytes.Span);
        if (reader.TryGetShortString(BasicPropertyFlags.UserId, out ReadOnlySpan<byte> userId) && Encoding.UTF8.GetString(userId) is { } name && name != user)
            throw ChannelErrors.Failed($"user_id property set to '{name}' but authenticated user was '{user}'");
        CheckCopies(reader, "CC");
        CheckCopies(reader, "BCC");
        return new PublishedProperties
        {
            Bytes = bytes,
            Decoded = decoded,
            Persistent = PropertiesCodec.IsPersistent(reader),
            Priority = reader.TryGetPriority(out byte priority) ? priority : (byte)0,
            ExpirationMs = reader.TryGetExpirationText(out ReadOnlySpan<byte> text) ? ParseExpiration(text) : Message.NoExpiration,
            AsksForDirectReply = reader.TryGetShortString(BasicPropertyFlags.ReplyTo, out ReadOnlySpan<byte> replyTo)
                && replyTo.SequenceEqual("amq.rabbitmq.reply-to"u8),
            HasBlindCopies = reader.TryGetHeader("BCC"u8, out _),
        };
    }

    /// <summary>The same with another queue to reply to.</summary>
    public PublishedProperties WithReplyTo(string queue)
    {
        System.Buffers.ArrayBufferWriter<byte> writer = new(Bytes.Length + queue.Length);
        (BasicProperties.Decode(Bytes.Span) with { ReplyTo = queue }).Encode(writer);
        return new PublishedProperties
        {
            Bytes = writer.WrittenMemory,
            Decoded = Decoded is null ? null : Decoded with { ReplyTo = queue },
            Persistent = Persistent,
            Priority = Priority,
            ExpirationMs = ExpirationMs,
            HasBlindCopies = HasBlindCopies,
        };
    }

    /// <summary>The bytes without the BCC header, which nobody who gets the message may see.</summary>
    public ReadOnlyMemory<byte> WithoutBlindCopies()
    {
        var reader = new BasicPropertiesReader(Bytes.Span);
        FieldTable headers = reader.TryGetHeaders(out ReadOnlySpan<byte> table) ? FieldTable.Decode(table) : [];
        headers.Remove("BCC");
        return PropertiesCodec.WithHeaders(Bytes.Span, headers.Count == 0 ? null : headers);
    }

    private static void CheckCopies(in BasicPropertiesReader reader, string header)
    {
        if (!reader.TryGetHeader(header == "CC" ? "CC"u8 : "BCC"u8, out FieldValueView value) || value.Kind == FieldKind.Array)
            return;
        string type = ArgumentEquivalence.NameOfType(FieldTableConversion.ToObject(value.Decode()));
        throw ChannelErrors.Failed($"invalid message: {{unacceptable_type_in_header,\"{header}\",{type}}}");
    }

    private static long ParseExpiration(ReadOnlySpan<byte> text)
    {
        string shown = Encoding.UTF8.GetString(text);
        if (!Utf8Parser.TryParse(text, out long ms, out int read))
            throw Invalid("no_integer");
        if (read < text.Length)
            throw Invalid($"{{leftover_string,\"{Encoding.UTF8.GetString(text[read..])}\"}}");
        return ms switch
        {
            < 0 => throw Invalid($"{{value_negative,{ms}}}"),
            > MaxExpirationMs => throw Invalid($"{{value_too_large,{ms}}}"),
            _ => ms,
        };

        ChannelException Invalid(string reason) => ChannelErrors.Failed($"invalid expiration '{shown}': {reason}");
    }
}
