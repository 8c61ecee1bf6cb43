namespace MessagingModels.Provisioning.Tests;

public sealed class RabbitMqProcessTests
{
    [Fact]
    public async Task A_node_is_killed_started_again_stopped_and_gone_after_disposal()
    {
        string directory;
        int second;
        await using (RabbitMqServer rabbit = await RabbitMqServer.StartAsync(Homes.RabbitMq))
        {
            Assert.Equal(BrokerOrigin.LocalProcess, rabbit.Origin);
            Assert.Matches(@"^\d+\.\d+\.\d+$", rabbit.Version);
            BrokerNode node = Assert.Single(rabbit.Nodes);
            int first = node.ProcessId;
            Assert.Contains("rabbit", Processes.CommandLineOf(first), StringComparison.Ordinal);
            Assert.True(node.ReadUsage().CpuTime > TimeSpan.FromMilliseconds(100));
            Assert.True(node.ReadUsage().ResidentBytes > 50_000_000);

            using ManagementApi management = new(rabbit.ManagementUri!);
            await management.DeclareQueueAsync("kept");

            await node.KillAsync();
            Assert.False(Processes.IsAlive(first));

            await node.StartAsync(TestContext.Current.CancellationToken);
            await Wait.UntilAsync(() => management.HasQueueAsync("kept"), () => "The queue was lost.");
            second = node.ProcessId;
            Assert.NotEqual(first, second);
            directory = Path.GetDirectoryName(rabbit.LogDirectory)!;

            await node.StopAsync();
            Assert.False(Processes.IsAlive(second));
        }

        Assert.False(Directory.Exists(directory));
    }
}
