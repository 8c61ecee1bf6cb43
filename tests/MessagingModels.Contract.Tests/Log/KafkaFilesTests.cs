using MessagingModels.Broker;
using MessagingModels.Contract.Tests.Providers;
using MessagingModels.Kafka;
using MessagingModels.Provisioning;
using MessagingModels.Provisioning.Kafka;

namespace MessagingModels.Contract.Tests.Log;

/// <summary>The directories of partitions that real Kafka has written open in the embedded broker, which reads from them what Kafka's clients read.</summary>
public sealed class KafkaFilesTests : IDisposable
{
    private const int Records = 200;

    /// <summary>What a topic compresses with, and what DumpLogSegments calls it; the producer uses LZ4.</summary>
    private static readonly (string Setting, string Codec)[] s_compressions =
        [("producer", "lz4"), ("uncompressed", "none"), ("gzip", "gzip"), ("snappy", "snappy"), ("lz4", "lz4"), ("zstd", "zstd")];

    private static readonly string[] s_topics =
    [
        "plain", "gzip", "snappy", "lz4", "zstd", "transactional", "unnumbered", "append-time", CompactedTopic.Name,
        .. s_compressions.Select(c => $"topics-{c.Setting}"),
    ];

    private static readonly DateTimeOffset s_begin = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds());

    private readonly DirectoryInfo _kafka = Directory.CreateTempSubdirectory("mm-kafka-");
    private readonly DirectoryInfo _native = Directory.CreateTempSubdirectory("mm-native-");

    public void Dispose()
    {
        _kafka.Delete(recursive: true);
        _native.Delete(recursive: true);
    }

    [Fact]
    public async Task Partitions_that_Kafka_wrote_are_read_alike_and_written_on_by_the_embedded_broker()
    {
        KafkaInstallation installation = KafkaTool.Demand();
        await using KafkaServer server = await StartKafkaAsync();
        await using (EmbeddedBroker broker = await OpenNativeAsync()) await CreateTopicsAsync(broker.Log);
        Dictionary<string, string[]> expected = await WriteAsync(server);
        await Assert.Single(server.Nodes).StopAsync();
        await CheckDumpAsync(installation);
        foreach (string topic in s_topics) TakeOver($"{topic}-0");

        await using EmbeddedBroker reopened = await OpenNativeAsync();
        await using ILogProducer producer = reopened.Log.CreateProducer();
        foreach (string topic in s_topics)
        {
            TopicPartition partition = new(topic, 0);
            Assert.Equal(expected[topic], await DescribeAsync(reopened.Log, partition));
            Offset end = (await reopened.Log.GetOffsetsAsync(partition)).HighWatermark;
            Assert.Equal(end, (await producer.ProduceAsync(topic, "k", "next")).Offset);
        }
    }

    /// <summary>Makes sure that the files hold what the test is about.</summary>
    private async Task CheckDumpAsync(KafkaInstallation installation)
    {
        LogDump dump = LogDump.Parse(await KafkaTool.DumpAsync(installation, "--deep-iteration", s_topics.SelectMany(t => Directory.GetFiles(SourceOf($"{t}-0"), "*.log"))));
        foreach ((string setting, string codec) in s_compressions)
            Assert.All(dump.Batches[$"topics-{setting}"], batch => Assert.Equal(codec, batch.Codec));
        Assert.Equal([CompactedTopic.Name], dump.TopicsWithHoles);
        Assert.Contains(dump.Batches[CompactedTopic.Name], batch => batch is { HasDeleteHorizon: true, IsControl: true });
        Assert.Contains(dump.Batches[CompactedTopic.Name], batch => batch is { HasDeleteHorizon: true, IsControl: false, Records: > 0 });
        Assert.Contains(dump.Batches[CompactedTopic.Name], batch => batch is { IsControl: false, Records: 0 });
    }

    private async Task<KafkaServer> StartKafkaAsync()
    {
        try
        {
            return await RealKafka.StartAsync(new ProvisioningOptions
            {
                UseContainers = false,
                WorkDirectory = _kafka.FullName,
                Settings = new Dictionary<string, string> { ["log.initial.task.delay.ms"] = "100", ["log.cleaner.backoff.ms"] = "200" },
            });
        }
        catch (BrokerUnavailableException error)
        {
            RealKafka.SkipWhereNotNamed(error);
            throw;
        }
    }

    private Task<EmbeddedBroker> OpenNativeAsync() => EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = _native.FullName });

    private string SourceOf(string partition) => Assert.Single(Directory.GetDirectories(_kafka.FullName, partition, SearchOption.AllDirectories));

    /// <summary>The topic stays the embedded broker's; the files of its partition become Kafka's.</summary>
    private void TakeOver(string partition)
    {
        string target = Path.Combine(_native.FullName, "topics", partition);
        foreach (string file in Directory.GetFiles(target)) File.Delete(file);
        foreach (string file in Directory.GetFiles(SourceOf(partition))) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        Assert.True(Directory.GetFiles(target, "*.log").Length > (partition == "append-time-0" ? 0 : 1), partition);
    }

    private static async Task CreateTopicsAsync(ILogBroker log)
    {
        foreach (string topic in s_topics)
        {
            Dictionary<string, string> settings = new() { [TopicConfiguration.SegmentMs] = "600000", [TopicConfiguration.IndexIntervalBytes] = "500" };
            if (topic == CompactedTopic.Name) CompactedTopic.Configure(settings);
            if (topic == "append-time") settings[TopicConfiguration.MessageTimestampType] = "LogAppendTime";
            if (topic.StartsWith("topics-", StringComparison.Ordinal)) settings[TopicConfiguration.CompressionType] = topic["topics-".Length..];
            await log.CreateTopicAsync(new TopicSpecification(topic) { Configuration = settings });
        }
    }

    /// <summary>Writes with Kafka's client, and describes what it reads.</summary>
    private static async Task<Dictionary<string, string[]>> WriteAsync(KafkaServer server)
    {
        await using KafkaLogBroker log = await KafkaLogBroker.ConnectAsync(new KafkaOptions { BootstrapServers = server.BootstrapServers });
        await CreateTopicsAsync(log);
        await WriteTransactionsAsync(log);
        await FillAsync(log, "plain", new ProducerOptions());
        await FillAsync(log, "unnumbered", new ProducerOptions { Idempotence = false });
        foreach (CompressionType compression in (CompressionType[])[CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd])
            await FillAsync(log, compression.ToString().ToLowerInvariant(), new ProducerOptions { Compression = compression });
        await FillAsync(log, "append-time", new ProducerOptions { Compression = CompressionType.Gzip });
        foreach ((string setting, _) in s_compressions) await FillAsync(log, $"topics-{setting}", new ProducerOptions { Compression = CompressionType.Lz4 });
        await CompactedTopic.WriteAsync(log);
        Dictionary<string, string[]> written = [];
        foreach (string topic in s_topics) written[topic] = await DescribeAsync(log, new TopicPartition(topic, 0));
        return written;
    }

    private static async Task FillAsync(KafkaLogBroker log, string topic, ProducerOptions options)
    {
        await using ILogProducer producer = log.CreateProducer(options with { Linger = TimeSpan.FromMilliseconds(5), BatchSizeBytes = 2000 });
        for (int i = 0; i < Records; i++) await producer.EnqueueAsync(Record(topic, i));
        await producer.FlushAsync();
    }

    private static async Task WriteTransactionsAsync(KafkaLogBroker log)
    {
        await using ILogProducer producer = log.CreateProducer(new ProducerOptions { TransactionalId = "till" });
        for (int i = 0; i < Records; i += 10)
        {
            await using ILogTransaction transaction = await producer.BeginTransactionAsync();
            for (int j = 0; j < 10; j++) await producer.ProduceAsync(Record("transactional", i + j));
            if (i % 30 != 0) await transaction.CommitAsync();
        }
    }

    /// <summary>A record that differs from the others in everything; twelve seconds apart, so that the segments roll by the records' time.</summary>
    private static ProducerRecord Record(string topic, int number)
    {
        RecordHeaders headers = [];
        headers.Add("number", $"{number}");
        headers.Add("empty", default(ReadOnlyMemory<byte>?));
        return new ProducerRecord(topic, number % 4 == 0 ? null : $"key {number}", number % 9 == 0 ? null : $"{number} {new string('v', number)}")
        {
            Headers = headers,
            Timestamp = s_begin.AddSeconds(12 * number),
        };
    }

    /// <summary>The range of the partition, what is found by times, and all records as both kinds of readers see them.</summary>
    private static async Task<string[]> DescribeAsync(ILogBroker log, TopicPartition partition)
    {
        PartitionOffsets offsets = await log.GetOffsetsAsync(partition);
        List<string> lines = [$"{offsets}"];
        for (int second = -1; second < 12 * Records; second += 97)
            lines.Add($"{second} s: {await log.FindOffsetAsync(partition, s_begin.AddSeconds(second))}");
        foreach (IsolationLevel isolation in Enum.GetValues<IsolationLevel>())
        {
            await using ILogConsumer consumer = log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest, IsolationLevel = isolation });
            await consumer.AssignAsync([partition]);
            using CancellationTokenSource bound = new(TimeSpan.FromMinutes(1));
            while (consumer.Position(partition) < offsets.LastStable)
            {
                foreach (LogRecord record in await consumer.PollAsync(TimeSpan.FromMilliseconds(100), cancellationToken: bound.Token))
                    lines.Add($"{isolation} {Describe(record)}");
            }
        }

        return [.. lines];
    }

    private static string Describe(LogRecord record)
        => $"{record.Offset} {record.Timestamp:O} {record.HasKey} {record.KeyText} {record.HasValue} {record.ValueText} "
            + string.Join(' ', record.Headers.Select(h => $"{h.Key}={h.Text}/{h.Value.HasValue}"));
}
