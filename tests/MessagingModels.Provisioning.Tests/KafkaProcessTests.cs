using System.Net;
using System.Net.Sockets;

namespace MessagingModels.Provisioning.Tests;

public sealed class KafkaProcessTests
{
    [Fact]
    public async Task A_node_is_killed_started_again_and_gone_after_disposal()
    {
        ProvisioningOptions options = Homes.Kafka with { HeapMebibytes = 400, Settings = new Dictionary<string, string> { ["broker.session.timeout.ms"] = "2000" } };
        string directory;
        int second;
        await using (KafkaServer kafka = await KafkaServer.StartAsync(options))
        {
            Assert.Equal(BrokerOrigin.LocalProcess, kafka.Origin);
            BrokerNode node = Assert.Single(kafka.Nodes);
            int first = node.ProcessId;
            Assert.True(Processes.IsAlive(first));
            Assert.Contains("kafka.Kafka", Processes.CommandLineOf(first), StringComparison.Ordinal);
            Assert.Contains("-Xmx400m", Processes.CommandLineOf(first), StringComparison.Ordinal);
            Assert.Equal("-Xmx400m", kafka.Settings["heap"]);
            Assert.Equal("2000", kafka.Settings["broker.session.timeout.ms"]);
            Assert.Equal("0", kafka.Settings["group.initial.rebalance.delay.ms"]);
            Assert.InRange(kafka.StartTime!.Value, TimeSpan.FromMilliseconds(100), options.StartTimeout);
            Assert.True(node.ReadUsage().CpuTime > TimeSpan.FromMilliseconds(100));
            Assert.True(node.ReadUsage().ResidentBytes > 50_000_000);

            int port = int.Parse(node.Address.Split(':')[1], null);
            await Wait.UntilAsync(async () => (await KafkaMetadata.ReadAsync(port, "kept")).Topics.Contains("kept"), () => "The topic was not created.");

            await node.KillAsync();
            Assert.False(node.IsRunning);
            Assert.False(Processes.IsAlive(first));
            Assert.Throws<InvalidOperationException>(() => node.ReadUsage());

            using (TcpListener listener = new(IPAddress.Loopback, port))
            {
                listener.Start();
                BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => node.StartAsync());
                Assert.Contains($"port {port} of 127.0.0.1 is in use", error.Message, StringComparison.Ordinal);
            }

            await node.StartAsync(TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<InvalidOperationException>(() => node.StartAsync());
            second = node.ProcessId;
            Assert.NotEqual(first, second);
            Assert.Equal(kafka.BootstrapServers, node.Address);
            await Wait.UntilAsync(async () => (await KafkaMetadata.ReadAsync(port)).Topics.Contains("kept"), () => "The topic was lost.");
            directory = Path.GetDirectoryName(kafka.LogDirectory)!;
            Assert.True(Directory.Exists(directory));
        }

        Assert.False(Processes.IsAlive(second));
        Assert.False(Directory.Exists(directory));
    }
}
