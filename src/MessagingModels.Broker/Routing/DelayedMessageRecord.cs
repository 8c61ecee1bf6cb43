using System.Buffers.Binary;
using System.Text;
using MessagingModels.Broker.Queues;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Routing;

/// <summary>
/// A record of the log of delayed messages. The value is the body; the key says the rest:
/// <code>
/// kind uint8 = 1 (waiting) | due int64 | replaces int64 | published at int64 | expiration int64 | flags uint8 | priority uint8
///     | exchange length uint16 | exchange | routing key length uint16 | routing key | properties
/// kind uint8 = 2 (done)    | offset int64
/// </code>
/// "Replaces" is the offset of the record that this one is a copy of, or -1. Flags: 1 persistent, 2 CC no longer counts, 4 has died.
/// </summary>
internal static class DelayedMessageRecord
{
    private const byte WaitingKind = 1;
    private const byte DoneKind = 2;
    private const int FixedBytes = 1 + 8 + 8 + 8 + 8 + 1 + 1;
    private const byte PersistentFlag = 1;
    private const byte IgnoresCopiesFlag = 2;
    private const byte HasDiedFlag = 4;
    private const int DoneBytes = 1 + 8;

    public static void AppendWaiting(RecordBatchBuilder builder, in Message message, long dueMs, long replaces)
    {
        byte[] key = new byte[
            FixedBytes + 2 + Encoding.UTF8.GetByteCount(message.Exchange) + 2 + Encoding.UTF8.GetByteCount(message.RoutingKey)
            + message.Properties.Length];
        Span<byte> rest = key;
        rest[0] = WaitingKind;
        BinaryPrimitives.WriteInt64BigEndian(rest[1..], dueMs);
        BinaryPrimitives.WriteInt64BigEndian(rest[9..], replaces);
        BinaryPrimitives.WriteInt64BigEndian(rest[17..], message.PublishedAtMs);
        BinaryPrimitives.WriteInt64BigEndian(rest[25..], message.ExpirationMs);
        rest[33] = (byte)((message.Persistent ? PersistentFlag : 0) | (message.IgnoresCopies ? IgnoresCopiesFlag : 0) | (message.HasDied ? HasDiedFlag : 0));
        rest[34] = message.Priority;
        rest = WriteText(rest[FixedBytes..], message.Exchange);
        rest = WriteText(rest, message.RoutingKey);
        message.Properties.Span.CopyTo(rest);
        builder.Append(message.PublishedAtMs, key, true, message.Body.Span, true);
    }

    public static void AppendDone(RecordBatchBuilder builder, long nowMs, long offset)
    {
        Span<byte> key = stackalloc byte[DoneBytes];
        key[0] = DoneKind;
        BinaryPrimitives.WriteInt64BigEndian(key[1..], offset);
        builder.Append(nowMs, key, true, default, false);
    }

    /// <summary>True where the record says that a message is done with.</summary>
    public static bool TryReadDone(RecordView record, out long offset)
    {
        ReadOnlySpan<byte> key = record.Key;
        bool isDone = key.Length == DoneBytes && key[0] == DoneKind;
        offset = isDone ? BinaryPrimitives.ReadInt64BigEndian(key[1..]) : -1;
        return isDone;
    }

    public static long ReadDue(RecordView record, out long replaces)
    {
        replaces = BinaryPrimitives.ReadInt64BigEndian(record.Key[9..]);
        return BinaryPrimitives.ReadInt64BigEndian(record.Key[1..]);
    }

    /// <summary>Reads the message; its memory is that of the section.</summary>
    public static Message ReadMessage(RecordView record, ReadOnlyMemory<byte> section)
    {
        ReadOnlySpan<byte> key = record.Key;
        string exchange = ReadText(key, FixedBytes, out int next);
        string routingKey = ReadText(key, next, out next);
        return new Message
        {
            Exchange = exchange,
            RoutingKey = routingKey,
            Properties = record.KeyRange.Of(section)[next..],
            Body = record.ValueRange.Of(section),
            Persistent = (key[33] & PersistentFlag) != 0,
            IgnoresCopies = (key[33] & IgnoresCopiesFlag) != 0,
            HasDied = (key[33] & HasDiedFlag) != 0,
            Priority = key[34],
            ExpirationMs = BinaryPrimitives.ReadInt64BigEndian(key[25..]),
            PublishedAtMs = BinaryPrimitives.ReadInt64BigEndian(key[17..]),
        };
    }

    private static Span<byte> WriteText(Span<byte> destination, string text)
    {
        int length = Encoding.UTF8.GetBytes(text, destination[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)length);
        return destination[(2 + length)..];
    }

    private static string ReadText(ReadOnlySpan<byte> key, int position, out int next)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(key[position..]);
        next = position + 2 + length;
        return Encoding.UTF8.GetString(key.Slice(position + 2, length));
    }
}
