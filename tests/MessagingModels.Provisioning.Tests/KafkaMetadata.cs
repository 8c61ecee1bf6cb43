using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MessagingModels.Provisioning.Tests;

/// <summary>Asks a broker who it says it is and which topics there are: a Metadata request, version 1.</summary>
/// <param name="Brokers">The address that each broker advertises on the listener that was asked.</param>
/// <param name="Topics">The topics that have a leader.</param>
internal sealed record KafkaMetadata(IReadOnlyList<string> Brokers, IReadOnlyList<string> Topics)
{
    /// <param name="port">Where a broker listens on 127.0.0.1.</param>
    /// <param name="topic">Created where it is not there; null to ask for all that are.</param>
    public static async Task<KafkaMetadata> ReadAsync(int port, string? topic = null)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(Request(topic));
        byte[] size = new byte[4];
        await client.GetStream().ReadExactlyAsync(size);
        byte[] answer = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        await client.GetStream().ReadExactlyAsync(answer);
        return Parse(new Reader(answer));
    }

    /// <summary>Size; API key 3, version 1, correlation id, no client id; the topics' names, or -1 for all.</summary>
    private static byte[] Request(string? topic)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic ?? "");
        byte[] topics = topic is null ? [255, 255, 255, 255] : [0, 0, 0, 1, 0, (byte)name.Length, .. name];
        byte[] body = [0, 3, 0, 1, 0, 0, 0, 7, 255, 255, .. topics];
        return [0, 0, 0, (byte)body.Length, .. body];
    }

    private static KafkaMetadata Parse(Reader reader)
    {
        _ = reader.Int32();
        string[] brokers = reader.Array(() =>
        {
            _ = reader.Int32();
            string address = $"{reader.Text()}:{reader.Int32()}";
            _ = reader.Text();
            return address;
        });
        _ = reader.Int32();
        (string Name, bool Led)[] topics = reader.Array(() =>
        {
            int error = reader.Int16();
            string name = reader.Text();
            _ = reader.Byte();
            int[] leaders = reader.Array(() =>
            {
                (_, _, int leader) = (reader.Int16(), reader.Int32(), reader.Int32());
                _ = (reader.Array(reader.Int32), reader.Array(reader.Int32));
                return leader;
            });
            return (name, error == 0 && leaders.Length > 0 && leaders.All(leader => leader >= 0));
        });
        return new KafkaMetadata(brokers, [.. topics.Where(topic => topic.Led).Select(topic => topic.Name)]);
    }

    private sealed class Reader(byte[] bytes)
    {
        private int _at;

        public byte Byte() => bytes[_at++];

        public int Int16() => BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan((_at += 2) - 2));

        public int Int32() => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan((_at += 4) - 4));

        public string Text()
        {
            int length = Math.Max(0, Int16());
            return Encoding.UTF8.GetString(bytes, (_at += length) - length, length);
        }

        public T[] Array<T>(Func<T> next) => [.. Enumerable.Range(0, Int32()).Select(_ => next())];
    }
}
