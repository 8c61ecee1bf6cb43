using System.Diagnostics;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>What a partition keeps: the last value of each key, or what is young and small enough. Segments are rolled by the records' times.</summary>
public abstract class RetentionContract(ILogProvider provider) : LogContract(provider)
{
    private static readonly TimeSpan s_apart = TimeSpan.FromHours(1);

    /// <summary>Longer than a pass of compaction takes to come round.</summary>
    private static readonly TimeSpan s_stirInterval = TimeSpan.FromMilliseconds(500);

    private static readonly (string, string)[] s_compacted =
    [
        (TopicConfiguration.CleanupPolicy, "compact"),
        (TopicConfiguration.MinCleanableDirtyRatio, "0.01"),
        (TopicConfiguration.SegmentMs, "600000"),
        (TopicConfiguration.MessageTimestampAfterMaxMs, "9223372036854775807"),
    ];

    private DateTimeOffset _next = DateTimeOffset.UtcNow.AddDays(-30);

    [Fact]
    public async Task Compaction_keeps_the_last_value_of_each_key_at_its_offset()
    {
        TopicPartition partition = new(await TopicAsync(1, s_compacted), 0);
        await WriteKeysAsync(partition, ("a", "1"), ("b", "1"), ("a", "2"), ("c", "1"), ("a", "3"), ("b", "2"));
        await CompactedAsync(partition, ["c=1 @3", "a=3 @4", "b=2 @5"]);

        Assert.Equal(0, (await Log.GetOffsetsAsync(partition)).LogStart.Value);
    }

    [Fact]
    public async Task Tombstone_removes_what_its_key_had()
    {
        TopicPartition partition = new(await TopicAsync(1, s_compacted), 0);
        await WriteKeysAsync(partition, ("a", "1"), ("b", "1"), ("a", null));

        await CompactedAsync(partition, ["b=1 @1", "a= @2"]);
    }

    [Fact]
    public async Task Tombstone_goes_when_its_time_is_over()
    {
        TopicPartition partition = new(await TopicAsync(1, [.. s_compacted, (TopicConfiguration.DeleteRetentionMs, "100")]), 0);
        await WriteKeysAsync(partition, ("a", "1"), ("b", "1"), ("a", null));
        await CompactedAsync(partition, ["b=1 @1"], stir: true);
    }

    [Fact]
    public async Task Segment_that_is_written_to_is_not_compacted()
    {
        TopicPartition partition = new(await TopicAsync(1, s_compacted), 0);
        ILogProducer producer = Producer(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(100) });
        foreach (string value in (string[])["1", "2"])
        {
            await producer.ProduceAsync(new ProducerRecord(partition.Topic, "a", value) { Timestamp = _next });
            _next += s_apart;
        }

        // One batch, which closes the segment before it: only a pass that finds it in the segment that is written to can take the first value away.
        foreach (string value in (string[])["x", "y", "z"])
            await producer.EnqueueAsync(new ProducerRecord(partition.Topic, "same", value) { Timestamp = _next });
        await producer.FlushAsync();

