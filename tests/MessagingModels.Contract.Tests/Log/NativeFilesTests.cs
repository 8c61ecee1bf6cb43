using MessagingModels.Broker;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>A data directory that the embedded broker has written is Kafka's format throughout: Kafka's own tool reads each file and finds nothing wrong.</summary>
public sealed class NativeFilesTests : IDisposable
{
    private const int SegmentBytes = 20_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mm-files-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Kafkas_tool_reads_every_segment_and_index_of_a_data_directory()
    {
        string home = KafkaTool.DemandHome();
        await WriteAsync();
        string[] segments = FilesNamed("*.log"), indexes = [.. FilesNamed("*.index"), .. FilesNamed("*.timeindex")];
        Assert.True(segments.Length > 40, $"There are {segments.Length} segments.");

        string[] dumps = await Task.WhenAll(
            KafkaTool.DumpAsync(home, "--deep-iteration", segments),
            KafkaTool.DumpAsync(home, "--index-sanity-check", indexes),
            KafkaTool.DumpAsync(home, "--verify-index-only", indexes));
        CheckRecords(dumps[0]);

        // What compaction left may be too little for an entry in the index.
        foreach (string index in indexes)
            Assert.Contains(new FileInfo(index).Length > 0 ? $"{index} passed sanity check" : $"{index} is empty", dumps[1], StringComparison.Ordinal);
        Assert.True(indexes.Count(index => new FileInfo(index).Length > 0) > 60);
        foreach (string complaint in (string[])["Mismatches", "Found timestamp mismatch", "Found out of order timestamp", "Index timestamp", "not found", "Exception"])
            Assert.DoesNotContain(complaint, string.Concat(dumps), StringComparison.Ordinal);
    }

    private static void CheckRecords(string dump)
    {
        Assert.Contains("isvalid: true", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("isvalid: false", dump, StringComparison.Ordinal);
        foreach (CompressionType compression in Enum.GetValues<CompressionType>())
            Assert.Contains($"compresscodec: {compression.ToString().ToLowerInvariant()}", dump, StringComparison.Ordinal);
        foreach (string part in (string[])["isTransactional: true", "endTxnMarker: COMMIT", "endTxnMarker: ABORT", "headerKeys: [source,empty]", "producerEpoch: 0"])
            Assert.Contains(part, dump, StringComparison.Ordinal);
    }

    private async Task WriteAsync()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions
        {
            DataDirectory = _directory.FullName,
            RetentionCheckInterval = TimeSpan.FromMilliseconds(50),
        });
        foreach (CompressionType compression in Enum.GetValues<CompressionType>())
        {
            string topic = $"plain-{compression}";
            await broker.Log.CreateTopicAsync(Topic(topic));
            await FillAsync(broker.Log, topic, new ProducerOptions { Compression = compression, BatchSizeBytes = 4000 }, 400);
        }

        await WriteTransactionsAsync(broker.Log);
        await WriteCompactedAsync(broker.Log);
        await broker.Log.CreateTopicAsync(new TopicSpecification("cut") { Configuration = Small });
        await FillAsync(broker.Log, "cut", new ProducerOptions { BatchSizeBytes = 4000 }, 200);
        await broker.Log.DeleteRecordsAsync(new TopicPartition("cut", 0), new Offset(100));
        await broker.Log.CreateTopicAsync("empty");
    }

    private static Dictionary<string, string> Small => new()
    {
        [TopicConfiguration.SegmentBytes] = $"{SegmentBytes}",
        [TopicConfiguration.IndexIntervalBytes] = "1000",
    };

    private static TopicSpecification Topic(string name) => new(name, 2) { Configuration = Small };

    private static async Task FillAsync(ILogBroker log, string topic, ProducerOptions options, int records)
    {
        await using ILogProducer producer = log.CreateProducer(options);
        Random random = new(records);
        for (int i = 0; i < records; i++)
        {
            // Not compressible: the same number of segments with every codec.
            byte[] value = new byte[400];
            random.NextBytes(value);
            RecordHeaders headers = [];
            headers.Add("source", topic);
            headers.Add("empty", default(ReadOnlyMemory<byte>?));
            await producer.EnqueueAsync(new ProducerRecord(topic, i % 5 == 0 ? null : BitConverter.GetBytes(i), value) { Headers = headers });
        }

        await producer.FlushAsync();
    }

    private static async Task WriteTransactionsAsync(ILogBroker log)
    {
        await log.CreateTopicAsync(Topic("transactional"));
        await using ILogProducer producer = log.CreateProducer(new ProducerOptions { TransactionalId = "till", BatchSizeBytes = 2000, Compression = CompressionType.Zstd });
        for (int i = 0; i < 20; i++)
        {
            await using ILogTransaction transaction = await producer.BeginTransactionAsync();
            for (int j = 0; j < 20; j++) await producer.EnqueueAsync(new ProducerRecord("transactional", $"{j}", new string('x', 300)));
            if (i % 3 != 0) await transaction.CommitAsync();
        }
    }

    private static async Task WriteCompactedAsync(ILogBroker log)
    {
        await log.CreateTopicAsync(new TopicSpecification("compacted")
        {
            Configuration = new Dictionary<string, string>(Small)
            {
                [TopicConfiguration.CleanupPolicy] = "compact",
                [TopicConfiguration.MinCleanableDirtyRatio] = "0.01",
            },
        });
        await using ILogProducer producer = log.CreateProducer(new ProducerOptions { Compression = CompressionType.Lz4, BatchSizeBytes = 2000 });
        for (int i = 0; i < 1000; i++) await producer.EnqueueAsync(new ProducerRecord("compacted", $"{i % 40}", i % 90 == 0 ? null : $"{i} {new string('v', 200)}"));
        await producer.FlushAsync();

        // Compaction leaves holes: fewer records than offsets.
        TopicPartition partition = new("compacted", 0);
        using CancellationTokenSource bound = new(TimeSpan.FromSeconds(60));
        while (await CountAsync(log, partition) >= 900) await Task.Delay(20, bound.Token);
    }

    private static async Task<int> CountAsync(ILogBroker log, TopicPartition partition)
    {
        await using ILogConsumer consumer = log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await consumer.AssignAsync([partition]);
        int count = 0;
        while (await consumer.PollAsync(TimeSpan.Zero, 5000) is { Count: > 0 and int read }) count += read;
        return count;
    }

    private string[] FilesNamed(string pattern)
        => [.. Directory.GetFiles(Path.Combine(_directory.FullName, "topics"), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
