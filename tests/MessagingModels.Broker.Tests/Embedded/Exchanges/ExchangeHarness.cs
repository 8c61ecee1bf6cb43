using MessagingModels.Broker.Embedded.Exchanges;
using MessagingModels.Broker.Partitions;
using MessagingModels.Broker.Routing;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

/// <summary>The exchange model alone, over files in memory that survive <see cref="RestartAsync"/>, with a clock that stands still.</summary>
internal sealed class ExchangeHarness : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly MemoryFileSystem _files = new();
    private DataDirectory _data = null!;

    private ExchangeHarness()
    {
        Options.TimeProvider = Time;
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_750_000_000));

    public EmbeddedBrokerOptions Options { get; } = new() { DataDirectory = "/data" };

    public TopicRegistry Topics { get; private set; } = null!;

    public VirtualHosts Hosts { get; private set; } = null!;

    public EmbeddedExchangeBroker Broker { get; private set; } = null!;

    /// <summary>What was appended to topics.</summary>
    public RecordingProducer Producer { get; } = new();

    public VirtualHost Host => Hosts.Get("/");

    public static async Task<ExchangeHarness> OpenAsync(params IExchangeType[] types)
    {
        ExchangeHarness harness = new();
        foreach (IExchangeType type in types)
            harness.Options.ExchangeTypes.Add(type);
        await harness.StartAsync();
        return harness;
    }

    /// <summary>Another connection to the same virtual host.</summary>
    public EmbeddedExchangeBroker Connect() => new(Host);

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Waits for a condition, with a bound.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = new(s_patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Reads so many deliveries, with a bound on the waiting.</summary>
    public static async Task<List<Delivery>> ReadAsync(IQueueConsumer consumer, int count)
    {
        using CancellationTokenSource patience = new(s_patience);
        List<Delivery> deliveries = [];
        await foreach (Delivery delivery in consumer.ReadAsync(patience.Token))
        {
            deliveries.Add(delivery);
            if (deliveries.Count == count)
                break;
        }

        return deliveries;
    }

    /// <summary>Expects a channel error with this code and text.</summary>
    public static async Task<ChannelException> RefusedAsync(ReplyCode code, string message, Func<ValueTask> action)
    {
        ChannelException error = await Assert.ThrowsAsync<ChannelException>(async () => await action());
        Assert.Equal((code, message), (error.ReplyCode, error.Message));
        return error;
    }

    private async Task StartAsync()
    {
        _data = DataDirectory.Open(_files, Path.GetFullPath("/data"));
        BrokerContext context = new() { Data = _data, Options = Options, Loggers = NullLoggerFactory.Instance };
        Topics = TopicRegistry.Open(context);
        Hosts = await VirtualHosts.OpenAsync(context, Topics, () => Producer, CancellationToken.None);
        Broker = new EmbeddedExchangeBroker(Host);
    }

    private async Task StopAsync()
    {
        await Hosts.DisposeAsync();
        await Topics.DisposeAsync();
        _data.Dispose();
    }
}
