using System.Text.RegularExpressions;
using MessagingModels.Broker;
using MessagingModels.Provisioning.Kafka;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>A data directory that the embedded broker has written is Kafka's format throughout: Kafka's own tool reads each file and finds nothing wrong.</summary>
public sealed class NativeFilesTests : IDisposable
{
    private const int SegmentBytes = 20_000;
    private const int Partitions = 2;
    private const int PlainRecords = 400;
    private const int Transactions = 20;
    private const int RecordsOfTransaction = 20;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mm-files-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Kafkas_tool_reads_every_segment_and_index_of_a_data_directory()
    {
        KafkaInstallation kafka = KafkaTool.Demand();
        await WriteAsync();
        string[] segments = FilesNamed("*.log"), indexes = [.. FilesNamed("*.index"), .. FilesNamed("*.timeindex")];
        Assert.True(segments.Length > 40, $"There are {segments.Length} segments.");

        string[] dumps = await Task.WhenAll(
            KafkaTool.DumpAsync(kafka, "--deep-iteration", segments),
            KafkaTool.DumpAsync(kafka, "--index-sanity-check", indexes),
            KafkaTool.DumpAsync(kafka, "--verify-index-only", indexes));
        LogDump dump = LogDump.Parse(dumps[0]);
        CheckPlain(dump);
        CheckTransactional(dump, dumps[0]);
        await CheckWhatWasTakenAwayAsync(dump);

        // What compaction left may be too little for an entry in the index.
        foreach (string index in indexes)
            Assert.Contains(new FileInfo(index).Length > 0 ? $"{index} passed sanity check" : $"{index} is empty", dumps[1], StringComparison.Ordinal);
        Assert.True(indexes.Count(index => new FileInfo(index).Length > 0) > 60);
        foreach (string complaint in (string[])["Mismatches", "Found timestamp mismatch", "Found out of order timestamp", "Index timestamp", "not found", "invalid bytes", "Exception"])
            Assert.DoesNotContain(complaint, string.Concat(dumps), StringComparison.Ordinal);
    }

    /// <summary>Each topic holds what was written to it, in the compression of its producer or, where it has one, in its own.</summary>
    private static void CheckPlain(LogDump dump)
    {
        foreach (CompressionType compression in Enum.GetValues<CompressionType>())
        {
            string codec = compression.ToString().ToLowerInvariant(), plain = $"plain-{compression}", recompressed = $"topics-{compression}";
            Assert.Equal(PlainRecords, dump.RecordsOf(plain));
            Assert.Equal(PlainRecords, dump.RecordsOf(recompressed));
            Assert.All(dump.Batches[plain].Concat(dump.Batches[recompressed]), batch => Assert.Equal(codec, batch.Codec));
        }

        Assert.All(dump.Batches["topics-producer"], batch => Assert.Equal("lz4", batch.Codec));
        Assert.Equal(PlainRecords, dump.RecordsOf("topics-producer"));
        Assert.Empty(dump.Batches["empty"]);
    }

    private static void CheckTransactional(LogDump dump, string text)
    {
        Assert.Equal(Transactions * RecordsOfTransaction, dump.RecordsOf("transactional"));
        Assert.All(dump.Batches["transactional"], batch => Assert.True(batch.IsTransactional));
        Assert.Equal(Partitions * Transactions, dump.Batches["transactional"].Count(batch => batch.IsControl));
        Assert.Equal(Partitions * Enumerable.Range(0, Transactions).Count(IsCommitted), Regex.Count(text, "endTxnMarker: COMMIT"));
        Assert.Equal(Partitions * Enumerable.Range(0, Transactions).Count(i => !IsCommitted(i)), Regex.Count(text, "endTxnMarker: ABORT"));
        foreach (string part in (string[])["headerKeys: [source,empty]", "producerEpoch: 0"])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    /// <summary>Only compaction leaves holes between offsets; deletion takes whole segments from the front.</summary>
    private async Task CheckWhatWasTakenAwayAsync(LogDump dump)
    {
        Assert.Equal(["compacted"], dump.TopicsWithHoles);
        long first = dump.Batches["cut"].Min(batch => batch.BaseOffset);
        Assert.InRange(first, 1, 100);
        Assert.Equal(PlainRecords - first, dump.RecordsOf("cut"));
        Assert.Equal(PlainRecords - 1, dump.Batches["cut"].Max(batch => batch.LastOffset));

        await using EmbeddedBroker reopened = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = _directory.FullName });
        Assert.Equal(await CountAsync(reopened.Log, new TopicPartition("compacted", 0)), dump.RecordsOf("compacted"));
    }

    private static bool IsCommitted(int transaction) => transaction % 3 != 0;

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
            await FillAsync(broker.Log, topic, new ProducerOptions { Compression = compression, BatchSizeBytes = 4000 });
            await WriteRecompressedAsync(broker.Log, $"topics-{compression}", compression == CompressionType.None ? "uncompressed" : compression.ToString().ToLowerInvariant());
        }

        await WriteRecompressedAsync(broker.Log, "topics-producer", "producer");
        await WriteTransactionsAsync(broker.Log);
        await WriteCompactedAsync(broker.Log);
        await broker.Log.CreateTopicAsync(new TopicSpecification("cut") { Configuration = Small });
        await FillAsync(broker.Log, "cut", new ProducerOptions { BatchSizeBytes = 4000 });
        await broker.Log.DeleteRecordsAsync(new TopicPartition("cut", 0), new Offset(100));
        await broker.Log.CreateTopicAsync("empty");
    }

    /// <summary>The producer's compression is LZ4, the topic's another or the producer's.</summary>
    private static async Task WriteRecompressedAsync(ILogBroker log, string topic, string compression)
    {
        await log.CreateTopicAsync(Topic(topic) with { Configuration = new Dictionary<string, string>(Small) { [TopicConfiguration.CompressionType] = compression } });
        await FillAsync(log, topic, new ProducerOptions { Compression = CompressionType.Lz4, BatchSizeBytes = 4000 });
    }

    private static Dictionary<string, string> Small => new()
    {
        [TopicConfiguration.SegmentBytes] = $"{SegmentBytes}",
        [TopicConfiguration.IndexIntervalBytes] = "1000",
    };

    private static TopicSpecification Topic(string name) => new(name, Partitions) { Configuration = Small };

    private static async Task FillAsync(ILogBroker log, string topic, ProducerOptions options)
    {
        await using ILogProducer producer = log.CreateProducer(options);
        Random random = new(PlainRecords);
        for (int i = 0; i < PlainRecords; i++)
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
        for (int i = 0; i < Transactions; i++)
        {
            await using ILogTransaction transaction = await producer.BeginTransactionAsync();
            for (int j = 0; j < RecordsOfTransaction; j++) await producer.EnqueueAsync(new ProducerRecord("transactional", $"{j}", new string('x', 300)));
            if (IsCommitted(i)) await transaction.CommitAsync();
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
        for (int i = 0; i < 1000; i++)
        {
            string key = i % 50 == 0 ? $"once {i}" : $"{i % 40}";
            await producer.EnqueueAsync(new ProducerRecord("compacted", key, i % 90 == 0 ? null : $"{i} {new string('v', 200)}"));
        }

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
