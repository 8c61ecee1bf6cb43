namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>The producer against a real cluster.</summary>
public sealed class ProducerTests(RealKafka kafka)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Disposal_delivers_everything_handed_over()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        int delivered = 0;
        await using (ILogProducer producer = broker.CreateProducer(new ProducerOptions { Linger = TimeSpan.FromSeconds(20) }))
        {
            for (int i = 0; i < 1000; i++)
                await producer.EnqueueAsync(new ProducerRecord(topic, null, "v"), r => Interlocked.Add(ref delivered, r.Error is null ? 1 : -1_000_000));
        }

        Assert.Equal(1000, delivered);
        Assert.Equal(1000, (await broker.GetOffsetsAsync(new TopicPartition(topic, 0))).HighWatermark.Value);
    }

    [Fact]
    public async Task Flush_does_not_wait_for_the_linger_time()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { Linger = TimeSpan.FromSeconds(100) });
        await producer.EnqueueAsync(new ProducerRecord(topic, null, "v"));

        await producer.FlushAsync().AsTask().WaitAsync(s_limit);
        Assert.Equal(1, (await broker.GetOffsetsAsync(new TopicPartition(topic, 0))).HighWatermark.Value);
    }

    [Fact]
    public async Task Full_buffer_is_awaited_and_order_is_kept()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { BufferMemoryBytes = 20_000, Linger = TimeSpan.FromMilliseconds(2) });
        Task[] handedOver = [.. Enumerable.Range(0, 2000).Select(i => producer.EnqueueAsync(new ProducerRecord(topic, null, $"{i}")).AsTask())];
        Assert.Contains(handedOver, t => !t.IsCompleted);
        await Task.WhenAll(handedOver).WaitAsync(s_limit);
        await producer.FlushAsync();

        await using ILogConsumer consumer = await ReaderAsync(broker, topic);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), (await RealKafka.ReadAsync(consumer, 2000)).Select(r => r.ValueText));
    }

    [Fact]
    public async Task Full_queue_of_the_library_is_awaited_too()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync(o => o.Settings["queue.buffering.max.messages"] = "10");
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic);
        await using ILogProducer producer = broker.CreateProducer();
        Task<RecordPosition>[] produced = [.. Enumerable.Range(0, 200).Select(i => producer.ProduceAsync(new ProducerRecord(topic, null, $"{i}")).AsTask())];

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), (await Task.WhenAll(produced).WaitAsync(s_limit)).Select(p => p.Offset.Value));
    }

    [Fact]
    public async Task Waiting_for_buffer_space_can_be_cancelled_and_the_record_is_not_sent()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { BufferMemoryBytes = 1000, Linger = TimeSpan.FromSeconds(5) });
        await producer.EnqueueAsync(new ProducerRecord(topic, null, new string('a', 800)));
        using CancellationTokenSource cancelled = new();
        Task waiting = producer.EnqueueAsync(new ProducerRecord(topic, null, new string('b', 800)), null, cancelled.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_limit));
        await producer.FlushAsync();

        Assert.Equal(1, (await broker.GetOffsetsAsync(new TopicPartition(topic, 0))).HighWatermark.Value);
    }

    [Fact]
    public async Task Records_handed_over_before_the_topic_is_known_keep_their_order()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogProducer producer = broker.CreateProducer();
        Task<RecordPosition>[] produced = [.. Enumerable.Range(0, 100).Select(i => producer.ProduceAsync(new ProducerRecord(topic, null, $"{i}")).AsTask())];

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), (await Task.WhenAll(produced).WaitAsync(s_limit)).Select(p => p.Offset.Value));
    }

    [Fact]
    public async Task Topic_that_does_not_exist_is_refused_and_not_created()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("missing");
        await using ILogProducer producer = broker.CreateProducer();

        LogException refused = await Assert.ThrowsAsync<LogException>(() => producer.ProduceAsync(topic, "k", "v").AsTask().WaitAsync(s_limit));
        Assert.Equal(LogErrorCode.UnknownTopicOrPartition, refused.ErrorCode);
        Assert.DoesNotContain(topic, await broker.ListTopicsAsync());
    }

    [Fact]
    public async Task Partition_added_later_is_used_soon()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await using ILogProducer producer = broker.CreateProducer();
        await producer.ProduceAsync(topic, "k", "v");
        await broker.AddPartitionsAsync(topic, 2);

        RecordPosition at = await producer.ProduceAsync(new ProducerRecord(topic, null, "v") { Partition = 1 }).AsTask().WaitAsync(s_limit);
        Assert.Equal(1, at.Partition);
    }

    [Fact]
    public async Task Failure_told_to_nobody_is_told_to_the_next_flush()
    {
        (KafkaLogBroker broker, string topic) = await TopicAsync();
        await broker.AlterTopicConfigurationAsync(topic, new Dictionary<string, string?> { [TopicConfiguration.MaxMessageBytes] = "1000" });
        await using ILogProducer producer = broker.CreateProducer();
        await producer.EnqueueAsync(new ProducerRecord(topic, null, new string('x', 5000)));

        LogException failed = await Assert.ThrowsAsync<LogException>(() => producer.FlushAsync().AsTask().WaitAsync(s_limit));
        Assert.Equal(LogErrorCode.MessageTooLarge, failed.ErrorCode);
        await producer.FlushAsync();
    }

    [Fact]
    public async Task Setting_passed_through_takes_effect()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync(o => o.Settings["message.max.bytes"] = "2000");
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic);
        await using ILogProducer producer = broker.CreateProducer();
        await producer.ProduceAsync(topic, null, new string('x', 1000));

        LogException refused = await Assert.ThrowsAsync<LogException>(
            () => producer.ProduceAsync(topic, null, new string('x', 3000)).AsTask().WaitAsync(s_limit));
        Assert.Equal(LogErrorCode.MessageTooLarge, refused.ErrorCode);
    }

    [Fact]
    public async Task Own_partitioner_chooses()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic, partitions: 3);
        await using ILogProducer producer = broker.CreateProducer(new ProducerOptions { Partitioner = new RoundRobinPartitioner() });
        List<int> partitions = [];
        for (int i = 0; i < 6; i++)
            partitions.Add((await producer.ProduceAsync(topic, "same", "v")).Partition);

        Assert.Equal([0, 1, 2, 0, 1, 2], partitions);
    }

    private async Task<(KafkaLogBroker Broker, string Topic)> TopicAsync()
    {
        KafkaLogBroker broker = await kafka.ConnectAsync();
        string topic = RealKafka.Unique("topic");
        await broker.CreateTopicAsync(topic);
        return (broker, topic);
    }

    private static async Task<ILogConsumer> ReaderAsync(KafkaLogBroker broker, string topic)
    {
        ILogConsumer consumer = broker.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await consumer.AssignAsync([new TopicPartition(topic, 0)]);
        return consumer;
    }
}