        await EventuallyAsync(async () => await RecordsAsync(partition) is ["a=2 @1", ..]);
        Assert.Equal(["x", "y", "z"], (await ReadAllAsync(partition)).Where(r => r.KeyText == "same").Select(r => r.ValueText));
    }

    [Fact]
    public async Task Compaction_keeps_uncommitted_data_away_from_careful_readers()
    {
        Demand(LogFeature.Transactions);
        TopicPartition partition = new(await TopicAsync(1, s_compacted), 0);
        ILogProducer producer = Producer(new ProducerOptions { TransactionalId = Unique("id") });
        ILogTransaction transaction = await producer.BeginTransactionAsync();
        await producer.ProduceAsync(partition.Topic, "a", "committed");
        await transaction.CommitAsync();
        await using (await producer.BeginTransactionAsync())
            await producer.ProduceAsync(partition.Topic, "a", "aborted");

        // The ends of transactions have the broker's time.
        _next = DateTimeOffset.UtcNow + s_apart;
        await WriteKeysAsync(partition, ("b", "1"), ("b", "2"));

        await EventuallyAsync(async () => (await RecordsAsync(partition)).Count(r => r.StartsWith("b=", StringComparison.Ordinal)) == 1);
        Assert.Equal("committed", (await ReadAsync(await CommittedReaderAsync(partition), 1))[0].ValueText);
    }

    [Fact]
    public async Task Old_segments_go()
    {
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.SegmentMs, "600000"), (TopicConfiguration.RetentionMs, "3600000")), 0);
        await WriteOldAsync(partition, 7200, 7100, 60, 0);

        await EventuallyAsync(async () => (await Log.GetOffsetsAsync(partition)).LogStart.Value == 2);
        Assert.Equal(["60", "0"], await ReadValuesAsync(await ReaderAsync(partition), 2));
    }

    [Fact]
    public async Task Old_records_go_though_nothing_comes_after_them()
    {
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.RetentionMs, "3600000")), 0);
        await WriteOldAsync(partition, 7200, 7100);

        await EventuallyAsync(async () => (await Log.GetOffsetsAsync(partition)).LogStart.Value == 2);
        Assert.Equal(2, (await WriteAsync(partition, "young")).Offset.Value);
        Assert.Equal(["young"], await ReadValuesAsync(await ReaderAsync(partition), 1));
    }

    [Fact]
    public async Task Segment_that_holds_a_young_record_stays_whole()
    {
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.RetentionMs, "3600000")), 0);
        await WriteOldAsync(partition, 0, 7200);

        // Where another partition has lost a record as old, retention has passed.
        TopicPartition old = new(await TopicAsync(1, (TopicConfiguration.RetentionMs, "3600000")), 0);
        await WriteOldAsync(old, 7200);
        await EventuallyAsync(async () => (await Log.GetOffsetsAsync(old)).LogStart.Value == 1);

        Assert.Equal(0, (await Log.GetOffsetsAsync(partition)).LogStart.Value);
    }

    [Fact]
    public async Task Segments_above_the_size_go_from_the_oldest()
    {
        TopicPartition partition = new(await TopicAsync(1, (TopicConfiguration.SegmentMs, "600000"), (TopicConfiguration.RetentionBytes, "30000")), 0);
        ILogProducer producer = Producer();
        DateTimeOffset time = DateTimeOffset.UtcNow.AddDays(-1);
        for (int i = 0; i < 10; i++)
        {
            await producer.ProduceAsync(new ProducerRecord(partition.Topic, null, new byte[10_000]) { Timestamp = time + (i * s_apart) });
        }

        // Three segments hold a little more than the limit: the oldest whose going leaves at least the limit has gone.
        await EventuallyAsync(async () => (await Log.GetOffsetsAsync(partition)).LogStart.Value == 7);
        Assert.Equal(10, (await Log.GetOffsetsAsync(partition)).HighWatermark.Value);
    }

    [Fact]
    public async Task Deleting_policy_added_to_a_compacted_topic_deletes()
    {
        Demand(LogFeature.TopicConfiguration);
        TopicPartition partition = new(await TopicAsync(1, [.. s_compacted, (TopicConfiguration.RetentionMs, "3600000")]), 0);
        await WriteKeysAsync(partition, ("a", "1"), ("b", "1"));
        await Log.AlterTopicConfigurationAsync(
            partition.Topic, new Dictionary<string, string?> { [TopicConfiguration.CleanupPolicy] = "compact,delete" });

        await EventuallyAsync(async () => (await Log.GetOffsetsAsync(partition)).LogStart.Value >= 2);
    }

    /// <summary>Writes records of an age in seconds, which is their value too.</summary>
    private async Task WriteOldAsync(TopicPartition partition, params int[] seconds)
    {
        ILogProducer producer = Producer();
        foreach (int age in seconds)
            await producer.ProduceAsync(new ProducerRecord(partition.Topic, null, $"{age}") { Timestamp = DateTimeOffset.UtcNow.AddSeconds(-age) });
    }

    /// <summary>Writes keys, each in a segment of its own by its time, and a last one that closes the segment before.</summary>
    private Task WriteKeysAsync(TopicPartition partition, params (string Key, string? Value)[] records) => WriteKeysAsync(Producer(), partition, records);

    private async Task WriteKeysAsync(ILogProducer producer, TopicPartition partition, params (string Key, string? Value)[] records)
    {
        foreach ((string key, string? value) in records.Append(("last", "")))
        {
            await producer.ProduceAsync(new ProducerRecord(partition.Topic, key, value) { Timestamp = _next });
            _next += s_apart;
        }
    }

    /// <summary>Waits until the partition holds these records and its last one; stirring writes on, since only a dirty log is compacted again.</summary>
    private async Task CompactedAsync(TopicPartition partition, string[] expected, bool stir = false)
    {
        ILogProducer producer = Producer();
        Stopwatch sinceStirred = Stopwatch.StartNew();
        await EventuallyAsync(async () =>
        {
            if (stir && sinceStirred.Elapsed > s_stirInterval)
            {
                await WriteKeysAsync(producer, partition, ("stirred", ""));
                sinceStirred.Restart();
            }

            return expected.SequenceEqual((await RecordsAsync(partition)).Where(r => !r.StartsWith("last", StringComparison.Ordinal) && !r.StartsWith("stirred", StringComparison.Ordinal)));
        });
    }

    private async Task<string[]> RecordsAsync(TopicPartition partition)
        => [.. (await ReadAllAsync(partition)).Select(r => $"{r.KeyText}={r.ValueText} @{r.Offset}")];

    private async Task<List<LogRecord>> ReadAllAsync(TopicPartition partition)
    {
        await using ILogConsumer reader = Log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await reader.AssignAsync([partition]);
        long end = (await Log.GetOffsetsAsync(partition)).HighWatermark;
        List<LogRecord> records = [];
        while (reader.Position(partition) < end) records.AddRange(await reader.PollAsync(TimeSpan.FromMilliseconds(100)));
        return records;
    }
}

public sealed class Retention_on_native(NativeLog log) : RetentionContract(log);

public sealed class Retention_on_native_on_disk(NativeDiskLog log) : RetentionContract(log);

public sealed class Retention_on_kafka(KafkaLog log) : RetentionContract(log);
