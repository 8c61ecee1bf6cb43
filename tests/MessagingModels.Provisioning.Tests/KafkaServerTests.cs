using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using MessagingModels.Provisioning.Kafka;
using MessagingModels.Provisioning.Processes;

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
        Assert.Contains("Kafka Server started", await File.ReadAllTextAsync(Path.Combine(kafka.LogDirectory!, "node1.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_begins_at_the_proxy_is_told_the_proxys_address()
    {
        KafkaServer kafka = await broker.GetAsync();
        await using ResponseDroppingProxy proxy = kafka.StartProxy();

        Assert.Equal(proxy.Address, await AdvertisedByAsync(proxy.Port));
        Assert.Equal(kafka.BootstrapServers, await AdvertisedByAsync(int.Parse(kafka.BootstrapServers.Split(':')[1], null)));
        Assert.Throws<InvalidOperationException>(kafka.StartProxy);
    }

    [Fact]
    public async Task An_answer_of_the_broker_can_be_lost()
    {
        KafkaServer kafka = await broker.GetAsync();
        await using ResponseDroppingProxy proxy = kafka.StartProxy();
        await KafkaProbe.CheckAsync("127.0.0.1", proxy.Port, TestContext.Current.CancellationToken);

        proxy.DropResponses();
        Task<bool> probe = KafkaProbe.CheckAsync("127.0.0.1", proxy.Port, TestContext.Current.CancellationToken);
        await proxy.WaitUntilDroppedAsync(TestContext.Current.CancellationToken).WaitAsync(Homes.Patience);
        proxy.CutConnections();

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => probe);
        await KafkaProbe.CheckAsync("127.0.0.1", proxy.Port, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_port_that_was_taken_meanwhile_is_named_when_the_node_is_started_again()
    {
        KafkaServer kafka = await broker.GetAsync();
        BrokerNode node = kafka.Nodes[0];
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.StartAsync());
        await node.StopAsync();
        using (TcpListener listener = new(System.Net.IPAddress.Loopback, int.Parse(node.Address.Split(':')[1], null)))
        {
            listener.Start();
            BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => node.StartAsync());
            Assert.Contains($"port {node.Address.Split(':')[1]} of 127.0.0.1 is in use", error.Message, StringComparison.Ordinal);
        }

        await node.StartAsync();
        Assert.True(node.IsRunning);
    }

    /// <summary>The first broker's address in the answer to a Metadata request, version 1.</summary>
    private static async Task<string> AdvertisedByAsync(int port)
    {
        byte[] request = [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0];
        using TcpClient client = new();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(request);
        byte[] size = new byte[4];
        await stream.ReadExactlyAsync(size);
        byte[] answer = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        await stream.ReadExactlyAsync(answer);

        // Correlation id (4), count of brokers (4), then of the first: id (4), host (short string), port (4).
        int length = BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(12));
        return $"{Encoding.UTF8.GetString(answer, 14, length)}:{BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(14 + length))}";
    }

    public sealed class Broker : IAsyncDisposable
    {
        private KafkaServer? _kafka;

        internal async Task<KafkaServer> GetAsync()
            => _kafka ??= await KafkaServer.StartAsync(Homes.Kafka with { Settings = new Dictionary<string, string> { ["broker.session.timeout.ms"] = "2000" } });

        public ValueTask DisposeAsync() => _kafka?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
