using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace MessagingModels.Kafka.Clients;

/// <summary>
/// A membership between the API's form and the client's. The client gives its own out as a closed object only, without the generation; what
/// the object holds is what librdkafka writes (<c>rd_kafka_consumer_group_metadata_write</c>):
/// <code>
/// "CGMDv2:" | generation, int32 little-endian | group id, 0 | member id, 0 | 1 without a static name, else 0 | static name, 0
/// </code>
/// A test holds that the client still has it so.
/// </summary>
internal static class GroupMetadata
{
    private const string ClientType = "Confluent.Kafka.ConsumerGroupMetadata, Confluent.Kafka";

    private static ReadOnlySpan<byte> Magic => "CGMDv2:"u8;

    /// <summary>The client's form of a membership.</summary>
    public static Client.IConsumerGroupMetadata ToClient(GroupMembership membership)
    {
        object metadata = Create();
        Serialized(metadata) = Write(membership);
        return (Client.IConsumerGroupMetadata)metadata;
    }

    /// <summary>The API's form of a membership.</summary>
    public static GroupMembership FromClient(Client.IConsumerGroupMetadata metadata) => Read(Serialized(metadata));

    internal static byte[] Write(GroupMembership membership)
    {
        byte[] generation = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(generation, membership.Generation);
        return
        [
            .. Magic, .. generation, .. Encoding.UTF8.GetBytes(membership.GroupId), 0, .. Encoding.UTF8.GetBytes(membership.MemberId), 0,
            .. membership.GroupInstanceId is { } name ? [(byte)0, .. Encoding.UTF8.GetBytes(name), (byte)0] : (byte[])[1],
        ];
    }

    internal static GroupMembership Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
            throw new InvalidOperationException("The Kafka client writes group metadata in a form that the adapter does not know; use the client's version that it was built with.");
        ReadOnlySpan<byte> rest = bytes[Magic.Length..];
        int generation = BinaryPrimitives.ReadInt32LittleEndian(rest);
        rest = rest[sizeof(int)..];
        string groupId = ReadText(ref rest);
        string memberId = ReadText(ref rest);
        string? instance = null;
        if (rest[0] == 0)
        {
            rest = rest[1..];
            instance = ReadText(ref rest);
        }

        return new GroupMembership(groupId, memberId, generation, instance);
    }

    private static string ReadText(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)0);
        string text = Encoding.UTF8.GetString(rest[..end]);
        rest = rest[(end + 1)..];
        return text;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType(ClientType)]
    private static extern object Create();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "serializedMetadata")]
    private static extern ref byte[] Serialized([UnsafeAccessorType(ClientType)] object metadata);
}
