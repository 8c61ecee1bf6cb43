using System.Buffers;
using System.Collections.Immutable;
using MessagingModels.Broker.Groups;

namespace MessagingModels.Broker.Transactions;

/// <summary>Keys and values of the transaction log, as in Kafka's <c>__transaction_state</c>: version 0 of both.</summary>
internal static class TransactionRecords
{
    private const short KeyVersion = 0;
    private const short ValueVersion = 0;

    public static void WriteKey(IBufferWriter<byte> destination, string transactionalId)
    {
        StateFieldWriter fields = new(destination);
        fields.Int16(KeyVersion);
        fields.String(transactionalId);
    }

    public static void WriteValue(IBufferWriter<byte> destination, TransactionMetadata state)
    {
        StateFieldWriter fields = new(destination);
        fields.Int16(ValueVersion);
        fields.Int64(state.Producer.ProducerId);
        fields.Int16(state.Producer.Epoch);
        fields.Int32((int)Math.Min(int.MaxValue, state.Timeout.TotalMilliseconds));
        fields.Int8((sbyte)state.Status);
        WritePartitions(fields, state);
        fields.Int64(state.UpdatedAtMs);
        fields.Int64(state.StartedAtMs);
    }

    /// <summary>Reads a key; null for one of a version that is not known.</summary>
    public static string? ReadKey(ReadOnlySpan<byte> key)
    {
        StateFieldReader fields = new(key);
        short version = fields.Int16();
        string transactionalId = fields.String();
        return fields.IsValid && version == KeyVersion ? transactionalId : null;
    }

    /// <exception cref="InvalidDataException">The bytes are no such value.</exception>
    public static TransactionMetadata ReadValue(string transactionalId, ReadOnlySpan<byte> value)
    {
        StateFieldReader fields = new(value);
        short version = fields.Int16();
        ProducerIdentity producer = new(fields.Int64(), fields.Int16());
        TimeSpan timeout = TimeSpan.FromMilliseconds(fields.Int32());
        TransactionStatus status = (TransactionStatus)fields.Int8();
        ImmutableHashSet<TopicPartition> partitions = ReadPartitions(ref fields);
        long updatedAtMs = fields.Int64();
        long startedAtMs = fields.Int64();
        if (!fields.IsValid || version != ValueVersion || !Enum.IsDefined(status))
            throw new InvalidDataException($"Transactional id '{transactionalId}' has value version {version} in the transaction log; {ValueVersion} is known, or its {value.Length} bytes are damaged.");
        return new TransactionMetadata
        {
            TransactionalId = transactionalId,
            Producer = producer,
            Timeout = timeout,
            Status = status,
            Partitions = partitions,
            UpdatedAtMs = updatedAtMs,
            StartedAtMs = startedAtMs,
        };
    }

    private static void WritePartitions(StateFieldWriter fields, TransactionMetadata state)
    {
        if (state.Status == TransactionStatus.Empty)
        {
            fields.Int32(-1);
            return;
        }

        IGrouping<string, int>[] byTopic = [.. state.Partitions.GroupBy(p => p.Topic, p => p.Partition, StringComparer.Ordinal)];
        fields.Int32(byTopic.Length);
        foreach (IGrouping<string, int> topic in byTopic)
        {
            fields.String(topic.Key);
            fields.Int32(topic.Count());
            foreach (int partition in topic) fields.Int32(partition);
        }
    }

    private static ImmutableHashSet<TopicPartition> ReadPartitions(ref StateFieldReader fields)
    {
        ImmutableHashSet<TopicPartition>.Builder partitions = ImmutableHashSet.CreateBuilder<TopicPartition>();
        int topics = fields.Count(minItemBytes: 6);
        for (int i = 0; i < topics; i++)
        {
            string topic = fields.String();
            int count = fields.Count(minItemBytes: 4);
            for (int j = 0; j < count; j++) partitions.Add(new TopicPartition(topic, fields.Int32()));
        }

        return partitions.ToImmutable();
    }
}
