using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MessagingModels.Broker.Groups;

/// <summary>What a consumer tells the leader of its group.</summary>
/// <param name="Topics">What it subscribes to.</param>
/// <param name="OwnedPartitions">What it was assigned last.</param>
/// <param name="Generation">The generation in which it was assigned them; -1 for none.</param>
internal sealed record ConsumerSubscription(
    IReadOnlyCollection<string> Topics, IReadOnlyCollection<TopicPartition> OwnedPartitions, int Generation);

/// <summary>
/// The bytes that consumers exchange through the group's metadata, the same as those of Kafka's Java client (<c>ConsumerProtocolSubscription</c>
/// and <c>ConsumerProtocolAssignment</c>, versions 0 to 3; KIP-429, KIP-792), so that both can share a group.
/// </summary>
internal static class ConsumerProtocol
{
    private const short Version = 3;

    public static byte[] WriteSubscription(ConsumerSubscription subscription, bool asStickyUserData)
    {
        ArrayBufferWriter<byte> buffer = new();
        StateFieldWriter fields = new(buffer);
        fields.Int16(Version);
        fields.Int32(subscription.Topics.Count);
        foreach (string topic in subscription.Topics) fields.String(topic);
        if (asStickyUserData)
            fields.Bytes(StickyUserData(subscription));
        else
            fields.NullBytes();
        WritePartitions(fields, subscription.OwnedPartitions);
        fields.Int32(subscription.Generation);
        fields.String(null);
        return buffer.WrittenSpan.ToArray();
    }

    public static bool TryReadSubscription(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ConsumerSubscription? subscription)
    {
        StateFieldReader fields = new(bytes);
        short version = fields.Int16();
        string[] topics = new string[fields.Count(minItemBytes: 2)];
        for (int i = 0; i < topics.Length; i++) topics[i] = fields.String();
        ReadOnlySpan<byte> userData = fields.Bytes();
        List<TopicPartition> owned = version >= 1 ? ReadPartitions(ref fields) : [];
        int generation = version >= 2 ? fields.Int32() : -1;
        if (owned.Count == 0 && userData.Length > 0) ReadStickyUserData(userData, ref owned, ref generation);
        subscription = fields.IsValid && version >= 0 ? new ConsumerSubscription(topics, owned, generation) : null;
        return subscription is not null;
    }

    public static byte[] WriteAssignment(IReadOnlyCollection<TopicPartition> partitions)
    {
        ArrayBufferWriter<byte> buffer = new();
        StateFieldWriter fields = new(buffer);
        fields.Int16(Version);
        WritePartitions(fields, partitions);
        fields.NullBytes();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>An assignment's partitions; no bytes at all are none.</summary>
    public static bool TryReadAssignment(ReadOnlySpan<byte> bytes, out IReadOnlyList<TopicPartition> partitions)
    {
        partitions = [];
        if (bytes.IsEmpty)
            return true;
        StateFieldReader fields = new(bytes);
        short version = fields.Int16();
        List<TopicPartition> read = ReadPartitions(ref fields);
        if (!fields.IsValid || version < 0)
            return false;
        partitions = read;
        return true;
    }

    /// <summary>Where the Java client's sticky assignor keeps what its own subscription does not: partitions by topic, generation.</summary>
    private static ReadOnlySpan<byte> StickyUserData(ConsumerSubscription subscription)
    {
        ArrayBufferWriter<byte> buffer = new();
        StateFieldWriter fields = new(buffer);
        WritePartitions(fields, subscription.OwnedPartitions);
        fields.Int32(subscription.Generation);
        return buffer.WrittenSpan;
    }

    private static void ReadStickyUserData(ReadOnlySpan<byte> bytes, ref List<TopicPartition> owned, ref int generation)
    {
        StateFieldReader fields = new(bytes);
        List<TopicPartition> read = ReadPartitions(ref fields);
        int readGeneration = fields.Int32();
        if (!fields.IsValid)
            return;
        owned = read;
        generation = readGeneration;
    }

    private static void WritePartitions(StateFieldWriter fields, IReadOnlyCollection<TopicPartition> partitions)
    {
        IGrouping<string, int>[] byTopic = [.. partitions.GroupBy(p => p.Topic, p => p.Partition, StringComparer.Ordinal)];
        fields.Int32(byTopic.Length);
        foreach (IGrouping<string, int> topic in byTopic)
        {
            fields.String(topic.Key);
            fields.Int32(topic.Count());
            foreach (int partition in topic) fields.Int32(partition);
        }
    }

    private static List<TopicPartition> ReadPartitions(ref StateFieldReader fields)
    {
        List<TopicPartition> partitions = [];
        int topics = fields.Count(minItemBytes: 6);
        for (int i = 0; i < topics; i++)
        {
            string topic = fields.String();
            int count = fields.Count(minItemBytes: 4);
            for (int j = 0; j < count; j++) partitions.Add(new TopicPartition(topic, fields.Int32()));
        }

        return partitions;
    }
}
