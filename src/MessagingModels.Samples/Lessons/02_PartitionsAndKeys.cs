using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class PartitionsAndKeys() : Lesson(2, "partitions-and-keys", "Equal keys go to one partition and keep their order there.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Log.CreateTopicAsync("orders", partitions: 3, stopping);
        await using ILogProducer producer = broker.Log.CreateProducer();

        // The partition is murmur2(key) modulo the number of partitions: the same as every Kafka client computes.
        foreach (string value in new[] { "first", "second" })
        {
            foreach (string key in new[] { "alice", "bob", "carol", "dave" })
            {
                RecordPosition at = await producer.ProduceAsync("orders", key, $"{key}'s {value}", stopping);
                output.WriteLine($"{key,-5} -> partition {at.Partition}, offset {at.Offset}");
            }
        }

        // Order holds within a partition, not between partitions.
        for (int partition = 0; partition < 3; partition++)
        {
            PartitionOffsets offsets = await broker.Log.GetOffsetsAsync(new TopicPartition("orders", partition), stopping);
            output.WriteLine($"Partition {partition} holds {offsets.HighWatermark.Value} records:");
            await using ILogConsumer reader = broker.Log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
            await reader.AssignAsync([new TopicPartition("orders", partition)], stopping);
            await foreach (LogRecord record in reader.ReadAsync(stopping).Take((int)offsets.HighWatermark.Value))
                output.WriteLine($"  {record.Offset}: {record.ValueText}");
        }

        // A record can also name its partition.
        RecordPosition chosen = await producer.ProduceAsync(new ProducerRecord("orders", "alice", "to partition 2") { Partition = 2 }, stopping);
        output.WriteLine($"A record that names partition 2 went to partition {chosen.Partition}.");
    }
}
