using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class RetentionAndCompaction() : Lesson(
    6, "retention-and-compaction", "Old records go by age or size, or once their key has a newer value.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        // Checked every 5 minutes unless set; a lesson cannot wait that long.
        EmbeddedBrokerOptions options = new() { RetentionCheckInterval = TimeSpan.FromMilliseconds(20) };
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(options, cancellationToken: stopping);
        await using ILogProducer producer = broker.Log.CreateProducer();

        await RetainAsync(broker.Log, producer, output, stopping);
        await CompactAsync(broker.Log, producer, output, stopping);
    }

    private static async Task RetainAsync(ILogBroker log, ILogProducer producer, TextWriter output, CancellationToken stopping)
    {
        await log.CreateTopicAsync(
            new TopicSpecification("clicks")
            {
                Configuration = new Dictionary<string, string>
                {
                    [TopicConfiguration.SegmentBytes] = "100",     // whole segments are deleted; here each holds one record
                    [TopicConfiguration.RetentionBytes] = "300",
                },
            },
            stopping);
        TopicDescription topic = await log.DescribeTopicAsync("clicks", stopping);
        output.WriteLine($"clicks keeps {topic.Configuration[TopicConfiguration.RetentionMs].Value} ms (the default, 7 days) "
            + $"and {topic.Configuration[TopicConfiguration.RetentionBytes].Value} bytes.");

        for (int i = 0; i < 10; i++)
            await producer.ProduceAsync("clicks", null, $"click {i}", stopping);
        TopicPartition partition = new("clicks", 0);
        PartitionOffsets offsets = await log.GetOffsetsAsync(partition, stopping);
        while (offsets.LogStart < new Offset(5))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), stopping);
            offsets = await log.GetOffsetsAsync(partition, stopping);
        }

        output.WriteLine("Of 10 clicks the oldest were deleted; the others keep their offsets: the end is still "
            + $"{offsets.HighWatermark}.");
    }

    private static async Task CompactAsync(ILogBroker log, ILogProducer producer, TextWriter output, CancellationToken stopping)
    {
        await log.CreateTopicAsync(
            new TopicSpecification("profiles")
            {
                Configuration = new Dictionary<string, string>
                {
                    [TopicConfiguration.CleanupPolicy] = "compact",
                    [TopicConfiguration.SegmentBytes] = "100",     // the segment that is written to is never compacted
                    [TopicConfiguration.MinCleanableDirtyRatio] = "0.01",
                },
            },
            stopping);
        (string Key, string? Value)[] writes =
            [("alice", "Berlin"), ("bob", "Paris"), ("alice", "Rome"), ("carol", "Oslo"), ("alice", "Lima"), ("carol", null), ("dave", "Bern")];
        foreach ((string key, string? value) in writes)
            await producer.ProduceAsync("profiles", key, value, stopping);
        output.WriteLine($"Wrote {writes.Length} profiles: three of alice, and a deletion (a null value) of carol.");

        List<LogRecord> kept = await ReadAllAsync(log, stopping);
        while (kept.Count != 4)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), stopping);
            kept = await ReadAllAsync(log, stopping);
        }

        output.WriteLine("After compaction the last value of each key is left:");
        foreach (LogRecord record in kept)
            output.WriteLine($"  {record.Offset}: {record.KeyText} = {record.ValueText ?? "(deleted; the mark goes after delete.retention.ms)"}");
    }

    private static async Task<List<LogRecord>> ReadAllAsync(ILogBroker log, CancellationToken stopping)
    {
        await using ILogConsumer reader = log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        TopicPartition partition = new("profiles", 0);
        await reader.AssignAsync([partition], stopping);
        List<LogRecord> records = [];
        while (await reader.LagAsync(partition, stopping) > 0)
            records.AddRange(await reader.PollAsync(TimeSpan.FromMilliseconds(10), cancellationToken: stopping));
        return records;
    }
}
