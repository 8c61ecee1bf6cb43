using BenchmarkDotNet.Attributes;
using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Benchmarks;

/// <summary>
/// Records of 100 B, one by one through the public API, with its own batching, at <see cref="Durability.PageCache"/>. One operation is one
/// record, or one commit.
/// </summary>
[Config(typeof(RatioConfig))]
public class LogClientBenchmarks
{
    private const int Records = 500_000;
    private const int Commits = 20_000;
    private const int ValueBytes = 100;

    private static readonly TopicPartition s_partition = new("t", 0);

    private readonly byte[] _value = new byte[ValueBytes];
    private readonly RawBytes _raw = new();
    private BenchmarkDirectory? _directory;
    private EmbeddedBroker? _broker;

    [IterationSetup(Targets = [nameof(RawWrite), nameof(MemoryCopy), nameof(Produce), nameof(Commit)])]
    public void OpenEmpty() => OpenAsync(0).GetAwaiter().GetResult();

    [IterationSetup(Target = nameof(Consume))]
    public void OpenFull() => OpenAsync(Records).GetAwaiter().GetResult();

    [IterationCleanup]
    public void Close()
    {
        _broker!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _directory!.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public void RawWrite() => _raw.Write(Path.Combine(_directory!.Path, "raw"), (long)Records * ValueBytes);

    [Benchmark(OperationsPerInvoke = Records)]
    public void MemoryCopy() => _raw.Copy((long)Records * ValueBytes);

    [Benchmark(OperationsPerInvoke = Records)]
    public Task Produce() => ProduceAsync(Records);

    [Benchmark(OperationsPerInvoke = Records)]
    public async Task Consume()
    {
        await using ILogConsumer consumer = _broker!.Log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await consumer.AssignAsync([s_partition]);
        int left = Records;
        await foreach (LogRecord record in consumer.ReadAsync())
        {
            if (--left == 0)
                return;
        }
    }

    [Benchmark(OperationsPerInvoke = Commits)]
    public async Task Commit()
    {
        await using ILogConsumer consumer = _broker!.Log.CreateConsumer(new ConsumerOptions { GroupId = "g", AutoCommit = false });
        await consumer.AssignAsync([s_partition]);
        TopicPartitionOffset[] offsets = new TopicPartitionOffset[1];
        for (int i = 0; i < Commits; i++)
        {
            offsets[0] = new TopicPartitionOffset("t", 0, new Offset(i));
            await consumer.CommitAsync(offsets);
        }
    }

    private async Task OpenAsync(int records)
    {
        _directory = new BenchmarkDirectory();
        _broker = await _directory.StartBrokerAsync(Durability.PageCache);
        await _broker.Log.CreateTopicAsync("t");
        await ProduceAsync(records);
    }

    private async Task ProduceAsync(int records)
    {
        await using ILogProducer producer = _broker!.Log.CreateProducer();
        for (int i = 0; i < records; i++)
            await producer.EnqueueAsync(new ProducerRecord("t", null, _value));
        await producer.FlushAsync();
    }
}
