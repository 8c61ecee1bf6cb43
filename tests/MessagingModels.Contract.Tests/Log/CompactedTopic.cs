namespace MessagingModels.Contract.Tests.Log;

/// <summary>
/// A topic that its broker has compacted, with all that compaction leaves behind: holes between offsets, tombstones and ends of transactions that
/// still have their time (their batches then have the end of it in the place of their base timestamp), and batches without records that keep the
/// place of a producer.
/// </summary>
internal static class CompactedTopic
{
    public const string Name = "compacted";

    private const int Keys = 40;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    public static void Configure(Dictionary<string, string> settings)
    {
        settings[TopicConfiguration.CleanupPolicy] = "compact";
        settings[TopicConfiguration.MinCleanableDirtyRatio] = "0.01";
    }

    /// <summary>Writes and completes when the broker has compacted everything but the last record, twice.</summary>
    public static async Task WriteAsync(ILogBroker log)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await using (ILogProducer gone = log.CreateProducer())
        {
            for (int i = 0; i < 3; i++) await gone.ProduceAsync(Record($"{i}", "of a producer all of whose records are superseded", now.AddMinutes(-60)));
        }

        await using ILogProducer producer = log.CreateProducer(new ProducerOptions { BatchSizeBytes = 1000, Compression = CompressionType.Snappy });
        for (int i = 0; i < 400; i++)
        {
            int key = i % Keys;
            await producer.EnqueueAsync(Record($"{key}", i >= 360 && key % 7 == 0 ? null : $"{i} {new string('v', i)}", now.AddMinutes(-50).AddSeconds(i)));
        }

        await producer.FlushAsync();
        await WriteTransactionsAsync(log, now);

        // The ends of transactions have the broker's time; what comes a quarter of an hour after it closes the segment before.
        await producer.ProduceAsync(Record("last but one", "x", now.AddMinutes(15)));
        await producer.ProduceAsync(Record("last", "x", now.AddMinutes(27)));
        await CompactedAsync(log);

        // The first pass takes the records of aborted transactions; the second one finds that nothing is left of these, and their ends get their time.
        await producer.ProduceAsync(Record("last", "again", now.AddMinutes(39)));
        await producer.ProduceAsync(Record("very last", "x", now.AddMinutes(51)));
        await CompactedAsync(log);
    }

    private static async Task WriteTransactionsAsync(ILogBroker log, DateTimeOffset now)
    {
        await using ILogProducer producer = log.CreateProducer(new ProducerOptions { TransactionalId = "keeper" });
        for (int i = 0; i < 6; i++)
        {
            await using ILogTransaction transaction = await producer.BeginTransactionAsync();
            for (int key = 0; key < 4; key++) await producer.ProduceAsync(Record($"{key}", $"transaction {i}", now));
            await producer.ProduceAsync(Record($"of transaction {i}", "x", now));
            if (i % 2 == 0) await transaction.CommitAsync();
        }
    }

    private static ProducerRecord Record(string key, string? value, DateTimeOffset time) => new(Name, key, value) { Timestamp = time };

    /// <summary>A pass goes over all closed segments: when no key is there twice, it is over.</summary>
    private static async Task CompactedAsync(ILogBroker log)
    {
        TopicPartition partition = new(Name, 0);
        using CancellationTokenSource limit = new(s_limit);
        while (true)
        {
            List<string?> keys = [];
            await using ILogConsumer consumer = log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
            await consumer.AssignAsync([partition], limit.Token);
            long end = (await log.GetOffsetsAsync(partition, limit.Token)).HighWatermark;
            while (consumer.Position(partition) < end)
                keys.AddRange((await consumer.PollAsync(TimeSpan.FromMilliseconds(100), cancellationToken: limit.Token)).Select(record => record.KeyText));
            if (keys.Distinct().Count() == keys.Count) return;
            await Task.Delay(100, limit.Token);
        }
    }
}
