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
            Assert.Equal(["1", "2", "3"], kafka.Nodes.Select(node => node.Name));
            Assert.Equal(3, kafka.BootstrapServers.Split(',').Distinct().Count());
            IEnumerable<string> addresses = kafka.Nodes.Select(node => node.Address).Order();
            await Wait.UntilAsync(
                async () => (await KafkaMetadata.ReadAsync(PortOf(kafka.Nodes[0]), "seen-by-all")).Brokers.Order().SequenceEqual(addresses),
                () => "The first node does not know the others.");

            await kafka.Nodes[1].KillAsync();
            Assert.Equal([true, false, true], kafka.Nodes.Select(node => node.IsRunning));
            await kafka.Nodes[1].StartAsync(TestContext.Current.CancellationToken);

            await Wait.UntilAsync(
                async () => (await KafkaMetadata.ReadAsync(PortOf(kafka.Nodes[1]))).Topics.Contains("seen-by-all"),
                () => "The node does not know the topic.");

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
            using ManagementApi management = new(rabbit.ManagementUri!);
            Assert.Equal(3, rabbit.AmqpUris.Distinct().Count());
            Assert.Equal(3, rabbit.ManagementUris.Distinct().Count());
            Assert.Equal(["mm1@localhost", "mm2@localhost", "mm3@localhost"], rabbit.Nodes.Select(node => node.Name));
            await Wait.UntilAsync(async () => await management.RunningNodesAsync() == 3, () => "The cluster does not count 3 running nodes.");

            await rabbit.Nodes[2].KillAsync();
            await Wait.UntilAsync(async () => await management.RunningNodesAsync() == 2, () => "The cluster does not count 2 running nodes.");
            await rabbit.Nodes[2].StartAsync(TestContext.Current.CancellationToken);
            await Wait.UntilAsync(async () => await management.RunningNodesAsync() == 3, () => "The cluster does not count 3 running nodes.");
        }

        Assert.Empty(Processes.Naming(directory));
    }

    private static int PortOf(BrokerNode node) => int.Parse(node.Address.Split(':')[1], null);
}
