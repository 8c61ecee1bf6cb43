using MessagingModels.Provisioning.Kafka;
using MessagingModels.Provisioning.Processes;

namespace MessagingModels.Cli.Tests;

/// <summary>A Kafka that its user runs and that asks clients for a login; skips the test where there is no distribution.</summary>
internal sealed class SaslKafka : IAsyncDisposable
{
    public const string User = "alice";
    public const string Password = "open-sesame";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ProcessGroup _group;

    private SaslKafka(ProcessGroup group, int port)
    {
        _group = group;
        Address = $"127.0.0.1:{port}";
    }

    public string Address { get; }

    public static async Task<SaslKafka> StartAsync()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME")), "KAFKA_HOME is not set");
        KafkaInstallation installation = KafkaInstallation.Find(null);
        ProcessGroup group = ProcessGroup.Create("sasl", null);
        try
        {
            int[] ports = group.TakePorts(3);
            string properties = Path.Combine(group.Directory, "server.properties");
            await File.WriteAllLinesAsync(properties, Properties(ports, Path.Combine(group.Directory, "data")));
            ShellCommand format = installation.Run("kafka.tools.StorageTool", ["-Xmx128m"], ["format", "-t", "bW0tc2FzbC1rYWZrYS1pZA", "-c", properties]);
            await group.StartAsync("format", format, TestContext.Current.CancellationToken);
            Assert.Equal(0, await group.ExitOf("format").WaitAsync(Patience));
            await group.StartAsync("kafka", installation.Run("kafka.Kafka", ["-Xmx512m"], [properties]), TestContext.Current.CancellationToken);
            DateTime deadline = DateTime.UtcNow + Patience;
            while (LoopbackPorts.IsFree(ports[0]))
            {
                Assert.True(group.IsRunning("kafka") && DateTime.UtcNow < deadline, new LogTail(group.LogOf("kafka")).Excerpt());
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }

            return new SaslKafka(group, ports[0]);
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    private static string[] Properties(int[] ports, string data) =>
    [
        "process.roles=broker,controller", "node.id=1", $"controller.quorum.voters=1@127.0.0.1:{ports[1]}",
        $"listeners=SASL_PLAINTEXT://127.0.0.1:{ports[0]},CONTROLLER://127.0.0.1:{ports[1]},INTERNAL://127.0.0.1:{ports[2]}",
        $"advertised.listeners=SASL_PLAINTEXT://127.0.0.1:{ports[0]},INTERNAL://127.0.0.1:{ports[2]}",
        "listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT",
        "inter.broker.listener.name=INTERNAL", "controller.listener.names=CONTROLLER", $"log.dirs={data}", "sasl.enabled.mechanisms=PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
            + $"user_{User}=\"{Password}\";",
        "offsets.topic.replication.factor=1", "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1", "group.initial.rebalance.delay.ms=0",
    ];
}
