using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class OwnPartitioner() : Lesson(19, "own-partitioner", "A partition of its own for the customers that must not wait.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Log.CreateTopicAsync("orders", partitions: 4, stopping);

        await using ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { Partitioner = new VipFirst() });
        foreach (string customer in new[] { "vip-alice", "bob", "carol", "vip-dave", "erin", "bob" })
        {
            RecordPosition at = await producer.ProduceAsync("orders", customer, "1 tea", stopping);
            output.WriteLine($"{customer} -> partition {at.Partition}");
        }

        PartitionOffsets vip = await broker.Log.GetOffsetsAsync(new TopicPartition("orders", 0), stopping);
        output.WriteLine($"Partition 0 holds {vip.HighWatermark.Value} records, all of them for customers that must not wait.");
    }

    /// <summary>Partition 0 for keys that begin with "vip-", the others by hash.</summary>
    private sealed class VipFirst : IPartitioner
    {
        public int SelectPartition(string topic, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, int partitionCount)
        {
            if (partitionCount == 1 || (hasKey && key.StartsWith("vip-"u8)))
                return 0;
            return 1 + (int)(Murmur2.Hash(key) % (uint)(partitionCount - 1));
        }
    }
}
