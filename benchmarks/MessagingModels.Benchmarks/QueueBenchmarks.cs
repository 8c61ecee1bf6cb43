using BenchmarkDotNet.Attributes;
using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Benchmarks;

/// <summary>Messages of 100 B through one queue by the public API; one operation is one message. Both at once: see the mode <c>queue</c>.</summary>
[Config(typeof(RatioConfig))]
public class QueueBenchmarks
{
    private const int Messages = 200_000;
    private const int BodyBytes = 100;

    private readonly byte[] _body = new byte[BodyBytes];
    private readonly RawBytes _raw = new();
    private BenchmarkDirectory? _directory;
    private EmbeddedBroker? _broker;
    private IExchangeChannel? _channel;

    [Params(Durability.Memory, Durability.PageCache)]
    public Durability Durability { get; set; }

    [IterationSetup(Targets = [nameof(RawWrite), nameof(MemoryCopy), nameof(Publish)])]
    public void OpenEmpty() => OpenAsync(0).GetAwaiter().GetResult();

    [IterationSetup(Target = nameof(DeliverAndAcknowledge))]
    public void OpenFull() => OpenAsync(Messages).GetAwaiter().GetResult();

    [IterationCleanup]
    public void Close()
    {
        _broker!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _directory!.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public void RawWrite() => _raw.Write(Path.Combine(_directory!.Path, "raw"), (long)Messages * BodyBytes);

    [Benchmark(OperationsPerInvoke = Messages)]
    public void MemoryCopy() => _raw.Copy((long)Messages * BodyBytes);

    [Benchmark(OperationsPerInvoke = Messages)]
    public Task Publish() => PublishAsync(Messages);

    [Benchmark(OperationsPerInvoke = Messages)]
    public async Task DeliverAndAcknowledge()
    {
        await using IQueueConsumer consumer = await _channel!.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2000 });
        int left = Messages;
        await foreach (Delivery delivery in consumer.ReadAsync())
        {
            await delivery.AckAsync();
            if (--left == 0)
                return;
        }
    }

    private async Task OpenAsync(int messages)
    {
        _directory = new BenchmarkDirectory();
        _broker = await _directory.StartBrokerAsync(Durability);
        await _broker.Exchanges.DeclareQueueAsync("q");
        _channel = await _broker.Exchanges.OpenChannelAsync(new ChannelOptions { MaxUnconfirmed = 65_536 });
        await PublishAsync(messages);
    }

    private async Task PublishAsync(int messages)
    {
        for (int i = 0; i < messages; i++)
            await _channel!.EnqueueAsync("", "q", _body, MessageProperties.PersistentOnly);
        await _channel!.FlushAsync();
    }
}
