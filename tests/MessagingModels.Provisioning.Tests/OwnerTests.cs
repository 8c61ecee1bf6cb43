namespace MessagingModels.Provisioning.Tests;

public sealed class OwnerTests
{
    [Theory]
    [InlineData("kafka")]
    [InlineData("rabbitmq")]
    public async Task Nothing_outlives_an_owner_that_was_killed(string system)
    {
        ProvisioningOptions options = system == "kafka" ? Homes.Kafka : Homes.RabbitMq;
        using WorkDirectory work = new();
        using Child child = new(system, work, 180, new Dictionary<string, string?> { ["KAFKA_HOME"] = options.Home, ["RABBITMQ_HOME"] = options.Home });
        string said = await child.SaysAsync();
        Assert.StartsWith("started ", said, StringComparison.Ordinal);
        string directory = said["started ".Length..];
        IEnumerable<string> files = Directory.EnumerateFiles(directory, "pid", SearchOption.AllDirectories);
        IReadOnlyList<int> processes = [.. files.Select(file => int.Parse(File.ReadAllText(file), null))];
        IReadOnlyList<int> all = [.. processes.Union(Processes.Naming(directory))];

        // The broker and the shell that watches over it; with RabbitMQ also the name daemon.
        Assert.Equal(system == "kafka" ? 1 : 2, processes.Count);
        Assert.True(all.Count > processes.Count);
        Assert.All(all, id => Assert.True(Processes.IsAlive(id)));

        await child.KillAsync();

        await Wait.UntilAsync(() => !all.Any(Processes.IsAlive) && work.LeftOver().Count == 0, () => string.Join(", ", work.LeftOver()));
    }
}
