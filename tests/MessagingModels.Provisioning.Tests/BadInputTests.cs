namespace MessagingModels.Provisioning.Tests;

/// <summary>Each mistake gives one line that names it, and leaves nothing running. Environments differ, so most run in a child.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly WorkDirectory _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void An_impossible_number_of_nodes_or_time_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new ProvisioningOptions { Nodes = 2 }.Validate());
        Assert.Throws<ArgumentException>(() => new ProvisioningOptions { StartTimeout = TimeSpan.Zero }.Validate());
        Assert.Throws<ArgumentException>(() => new ProvisioningOptions { HeapMebibytes = 0 }.Validate());
    }

    [Fact]
    public async Task A_setting_that_provisioning_decides_is_refused_by_name()
    {
        ProvisioningOptions kafka = new() { Settings = new Dictionary<string, string> { ["listeners"] = "PLAINTEXT://:9092" } };
        ProvisioningOptions rabbit = new() { Settings = new Dictionary<string, string> { ["management.tcp.port"] = "15672" } };

        Assert.Contains("listeners", (await Assert.ThrowsAsync<ArgumentException>(() => KafkaServer.StartAsync(kafka))).Message, StringComparison.Ordinal);
        Assert.Contains("management.tcp.port", (await Assert.ThrowsAsync<ArgumentException>(() => RabbitMqServer.StartAsync(rabbit))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_home_the_reason_lists_what_was_tried()
    {
        Dictionary<string, string?> environment = new() { ["KAFKA_HOME"] = null, ["RABBITMQ_HOME"] = null, ["PATH"] = _work.Path };

        await UnavailableAsync("kafka", environment, "KAFKA_HOME is not set", "a container: not asked for", "--kafka HOST:PORT");
        if (!File.Exists("/usr/lib/rabbitmq/bin/rabbitmq-server"))
            await UnavailableAsync("rabbitmq", environment, "RABBITMQ_HOME is not set and there is no rabbitmq-server on the PATH", "--rabbitmq amqp://");
    }

    [Fact]
    public async Task A_home_without_the_broker_in_it_is_named()
    {
        Dictionary<string, string?> environment = new() { ["KAFKA_HOME"] = _work.Path, ["RABBITMQ_HOME"] = _work.Path };

        await UnavailableAsync("kafka", environment, $"KAFKA_HOME is {_work.Path}, which has no libs folder");
        await UnavailableAsync("rabbitmq", environment, $"RABBITMQ_HOME is {_work.Path}, which has no sbin/rabbitmq-server");

        Directory.CreateDirectory(Path.Combine(_work.Path, "libs"));
        await UnavailableAsync("kafka", environment, "whose libs folder has no broker in it");
    }

    [Fact]
    public async Task Kafka_without_java_and_rabbitmq_without_erlang_are_told_apart_from_missing()
    {
        _work.Script("rabbit/sbin/rabbitmq-server", "exit 0");
        Dictionary<string, string?> environment = new()
        {
            ["KAFKA_HOME"] = _work.KafkaHome(),
            ["RABBITMQ_HOME"] = Path.Combine(_work.Path, "rabbit"),
            ["JAVA_HOME"] = null,
            ["PATH"] = _work.Path,
        };

        await UnavailableAsync("kafka", environment, "there is no java in JAVA_HOME or on the PATH", "17 or later");
        await UnavailableAsync("rabbitmq", environment, "there is no epmd, Erlang's name daemon");
    }

    [Fact]
    public async Task A_java_that_is_too_old_is_named_with_the_version_that_is_needed()
    {
        string java = _work.Script(
            "java/bin/java", "echo 'Exception in thread main java.lang.UnsupportedClassVersionError: kafka/tools/StorageTool (class file version 61.0)' >&2", "exit 1");

        await UnavailableAsync("kafka", KafkaWith(java), $"{java} is too old for Kafka 4.3.1: install Java 17");
    }

    [Fact]
    public async Task A_broker_that_dies_while_it_starts_is_quoted_and_its_log_kept()
    {
        string java = _work.Script("java/bin/java", "case \"$*\" in *StorageTool*) exit 0;; esac", "echo 'INFO fine'", "echo 'ERROR the moon is in the way'", "exit 3");

        string reason = await UnavailableAsync("kafka", KafkaWith(java), "Kafka node 1 ended with code 3", "ERROR the moon is in the way");

        Assert.DoesNotContain("INFO fine", reason, StringComparison.Ordinal);
        string logs = Assert.Single(Directory.GetDirectories(_work.Path, "mm-kafka-*-logs"));
        Assert.Contains(logs, reason, StringComparison.Ordinal);
        Assert.Contains("moon", await File.ReadAllTextAsync(Path.Combine(logs, "node1.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("StorageTool", 1, "did not end within 1 s")]
    [InlineData("kafka.Kafka", 4, "Kafka node 1 did not serve clients within 4 s")]
    public async Task A_broker_that_takes_too_long_is_ended(string slow, int seconds, string reason)
    {
        string java = _work.Script("java/bin/java", $"case \"$*\" in *{slow}*) echo starting; exec sleep 600;; esac", "exit 0");

        await UnavailableWithinAsync(seconds, "kafka", KafkaWith(java), reason, "Its log says: starting");
    }

    [Fact]
    public async Task A_setting_that_the_broker_does_not_know_is_quoted_from_its_log()
    {
        ProvisioningOptions options = Homes.RabbitMq with { WorkDirectory = _work.Path, Settings = new Dictionary<string, string> { ["no.such.setting"] = "1" } };

        BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => RabbitMqServer.StartAsync(options));

        Assert.Contains("RabbitMQ node 1 ended with code 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("no.such.setting", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        await NothingLeftAsync();
    }

    [Fact]
    public async Task A_start_that_is_cancelled_leaves_nothing_running()
    {
        using CancellationTokenSource cancelled = new();
        Task<RabbitMqServer> start = RabbitMqServer.StartAsync(Homes.RabbitMq with { WorkDirectory = _work.Path }, cancelled.Token);
        await Wait.UntilAsync(() => Directory.EnumerateFiles(_work.Path, "pid", SearchOption.AllDirectories).Count() == 2, () => "The node did not start.");

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.Empty(_work.LeftOver());
    }

    private Dictionary<string, string?> KafkaWith(string java)
        => new() { ["KAFKA_HOME"] = _work.KafkaHome(), ["JAVA_HOME"] = Path.GetDirectoryName(Path.GetDirectoryName(java)) };

    private Task<string> UnavailableAsync(string system, Dictionary<string, string?> environment, params string[] reasons)
        => UnavailableWithinAsync(60, system, environment, reasons);

    private async Task<string> UnavailableWithinAsync(int seconds, string system, Dictionary<string, string?> environment, params string[] reasons)
    {
        using Child child = new(system, _work, seconds, environment);
        string said = await child.SaysAsync();
        Assert.StartsWith("unavailable ", said, StringComparison.Ordinal);
        Assert.All(reasons, reason => Assert.Contains(reason, said, StringComparison.Ordinal));
        await NothingLeftAsync();
        return said;
    }

    private Task NothingLeftAsync() => Wait.UntilAsync(() => _work.LeftOver().Count == 0, () => string.Join(", ", _work.LeftOver()));
}
