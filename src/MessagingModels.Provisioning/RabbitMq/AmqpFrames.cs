using System.Buffers.Binary;
using System.Text;

namespace MessagingModels.Provisioning.RabbitMq;

/// <summary>A method of AMQP 0-9-1's connection class, as much of it as a login needs.</summary>
/// <param name="Method">The method's id; the class is 10.</param>
/// <param name="Arguments">What follows class and method.</param>
internal readonly record struct ConnectionMethod(int Method, ReadOnlyMemory<byte> Arguments)
{
    public const int Start = 10;
    public const int StartOk = 11;
    public const int Tune = 30;
    public const int TuneOk = 31;
    public const int Open = 40;
    public const int OpenOk = 41;
    public const int Close = 50;

    private const int ConnectionClass = 10;
    private const byte MethodFrame = 1;
    private const byte FrameEnd = 0xCE;
    private const int MaxFrameBytes = 1 << 17;

    /// <summary>Type, channel (2), size (4), class (2), method (2), arguments, end.</summary>
    public byte[] ToFrame()
    {
        byte[] frame = new byte[12 + Arguments.Length];
        frame[0] = MethodFrame;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(3), 4 + Arguments.Length);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(7), ConnectionClass);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(9), (short)Method);
        Arguments.Span.CopyTo(frame.AsSpan(11));
        frame[^1] = FrameEnd;
        return frame;
    }

    /// <exception cref="InvalidDataException">What came is no method of the connection class.</exception>
    /// <exception cref="EndOfStreamException">The connection was closed.</exception>
    public static async Task<ConnectionMethod> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] head = new byte[7];
        await stream.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
        int size = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(3));
        if (head[0] != MethodFrame || size is < 4 or > MaxFrameBytes)
            throw new InvalidDataException("no method frame");
        byte[] payload = new byte[size + 1];
        await stream.ReadExactlyAsync(payload, cancellationToken).ConfigureAwait(false);
        if (BinaryPrimitives.ReadInt16BigEndian(payload) != ConnectionClass || payload[^1] != FrameEnd)
            throw new InvalidDataException("no method of the connection class");
        return new ConnectionMethod(BinaryPrimitives.ReadInt16BigEndian(payload.AsSpan(2)), payload.AsMemory(4, size - 4));
    }

    public static byte[] ShortString(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)bytes.Length, .. bytes];
    }

    public static byte[] LongString(ReadOnlySpan<byte> bytes)
    {
        byte[] result = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(result, bytes.Length);
        bytes.CopyTo(result.AsSpan(4));
        return result;
    }

    /// <summary>The text under that name in the table of a Start method's server properties, or null.</summary>
    public string? ServerProperty(string name)
    {
        ReadOnlySpan<byte> table = Arguments.Span.Slice(6, BinaryPrimitives.ReadInt32BigEndian(Arguments.Span[2..]));
        while (table.Length > 0)
        {
            string key = Encoding.UTF8.GetString(table.Slice(1, table[0]));
            table = table[(1 + table[0])..];
            char type = (char)table[0];
            table = table[1..];
            if (type == 't')
            {
                table = table[1..];
                continue;
            }

            // RabbitMQ's properties are texts, one nested table and no other type; an unknown type ends the search.
            if (type is not ('S' or 'F'))
                return null;
            int length = BinaryPrimitives.ReadInt32BigEndian(table);
            if (type == 'S' && key == name)
                return Encoding.UTF8.GetString(table.Slice(4, length));
            table = table[(4 + length)..];
        }

        return null;
    }
}
