using MessagingModels.Provisioning.Kafka;

namespace MessagingModels.Provisioning.Tests;

/// <summary>What a running Kafka is asked; one broker for all of it.</summary>
public sealed class KafkaServerTests(KafkaServerTests.Broker broker) : IClassFixture<KafkaServerTests.Broker>
{
    [Fact]
    public async Task A_running_broker_is_taken_by_its_address_and_left_alone()
    {
        KafkaServer kafka = await broker.GetAsync();

        await using (KafkaServer given = await KafkaServer.StartAsync(new ProvisioningOptions { Address = $"127.0.0.1:1,{kafka.BootstrapServers}" }))
        {
            Assert.Equal(BrokerOrigin.Given, given.Origin);
            Assert.Equal($"127.0.0.1:1,{kafka.BootstrapServers}", given.BootstrapServers);
            Assert.Empty(given.Nodes);
            Assert.Null(given.LogDirectory);
            Assert.Throws<NotSupportedException>(given.StartProxy);
        }

        Assert.True(kafka.Nodes[0].IsRunning);
    }

    [Fact]
    public async Task Reports_say_what_it_is_and_its_log_is_at_hand()
    {
        KafkaServer kafka = await broker.GetAsync();

        Assert.Equal("Kafka", kafka.System);
        Assert.Equal($"Kafka {kafka.Version}, one KRaft node as local processes", kafka.Description);
        Assert.Matches(@"^\d+\.\d+\.\d+$", kafka.Version);
        Assert.Equal(Path.GetFullPath(Homes.Kafka.Home!), kafka.Home);
        string log = await File.ReadAllTextAsync(Path.Combine(kafka.LogDirectory!, "node1.log"), TestContext.Current.CancellationToken);
        Assert.Contains("Kafka Server started", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_begins_at_the_proxy_is_told_the_proxys_address()
    {
        KafkaServer kafka = await broker.GetAsync();
        await using ResponseDroppingProxy proxy = kafka.StartProxy();

        Assert.Equal([proxy.Address], (await KafkaMetadata.ReadAsync(proxy.Port)).Brokers);
        Assert.Equal([kafka.BootstrapServers], (await KafkaMetadata.ReadAsync(int.Parse(kafka.BootstrapServers.Split(':')[1], null))).Brokers);
        Assert.Throws<InvalidOperationException>(kafka.StartProxy);
    }

    [Fact]
    public async Task An_answer_of_the_broker_can_be_lost()
    {
        KafkaServer kafka = await broker.GetAsync();
        await using ResponseDroppingProxy proxy = kafka.StartProxy();
        await KafkaProbe.CheckAsync(new KafkaAddress("127.0.0.1", proxy.Port), tls: false, TestContext.Current.CancellationToken);

        proxy.DropResponses();
        Task<bool> probe = KafkaProbe.CheckAsync(new KafkaAddress("127.0.0.1", proxy.Port), tls: false, TestContext.Current.CancellationToken);
        await proxy.WaitUntilDroppedAsync(TestContext.Current.CancellationToken).WaitAsync(Homes.Patience);
        proxy.CutConnections();

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => probe);
        await KafkaProbe.CheckAsync(new KafkaAddress("127.0.0.1", proxy.Port), tls: false, TestContext.Current.CancellationToken);
    }

    public sealed class Broker : IAsyncDisposable
    {
        private KafkaServer? _kafka;

        internal async Task<KafkaServer> GetAsync() => _kafka ??= await KafkaServer.StartAsync(Homes.Kafka);

        public ValueTask DisposeAsync() => _kafka?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
