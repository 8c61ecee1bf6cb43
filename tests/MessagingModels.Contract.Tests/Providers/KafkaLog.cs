using MessagingModels.Contract.Tests.Providers;
using MessagingModels.Kafka;
using MessagingModels.Provisioning;

[assembly: AssemblyFixture(typeof(KafkaLog))]

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>Real Kafka, one node for the whole run. What it does now and then it does soon here, so that tests need not wait.</summary>
public sealed class KafkaLog : ILogProvider, IAsyncDisposable
{
    private readonly Lazy<Task<Running>> _broker = new(StartAsync);

    public async ValueTask<ILogBroker> GetLogAsync()
    {
        try
        {
            return (await _broker.Value).Log;
        }
        catch (BrokerUnavailableException error)
        {
            Assert.Skip($"No Kafka to compare with: {error.Message}");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_broker.IsValueCreated || _broker.Value.IsFaulted)
            return;
        Running running = await _broker.Value;
        await running.Log.DisposeAsync();
        await running.Server.DisposeAsync();
    }

    private static async Task<Running> StartAsync()
    {
        KafkaServer server = await KafkaServer.StartAsync(new ProvisioningOptions
        {
            Settings = new Dictionary<string, string>
            {
                ["auto.create.topics.enable"] = "false",
                ["group.min.session.timeout.ms"] = "500",
                ["log.initial.task.delay.ms"] = "100",
                ["log.retention.check.interval.ms"] = "200",
                ["log.cleaner.backoff.ms"] = "200",
                ["transaction.abort.timed.out.transaction.cleanup.interval.ms"] = "200",
            },
        });
        KafkaOptions options = new()
        {
            BootstrapServers = server.BootstrapServers,
            MetadataRefreshInterval = TimeSpan.FromMilliseconds(500),

            // How long a producer waits for a topic that may have been created a moment ago.
            Settings = { ["topic.metadata.propagation.max.ms"] = "3000" },
        };
        return new Running(server, await KafkaLogBroker.ConnectAsync(options));
    }

    private sealed record Running(KafkaServer Server, KafkaLogBroker Log);
}
