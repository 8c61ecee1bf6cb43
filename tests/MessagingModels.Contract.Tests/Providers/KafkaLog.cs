using MessagingModels.Contract.Tests.Providers;
using MessagingModels.Kafka;
using MessagingModels.Provisioning;

[assembly: AssemblyFixture(typeof(KafkaLog))]

namespace MessagingModels.Contract.Tests.Providers;

/// <summary>Real Kafka, one node for the whole run. What it does now and then it does soon here, so that tests need not wait.</summary>
public sealed class KafkaLog : ILogProvider, IAsyncDisposable
{
    private readonly Lazy<Task<Running>> _broker = new(StartAsync);

    public int Samples => 4;

    public async ValueTask<ILogBroker> GetLogAsync() => (await GetAsync()).Log;

    /// <summary>Where clients of the test's own find the broker.</summary>
    public async ValueTask<string> GetBootstrapServersAsync() => (await GetAsync()).Server.BootstrapServers;

    public async Task WriteLosingAnAnswerAsync(TopicPartition partition, bool idempotence, string[] values, int lost)
    {
        Running running = await GetAsync();
        Assert.SkipUnless(running.Server.Origin == BrokerOrigin.LocalProcess, "Answers can be lost on the way from a broker in a local process only.");
        await using ResponseDroppingProxy proxy = running.Server.StartProxy();
        await using KafkaLogBroker client = await KafkaLogBroker.ConnectAsync(OptionsOf(proxy.Address));
        await using ILogProducer producer = client.CreateProducer(new ProducerOptions { Idempotence = idempotence });
        for (int i = 0; i < values.Length; i++)
        {
            if (i == lost) proxy.DropResponses();
            Task<RecordPosition> produced = producer
                .ProduceAsync(new ProducerRecord(partition.Topic, null, values[i]) { Partition = partition.Partition }).AsTask();
            if (i == lost)
            {
                // The broker has it, seen past the proxy: what the client then learns is that its connection broke.
                using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
                while ((await running.Log.GetOffsetsAsync(partition, limit.Token)).HighWatermark <= lost) await Task.Delay(20, limit.Token);
                await proxy.WaitUntilDroppedAsync(limit.Token);
                proxy.CutConnections();
            }

            await produced;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_broker.IsValueCreated || !_broker.Value.IsCompletedSuccessfully)
            return;
        Running running = await _broker.Value;
        await running.Log.DisposeAsync();
        await running.Server.DisposeAsync();
    }

    private async ValueTask<Running> GetAsync()
    {
        try
        {
            return await _broker.Value;
        }
        catch (BrokerUnavailableException error)
        {
            RealKafka.SkipWhereNotNamed(error);
            throw;
        }
    }

    private static async Task<Running> StartAsync()
    {
        KafkaServer server = await RealKafka.StartAsync(new ProvisioningOptions
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
        try
        {
            return new Running(server, await KafkaLogBroker.ConnectAsync(OptionsOf(server.BootstrapServers)));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static KafkaOptions OptionsOf(string bootstrapServers) => new()
    {
        BootstrapServers = bootstrapServers,
        MetadataRefreshInterval = TimeSpan.FromMilliseconds(500),
        FirstAssignmentTimeout = TimeSpan.FromMinutes(1),

        // How long a producer waits for a topic that may have been created a moment ago.
        Settings = { ["topic.metadata.propagation.max.ms"] = "3000" },
    };

    private sealed record Running(KafkaServer Server, KafkaLogBroker Log);
}
