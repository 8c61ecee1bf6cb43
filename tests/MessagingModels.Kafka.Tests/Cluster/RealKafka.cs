using MessagingModels.Kafka.Tests.Cluster;
using MessagingModels.Provisioning;

[assembly: AssemblyFixture(typeof(RealKafka))]

namespace MessagingModels.Kafka.Tests.Cluster;

/// <summary>A real Kafka for the whole run, started by the first test that asks. Where none can be had those tests are skipped with the reason.</summary>
public sealed class RealKafka : IAsyncDisposable
{
    private readonly Lazy<Task<KafkaServer>> _server = new(() => KafkaServer.StartAsync(
        new ProvisioningOptions { Settings = new Dictionary<string, string> { ["group.min.session.timeout.ms"] = "500" } }));
    private readonly List<KafkaLogBroker> _brokers = [];

    /// <summary>Options that reach it.</summary>
    public async Task<KafkaOptions> OptionsAsync()
    {
        try
        {
            return new KafkaOptions
            {
                BootstrapServers = (await _server.Value).BootstrapServers,
                MetadataRefreshInterval = TimeSpan.FromMilliseconds(500),
            };
        }
        catch (BrokerUnavailableException unavailable)
        {
            Assert.Skip(unavailable.Message);
            throw;
        }
    }

    /// <summary>A connection that lasts until the end of the run.</summary>
    public async Task<KafkaLogBroker> ConnectAsync(Action<KafkaOptions>? configure = null)
    {
        KafkaOptions options = await OptionsAsync();
        configure?.Invoke(options);
        KafkaLogBroker broker = await KafkaLogBroker.ConnectAsync(options, null, TestContext.Current.CancellationToken);
        lock (_brokers)
            _brokers.Add(broker);
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (KafkaLogBroker broker in _brokers)
            await broker.DisposeAsync();
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
            await (await _server.Value).DisposeAsync();
    }

    /// <summary>A name that no other test uses.</summary>
    public static string Unique(string stem) => $"{stem}-{Guid.NewGuid():N}";

    /// <summary>Reads until a number of records has come, and fails after a minute.</summary>
    public static async Task<List<LogRecord>> ReadAsync(ILogConsumer consumer, int count)
    {
        List<LogRecord> records = [];
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (records.Count < count)
            records.AddRange(await consumer.PollAsync(TimeSpan.FromSeconds(1), count - records.Count, limit.Token));
        return records;
    }
}
