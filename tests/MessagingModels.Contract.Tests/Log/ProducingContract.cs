using System.Collections.Concurrent;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>What a producer is told of its records, and what is refused.</summary>
public abstract class ProducingContract(ILogProvider provider) : LogContract(provider)
{
    [Theory]
    [InlineData(Acks.Leader)]
    [InlineData(Acks.All)]
    public async Task Acknowledged_record_has_its_offset(Acks acks)
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        ILogProducer producer = Producer(new ProducerOptions { Acks = acks, Idempotence = false });
        await producer.ProduceAsync(partition.Topic, null, "a");

        Assert.Equal(1, (await producer.ProduceAsync(partition.Topic, null, "b")).Offset.Value);
        Assert.Equal(["a", "b"], await ReadValuesAsync(await ReaderAsync(partition), 2));
    }

    [Fact]
    public async Task Unacknowledged_record_has_no_offset_and_arrives_all_the_same()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        ILogProducer producer = Producer(new ProducerOptions { Acks = Acks.None, Idempotence = false });

        Assert.Equal(-1, (await producer.ProduceAsync(partition.Topic, null, "a")).Offset.Value);
        Assert.Equal(["a"], await ReadValuesAsync(await ReaderAsync(partition), 1));
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Compressed_batches_come_back_record_by_record(CompressionType compression)
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        await ProduceAndReadBackAsync(partition, new ProducerOptions { Compression = compression, Linger = TimeSpan.FromMilliseconds(20) });
    }

    [Theory]
    [InlineData("uncompressed")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task Topic_compresses_in_its_own_way_whatever_was_sent(string compression)
    {
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.CompressionType, compression)), 0);
        await ProduceAndReadBackAsync(partition, new ProducerOptions { Compression = CompressionType.Lz4, Linger = TimeSpan.FromMilliseconds(20) });
    }

    [Fact]
    public async Task Record_above_the_topics_limit_is_refused_and_the_next_one_is_not()
    {
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.MaxMessageBytes, "2000")), 0);
        ILogProducer producer = Producer();

        await RefusedAsync(LogErrorCode.MessageTooLarge, () => producer.ProduceAsync(partition.Topic, null, new string('x', 5000)).AsTask());
        Assert.Equal(0, (await producer.ProduceAsync(partition.Topic, null, "small")).Offset.Value);
        Assert.Equal(["small"], await ReadValuesAsync(await ReaderAsync(partition), 1));
    }

    [Fact]
    public async Task Record_above_the_producers_limit_is_refused()
    {
        string topic = await TopicAsync();
        ILogProducer producer = Producer(new ProducerOptions { MaxRequestSizeBytes = 2000 });

        await RefusedAsync(LogErrorCode.MessageTooLarge, () => producer.ProduceAsync(topic, null, new string('x', 5000)).AsTask());
    }

    [Fact]
    public async Task Topic_that_does_not_exist_is_refused()
        => await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => Producer().ProduceAsync(Unique("absent"), null, "x").AsTask());

    [Fact]
    public async Task Partition_that_does_not_exist_is_refused()
    {
        string topic = await TopicAsync(partitions: 2);

        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition,
            () => Producer().ProduceAsync(new ProducerRecord(topic, null, "x") { Partition = 2 }).AsTask());
    }

    [Fact]
    public async Task Compacted_topic_refuses_a_record_without_a_key()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.CleanupPolicy, "compact"));
        ILogProducer producer = Producer();

        await RefusedAsync(LogErrorCode.InvalidRecord, () => producer.ProduceAsync(topic, null, "x").AsTask());
        Assert.Equal(0, (await producer.ProduceAsync(topic, "k", "x")).Offset.Value);
    }

    [Theory]
    [InlineData(TopicConfiguration.MessageTimestampBeforeMaxMs, -1)]
    [InlineData(TopicConfiguration.MessageTimestampAfterMaxMs, 1)]
    public async Task Time_too_far_from_the_brokers_is_refused(string setting, int direction)
    {
        string topic = await TopicAsync(1, (setting, "60000"));
        ILogProducer producer = Producer();

        await RefusedAsync(LogErrorCode.InvalidTimestamp, () => producer.ProduceAsync(
            new ProducerRecord(topic, null, "x") { Timestamp = DateTimeOffset.UtcNow.AddHours(direction) }).AsTask());
        await producer.ProduceAsync(new ProducerRecord(topic, null, "x") { Timestamp = DateTimeOffset.UtcNow });
    }

    [Fact]
    public async Task Callback_is_told_where_each_record_was_stored()
    {
        string topic = await TopicAsync();
        ILogProducer producer = Producer();
        ConcurrentQueue<DeliveryReport> reports = [];
        for (int i = 0; i < 20; i++) await producer.EnqueueAsync(new ProducerRecord(topic, "k", $"{i}"), reports.Enqueue);
        await producer.FlushAsync();

        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), reports.Select(r => r.Position.Offset.Value).Order());
        Assert.All(reports, r => Assert.Null(r.Error));
    }

    [Fact]
    public async Task Callback_is_told_of_a_refusal()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.MaxMessageBytes, "2000"));
        ILogProducer producer = Producer();
        ConcurrentQueue<DeliveryReport> reports = [];
        await producer.EnqueueAsync(new ProducerRecord(topic, null, new string('x', 5000)), reports.Enqueue);
        await producer.FlushAsync();

        Assert.Equal(LogErrorCode.MessageTooLarge, Assert.Single(reports).Error?.ErrorCode);
    }

    [Fact]
    public async Task Flush_tells_of_a_refusal_that_nobody_else_was_told_of()
    {
        string topic = await TopicAsync(1, (TopicConfiguration.MaxMessageBytes, "2000"));
        ILogProducer producer = Producer();
        await producer.EnqueueAsync(new ProducerRecord(topic, null, new string('x', 5000)));

        await RefusedAsync(LogErrorCode.MessageTooLarge, () => producer.FlushAsync().AsTask());
        await producer.FlushAsync();
    }

    [Fact]
    public async Task Disposal_sends_what_is_waiting()
    {
        TopicPartition partition = new(await TopicAsync(), 0);
        await using (ILogProducer producer = Log.CreateProducer(new ProducerOptions { Linger = TimeSpan.FromSeconds(5) }))
        {
            for (int i = 0; i < 10; i++) await producer.EnqueueAsync(new ProducerRecord(partition.Topic, null, $"{i}"));
        }

        Assert.Equal(10, (await ReadAsync(await ReaderAsync(partition), 10)).Count);
    }

    [Fact]
    public async Task Numbered_batches_are_stored_once_and_in_order()
    {
        Demand(LogFeature.IdempotentProducers);
        TopicPartition[] partitions = [.. (await TopicsAsync()).Select(t => new TopicPartition(t, 0))];
        ILogProducer producer = Producer(new ProducerOptions { BatchSizeBytes = 200 });
        for (int i = 0; i < 1000; i++)
        {
            foreach (TopicPartition partition in partitions)
                await producer.EnqueueAsync(new ProducerRecord(partition.Topic, null, $"{i}"));
        }

        await producer.FlushAsync();
        foreach (TopicPartition partition in partitions)
        {
            Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), await ReadValuesAsync(await ReaderAsync(partition), 1000));
            Assert.Equal(1000, (await Log.GetOffsetsAsync(partition)).HighWatermark.Value);
        }
    }

    [Theory]
    [InlineData(true, "before", "lost", "after")]
    [InlineData(false, "before", "lost", "lost", "after")]
    public async Task Batch_that_is_sent_again_is_stored_once_where_it_is_numbered(bool idempotence, params string[] stored)
    {
        Demand(LogFeature.IdempotentProducers);
        TopicPartition partition = new(await TopicAsync(), 0);
        await Provider.WriteLosingAnAnswerAsync(partition, idempotence, ["before", "lost", "after"], lost: 1);

        Assert.Equal(stored.Length, (await Log.GetOffsetsAsync(partition)).HighWatermark.Value);
        Assert.Equal(stored, await ReadValuesAsync(await ReaderAsync(partition), stored.Length));
    }

    [Fact]
    public async Task Numbered_batches_go_on_after_a_refusal()
    {
        Demand(LogFeature.IdempotentProducers);
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.MaxMessageBytes, "2000")), 0);
        ILogProducer producer = Producer();
        await producer.ProduceAsync(partition.Topic, null, "before");
        await RefusedAsync(LogErrorCode.MessageTooLarge, () => producer.ProduceAsync(partition.Topic, null, new string('x', 5000)).AsTask());
        await producer.ProduceAsync(partition.Topic, null, "after");

        Assert.Equal(["before", "after"], await ReadValuesAsync(await ReaderAsync(partition), 2));
    }

    [Fact]
    public void Settings_that_contradict_each_other_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Log.CreateProducer(new ProducerOptions { TransactionalId = "id", Acks = Acks.Leader }));
        Assert.Throws<ArgumentException>(() => Log.CreateProducer(new ProducerOptions { TransactionalId = "id", Idempotence = false }));
    }

    private async Task<string[]> TopicsAsync() => [await TopicAsync(), await TopicAsync()];

    private async Task ProduceAndReadBackAsync(TopicPartition partition, ProducerOptions options)
    {
        ILogProducer producer = Producer(options);
        string[] values = [.. Enumerable.Range(0, 500).Select(i => $"value {i} {new string((char)('a' + (i % 26)), i % 100)}")];
        foreach (string value in values) await producer.EnqueueAsync(new ProducerRecord(partition.Topic, "k", value));
        await producer.FlushAsync();

        Assert.Equal(values, await ReadValuesAsync(await ReaderAsync(partition), values.Length));
    }
}

public sealed class Producing_on_native(NativeLog log) : ProducingContract(log);

public sealed class Producing_on_native_on_disk(NativeDiskLog log) : ProducingContract(log);

public sealed class Producing_on_kafka(KafkaLog log) : ProducingContract(log);
