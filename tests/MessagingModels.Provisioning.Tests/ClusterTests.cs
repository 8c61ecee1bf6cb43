using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace MessagingModels.Provisioning.Tests;

public sealed class ClusterTests
{
    [Fact]
    public async Task Three_nodes_of_kafka_start_and_one_of_them_comes_back()
    {
        ProvisioningOptions options = Homes.Kafka with { Nodes = 3, Settings = new Dictionary<string, string> { ["broker.session.timeout.ms"] = "2000" } };
        IReadOnlyList<int> processes;
        await using (KafkaServer kafka = await KafkaServer.StartAsync(options))
        {
            Assert.Equal([1, 2, 3], kafka.Nodes.Select(node => node.Id));
            Assert.Equal(3, kafka.BootstrapServers.Split(',').Distinct().Count());

            await kafka.Nodes[1].KillAsync();
            Assert.Equal([true, false, true], kafka.Nodes.Select(node => node.IsRunning));
            await kafka.Nodes[1].StartAsync(TestContext.Current.CancellationToken);

            processes = [.. kafka.Nodes.Select(node => node.ProcessId)];
            Assert.All(processes, id => Assert.True(Processes.IsAlive(id)));
        }

        Assert.All(processes, id => Assert.False(Processes.IsAlive(id)));
    }

    [Fact]
    public async Task Three_nodes_of_rabbitmq_form_one_cluster_and_one_of_them_comes_back()
    {
        string directory;
        await using (RabbitMqServer rabbit = await RabbitMqServer.StartAsync(Homes.RabbitMq with { Nodes = 3 }))
        {
            directory = Path.GetDirectoryName(rabbit.LogDirectory)!;
            Assert.Equal(3, rabbit.AmqpUris.Distinct().Count());
            await RunningNodesAsync(rabbit, 3);

            await rabbit.Nodes[2].KillAsync();
            await RunningNodesAsync(rabbit, 2);
            await rabbit.Nodes[2].StartAsync(TestContext.Current.CancellationToken);
            await RunningNodesAsync(rabbit, 3);
        }

        Assert.Empty(Processes.Naming(directory));
    }

    /// <summary>Waits until the first node's management API counts that many running members.</summary>
    private static async Task RunningNodesAsync(RabbitMqServer rabbit, int expected)
    {
        using HttpClient client = new();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(rabbit.ManagementUri!.UserInfo)));
        DateTime deadline = DateTime.UtcNow + Homes.Patience;
        while (true)
        {
            using JsonDocument nodes = JsonDocument.Parse(await client.GetStringAsync(new Uri(rabbit.ManagementUri, "/api/nodes"), TestContext.Current.CancellationToken));
            int running = nodes.RootElement.EnumerateArray().Count(node => node.GetProperty("running").GetBoolean());
            if (running == expected)
                return;
            Assert.True(DateTime.UtcNow < deadline, $"{running} nodes run, not {expected}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
