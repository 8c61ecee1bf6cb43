using System.Buffers.Binary;
using System.Text;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>What a record of a queue's log is, and which of the optional fields its key has.</summary>
[Flags]
internal enum QueueRecordFlags : byte
{
    None = 0,

    /// <summary>The message is kept over a restart.</summary>
    Persistent = 1,

    /// <summary>The message has a time to live of its own.</summary>
    Expiration = 2,

    /// <summary>The message has a priority.</summary>
    Priority = 4,

    /// <summary>The value is no body but its place in the payload store.</summary>
    SharedPayload = 8,

    /// <summary>No message: the value lists offsets that a transaction, of whose batch this is the last record, removed.</summary>
    Removals = 16,

    /// <summary>The message's CC no longer counts.</summary>
    IgnoresCopies = 32,

    /// <summary>The record of deaths in the message's headers is the broker's own.</summary>
    HasDied = 64,
}

/// <summary>
/// A message as a record of a queue's log: record batches of format v2, the timestamp is when the queue took it, there are no headers.
/// <code>
/// key:   flags int8 | [expiration in ms, varlong] | [priority int8]
///        | exchange length varint, exchange | routing key length varint, routing key | AMQP basic properties, to the end
/// value: the body | log number int32, offset int64, body length int32 in the payload store | (removals) count varint, (gap varlong, length varlong)*
/// </code>
/// </summary>
internal static class QueueRecord
{
    public const int PayloadReferenceBytes = 16;
    private const int MaxFixedBytes = 1 + Varint.MaxLongSizeInBytes + 1 + (2 * Varint.MaxSizeInBytes);

    /// <summary>The most bytes that a message's key takes.</summary>
    public static int MaxKeyBytes(in Message message) =>
        MaxFixedBytes + Encoding.UTF8.GetMaxByteCount(message.Exchange.Length) + Encoding.UTF8.GetMaxByteCount(message.RoutingKey.Length) + message.Properties.Length;

    public static int WriteKey(Span<byte> key, in Message message, bool isPersistent)
    {
        QueueRecordFlags flags = (isPersistent ? QueueRecordFlags.Persistent : QueueRecordFlags.None)
            | (message.ExpirationMs >= 0 ? QueueRecordFlags.Expiration : QueueRecordFlags.None)
            | (message.Priority > 0 ? QueueRecordFlags.Priority : QueueRecordFlags.None)
            | (message.HasDied ? QueueRecordFlags.HasDied : QueueRecordFlags.None)
            | (message.IgnoresCopies ? QueueRecordFlags.IgnoresCopies : QueueRecordFlags.None)
            | (message.Payload.IsNone ? QueueRecordFlags.None : QueueRecordFlags.SharedPayload);
        key[0] = (byte)flags;
        int at = 1;
        if (message.ExpirationMs >= 0)
            at += Varint.WriteLong(key[at..], message.ExpirationMs);
        if (message.Priority > 0)
            key[at++] = message.Priority;
        at += WriteText(key[at..], message.Exchange);
        at += WriteText(key[at..], message.RoutingKey);
        message.Properties.Span.CopyTo(key[at..]);
        return at + message.Properties.Length;
    }

    public static void WritePayloadReference(Span<byte> value, in Message message)
    {
        BinaryPrimitives.WriteInt32BigEndian(value, message.Payload.LogNumber);
        BinaryPrimitives.WriteInt64BigEndian(value[4..], message.Payload.Offset);
        BinaryPrimitives.WriteInt32BigEndian(value[12..], message.Body.Length);
    }

    public static (PayloadReference Payload, int BodyBytes) ReadPayloadReference(ReadOnlySpan<byte> value) => (
        new PayloadReference(BinaryPrimitives.ReadInt32BigEndian(value), BinaryPrimitives.ReadInt64BigEndian(value[4..])),
        BinaryPrimitives.ReadInt32BigEndian(value[12..]));

    private static int WriteText(Span<byte> destination, string text)
    {
        if (text.Length < 128 && System.Text.Ascii.IsValid(text))
        {
            int prefix = Varint.Write(destination, text.Length);
            System.Text.Ascii.FromUtf16(text, destination[prefix..], out int written);
            return prefix + written;
        }

        int length = Encoding.UTF8.GetByteCount(text);
        int size = Varint.Write(destination, length);
        return size + Encoding.UTF8.GetBytes(text, destination[size..]);
    }
}

/// <summary>What the log says about one message; its memory is the log's and stays valid.</summary>
internal readonly struct StoredMessage(long offset, long timestampMs, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
{
    public long Offset { get; } = offset;

    public long EnqueuedAtMs { get; } = timestampMs;

    public ReadOnlyMemory<byte> Key { get; } = key;

    public ReadOnlyMemory<byte> Value { get; } = value;

    public QueueRecordFlags Flags => (QueueRecordFlags)Key.Span[0];

    public bool Has(QueueRecordFlags flag) => (Flags & flag) != 0;

    public int BodyBytes => Has(QueueRecordFlags.SharedPayload) ? QueueRecord.ReadPayloadReference(Value.Span).BodyBytes : Value.Length;

    public long ExpirationMs => Has(QueueRecordFlags.Expiration) && Varint.TryReadLong(Key.Span[1..], out long expiration, out _)
        ? expiration
        : Message.NoExpiration;

    public byte Priority
    {
        get
        {
            if (!Has(QueueRecordFlags.Priority))
                return 0;
            int at = 1;
            if (Has(QueueRecordFlags.Expiration) && Varint.TryReadLong(Key.Span[1..], out _, out int size))
                at += size;
            return Key.Span[at];
        }
    }

    public PayloadReference Payload => Has(QueueRecordFlags.SharedPayload) ? QueueRecord.ReadPayloadReference(Value.Span).Payload : default;

    public HeadFacts Facts => new(BodyBytes, EnqueuedAtMs, ExpirationMs);

    /// <summary>The message, its body read from the payload store where it is shared.</summary>
    public Message ToMessage(TextCache texts, PayloadStore payloads)
    {
        ReadOnlySpan<byte> key = Key.Span;
        int at = 1;
        if (Has(QueueRecordFlags.Expiration) && Varint.TryReadLong(key[at..], out _, out int size))
            at += size;
        if (Has(QueueRecordFlags.Priority))
            at++;
        ReadOnlySpan<byte> exchange = ReadText(key, ref at);
        ReadOnlySpan<byte> routingKey = ReadText(key, ref at);
        PayloadReference payload = Payload;
        return new Message
        {
            Exchange = texts.Get(exchange),
            RoutingKey = texts.Get(routingKey),
            Properties = Key[at..],
            Body = payload.IsNone ? Value : payloads.Read(payload),
            Persistent = Has(QueueRecordFlags.Persistent),
            Priority = Priority,
            ExpirationMs = ExpirationMs,
            IgnoresCopies = Has(QueueRecordFlags.IgnoresCopies),
            HasDied = Has(QueueRecordFlags.HasDied),
            PublishedAtMs = EnqueuedAtMs,
        };
    }

    private static ReadOnlySpan<byte> ReadText(ReadOnlySpan<byte> key, ref int at)
    {
        if (!Varint.TryRead(key[at..], out int length, out int size))
            throw new StorageException($"The key of a queue's record is cut at byte {at}.");
        ReadOnlySpan<byte> text = key.Slice(at + size, length);
        at += size + length;
        return text;
    }
}
