using System.Text;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>Which partition a record goes to, and in which order a partition's records come back.</summary>
public abstract class PartitioningContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Records_of_a_partition_come_back_in_the_order_in_which_they_were_produced()
    {
        string topic = await TopicAsync();
        ILogProducer producer = Producer();
        string[] values = [.. Enumerable.Range(0, 2000).Select(i => $"value {i}")];
        foreach (string value in values) await producer.EnqueueAsync(new ProducerRecord(topic, null, value));
        await producer.FlushAsync();

        List<LogRecord> records = await ReadAsync(await ReaderAsync(new TopicPartition(topic, 0)), values.Length);
        Assert.Equal(values, records.Select(r => r.ValueText));
        Assert.Equal(Enumerable.Range(0, values.Length).Select(i => (long)i), records.Select(r => r.Offset.Value));
    }

    [Fact]
    public async Task Records_of_one_key_keep_their_order_among_those_of_others()
    {
        string topic = await TopicAsync(partitions: 4);
        ILogProducer producer = Producer(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async caller =>
        {
            for (int i = 0; i < 100; i++)
                await producer.EnqueueAsync(new ProducerRecord(topic, $"caller {caller}", $"{i}"));
        }));
        await producer.FlushAsync();

        List<LogRecord> records = await ReadAsync(await ReaderAsync([.. Enumerable.Range(0, 4).Select(i => new TopicPartition(topic, i))]), 800);
        foreach (IGrouping<string?, LogRecord> ofKey in records.GroupBy(r => r.KeyText))
        {
            Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), ofKey.Select(r => r.ValueText));
            Assert.Single(ofKey.Select(r => r.Partition).Distinct());
        }
    }

    [Fact]
    public async Task Offsets_begin_at_zero_in_each_partition_and_grow_by_one()
    {
        string topic = await TopicAsync(partitions: 2);
        ILogProducer producer = Producer();
        List<long> offsets = [];
        foreach (int partition in (int[])[0, 0, 1, 0, 1])
            offsets.Add((await producer.ProduceAsync(new ProducerRecord(topic, null, "x") { Partition = partition })).Offset);

        Assert.Equal([0, 1, 0, 2, 1], offsets);
    }

    /// <summary>The hashes are those of Kafka's own test of <c>Utils.murmur2</c>.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public async Task Key_goes_to_the_partition_of_its_murmur2_hash(string key, int hash)
    {
        string topic = await TopicAsync(partitions: 16);

        Assert.Equal((hash & int.MaxValue) % 16, (await Producer().ProduceAsync(topic, key, "x")).Partition);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(12)]
    public async Task Keys_of_any_bytes_go_to_the_partition_that_Kafkas_hash_gives(int partitions)
    {
        string topic = await TopicAsync(partitions);
        ILogProducer producer = Producer(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) });
        RecordPosition[] produced = await Task.WhenAll(
            Murmur2Vectors.All.Select(vector => producer.ProduceAsync(new ProducerRecord(topic, vector.Key, "x"u8.ToArray())).AsTask()));

        Assert.Equal(Murmur2Vectors.All.Select(vector => (vector.Hash & int.MaxValue) % partitions), produced.Select(position => position.Partition));
    }

    [Fact]
    public async Task Records_without_a_key_go_to_any_partition_and_none_is_lost()
    {
        string topic = await TopicAsync(partitions: 3);
        ILogProducer producer = Producer();
        for (int i = 0; i < 300; i++) await producer.EnqueueAsync(new ProducerRecord(topic, null, $"{i}"));
        await producer.FlushAsync();

        long stored = 0;
        for (int i = 0; i < 3; i++) stored += (await Log.GetOffsetsAsync(new TopicPartition(topic, i))).HighWatermark;
        Assert.Equal(300, stored);
        List<LogRecord> records = await ReadAsync(await ReaderAsync(new(topic, 0), new(topic, 1), new(topic, 2)), 300);
        Assert.Equal(Enumerable.Range(0, 300), records.Select(r => int.Parse(r.ValueText!, null)).Order());
    }

    [Fact]
    public async Task Partition_that_a_record_names_wins_over_its_key()
    {
        string topic = await TopicAsync(partitions: 16);
        RecordPosition position = await Producer().ProduceAsync(new ProducerRecord(topic, "abc", "x") { Partition = 5 });

        Assert.NotEqual(5, (479470107 & int.MaxValue) % 16);
        Assert.Equal(5, position.Partition);
    }

    [Fact]
    public async Task Partitioner_of_the_callers_own_chooses()
    {
        Demand(LogFeature.OwnPartitioners);
        string topic = await TopicAsync(partitions: 4);
        ILogProducer producer = Producer(new ProducerOptions { Partitioner = new ByLength() });

        Assert.Equal(1, (await producer.ProduceAsync(topic, "k", "1")).Partition);
        Assert.Equal(3, (await producer.ProduceAsync(topic, null, "333")).Partition);
    }

    private sealed class ByLength : IPartitioner
    {
        public int SelectPartition(string topic, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, int partitionCount)
            => Encoding.UTF8.GetCharCount(value) % partitionCount;
    }
}

public sealed class Partitioning_on_native(NativeLog log) : PartitioningContract(log);

public sealed class Partitioning_on_native_on_disk(NativeDiskLog log) : PartitioningContract(log);

public sealed class Partitioning_on_kafka(KafkaLog log) : PartitioningContract(log);
