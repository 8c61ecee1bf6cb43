using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>The readable range of a partition, deleting from its start, and finding offsets by time.</summary>
public abstract class OffsetsContract(ILogProvider provider) : LogContract(provider)
{
    [Fact]
    public async Task Range_of_an_empty_partition_is_empty()
        => Assert.Equal(
            new PartitionOffsets(Offset.Zero, Offset.Zero, Offset.Zero), await Log.GetOffsetsAsync(new TopicPartition(await TopicAsync(), 0)));

    [Fact]
    public async Task Range_ends_after_the_last_record()
    {
        TopicPartition partition = new(await TopicAsync(partitions: 2), 1);
        await WriteAsync(partition, "a", "b", "c");

        Assert.Equal(new PartitionOffsets(Offset.Zero, new Offset(3), new Offset(3)), await Log.GetOffsetsAsync(partition));
        Assert.Equal(0, (await Log.GetOffsetsAsync(new TopicPartition(partition.Topic, 0))).HighWatermark.Value);
    }

    [Fact]
    public async Task Deleted_records_are_gone_and_offsets_stay()
    {
        Demand(LogFeature.DeletingRecords);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "a", "b", "c", "d");

        Assert.Equal(new Offset(2), await Log.DeleteRecordsAsync(partition, new Offset(2)));
        Assert.Equal((2, 4), Range(await Log.GetOffsetsAsync(partition)));
        List<LogRecord> records = await ReadAsync(await ReaderAsync(partition), 2);
        Assert.Equal([("c", 2), ("d", 3)], records.Select(r => (r.ValueText!, r.Offset.Value)));
    }

    [Fact]
    public async Task All_records_can_be_deleted_and_offsets_go_on()
    {
        Demand(LogFeature.DeletingRecords);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "a", "b");

        Assert.Equal(new Offset(2), await Log.DeleteRecordsAsync(partition, null));
        Assert.Equal((2, 2), Range(await Log.GetOffsetsAsync(partition)));
        Assert.Equal(2, (await WriteAsync(partition, "c")).Offset.Value);
        Assert.Equal(["c"], await ReadValuesAsync(await ReaderAsync(partition), 1));
    }

    [Fact]
    public async Task Deleting_what_is_deleted_changes_nothing()
    {
        Demand(LogFeature.DeletingRecords);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "a", "b", "c");
        await Log.DeleteRecordsAsync(partition, new Offset(2));

        Assert.Equal(new Offset(2), await Log.DeleteRecordsAsync(partition, new Offset(1)));
        Assert.Equal((2, 3), Range(await Log.GetOffsetsAsync(partition)));
    }

    [Fact]
    public async Task Records_after_the_end_cannot_be_deleted()
    {
        Demand(LogFeature.DeletingRecords);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAsync(partition, "a");

        await RefusedAsync(LogErrorCode.OffsetOutOfRange, () => Log.DeleteRecordsAsync(partition, new Offset(2)).AsTask());
        Assert.Equal((0, 1), Range(await Log.GetOffsetsAsync(partition)));
    }

    [Theory]
    [InlineData(-1, 0L)]
    [InlineData(0, 0L)]
    [InlineData(1, 1L)]
    [InlineData(15, 2L)]
    [InlineData(20, 2L)]
    [InlineData(21, null)]
    public async Task First_record_that_is_not_older_is_found(long timestamp, long? offset)
    {
        Demand(LogFeature.OffsetsByTimestamp);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAtAsync(partition, 0, 10, 20);

        Assert.Equal(offset, (await Log.FindOffsetAsync(partition, At(timestamp)))?.Value);
    }

    [Theory]
    [InlineData(5, 1L)]
    [InlineData(25, 1L)]
    [InlineData(30, 1L)]
    [InlineData(31, null)]
    public async Task Times_may_go_back_and_the_first_offset_counts(long timestamp, long? offset)
    {
        Demand(LogFeature.OffsetsByTimestamp);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAtAsync(partition, 0, 30, 10, 30);

        Assert.Equal(offset, (await Log.FindOffsetAsync(partition, At(timestamp)))?.Value);
    }

    [Fact]
    public async Task Record_is_found_within_its_batch()
    {
        Demand(LogFeature.OffsetsByTimestamp);
        TopicPartition partition = new(await TopicAsync(), 0);
        ILogProducer producer = Producer(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(100), Compression = CompressionType.Lz4 });
        for (int i = 0; i < 100; i++)
            await producer.EnqueueAsync(new ProducerRecord(partition.Topic, null, "x") { Timestamp = At(10 * i) });
        await producer.FlushAsync();

        Assert.Equal(42, (await Log.FindOffsetAsync(partition, At(415)))?.Value);
    }

    [Fact]
    public async Task Nothing_is_found_in_an_empty_partition()
    {
        Demand(LogFeature.OffsetsByTimestamp);

        Assert.Null(await Log.FindOffsetAsync(new TopicPartition(await TopicAsync(), 0), At(0)));
    }

    [Fact]
    public async Task Deleted_records_are_not_found()
    {
        Demand(LogFeature.DeletingRecords);
        Demand(LogFeature.OffsetsByTimestamp);
        TopicPartition partition = new(await TopicAsync(), 0);
        await WriteAtAsync(partition, 0, 10, 20);
        await Log.DeleteRecordsAsync(partition, new Offset(1));

        Assert.Equal(1, (await Log.FindOffsetAsync(partition, At(0)))?.Value);
    }

    [Fact]
    public async Task Partition_that_does_not_exist_is_refused()
    {
        TopicPartition absent = new(await TopicAsync(), 1);

        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => Log.GetOffsetsAsync(absent).AsTask());
        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => Log.FindOffsetAsync(absent, At(0)).AsTask());
        await RefusedAsync(LogErrorCode.UnknownTopicOrPartition, () => Log.DeleteRecordsAsync(absent, null).AsTask());
    }

    private static (long, long) Range(PartitionOffsets offsets) => (offsets.LogStart, offsets.HighWatermark);
}

public sealed class Offsets_on_native(NativeLog log) : OffsetsContract(log);

public sealed class Offsets_on_native_on_disk(NativeDiskLog log) : OffsetsContract(log);

public sealed class Offsets_on_kafka(KafkaLog log) : OffsetsContract(log);
