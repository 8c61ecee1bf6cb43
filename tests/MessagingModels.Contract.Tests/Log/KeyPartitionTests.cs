using Confluent.Kafka;
using CsCheck;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>
/// Keys go where another client takes them: librdkafka with its own <c>murmur2_random</c>, against real Kafka. Programs of both kinds can then write
/// to one topic, and records of one key still meet.
/// </summary>
public sealed class KeyPartitionTests(NativeLog native, KafkaLog kafka)
{
    private static readonly int[] s_partitions = [2, 3, 7, 12];

    [Fact]
    public async Task Generated_keys_go_where_another_client_takes_them()
    {
        ILogBroker real = await kafka.GetLogAsync(), embedded = await native.GetLogAsync();
        string stem = $"keys-{Guid.NewGuid():N}";
        foreach (ILogBroker log in (ILogBroker[])[real, embedded])
        {
            foreach (int count in s_partitions) await log.CreateTopicAsync($"{stem}-{count}", count);
        }

        using IProducer<byte[], byte[]> other = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = await kafka.GetBootstrapServersAsync(), Partitioner = Partitioner.Murmur2Random, LingerMs = 5 }).Build();
        await using ILogProducer ofKafka = real.CreateProducer(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) });
        await using ILogProducer ofNative = embedded.CreateProducer(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) });

        await Gen.Select(Gen.Int[0, s_partitions.Length - 1].Select(i => s_partitions[i]), Gen.Byte.Array[1, 64].Array[1, 30]).SampleAsync(
            async (count, keys) =>
            {
                string topic = $"{stem}-{count}";
                DeliveryResult<byte[], byte[]>[] expected = await Task.WhenAll(
                    keys.Select(key => other.ProduceAsync(topic, new Message<byte[], byte[]> { Key = key, Value = [1] })));
                foreach (ILogProducer producer in (ILogProducer[])[ofKafka, ofNative])
                {
                    RecordPosition[] produced = await Task.WhenAll(keys.Select(key => producer.ProduceAsync(new ProducerRecord(topic, key, new byte[] { 1 })).AsTask()));
                    Assert.Equal(expected.Select(result => result.Partition.Value), produced.Select(position => position.Partition));
                }
            },
            iter: 30, threads: 1);
    }
}
