using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Tests.Clients;

public sealed class ClientSettingsTests
{
    private static readonly KafkaOptions s_kafka = new() { BootstrapServers = "localhost:9092" };

    [Fact]
    public void Producer_options_become_settings()
    {
        Dictionary<string, string> settings = ClientSettings.ForProducer(s_kafka, new ProducerOptions
        {
            ClientId = "till",
            Acks = Acks.Leader,
            Linger = TimeSpan.FromMilliseconds(2.5),
            BatchSizeBytes = 32768,
            Compression = CompressionType.Zstd,
            MaxRequestSizeBytes = 2_000_000,
            DeliveryTimeout = TimeSpan.FromSeconds(7),
        });

        Assert.Equal("localhost:9092", settings["bootstrap.servers"]);
        Assert.Equal("till", settings["client.id"]);
        Assert.Equal("1", settings["acks"]);
        Assert.Equal("2.5", settings["linger.ms"]);
        Assert.Equal("32768", settings["batch.size"]);
        Assert.Equal("zstd", settings["compression.type"]);
        Assert.Equal("2000000", settings["message.max.bytes"]);
        Assert.Equal("7000", settings["message.timeout.ms"]);
    }

    [Theory]
    [InlineData(Acks.All, true, "true")]
    [InlineData(Acks.All, false, "false")]
    [InlineData(Acks.Leader, true, "false")]
    public void Batches_are_numbered_where_all_replicas_acknowledge(Acks acks, bool idempotence, string expected)
        => Assert.Equal(expected, ClientSettings.ForProducer(s_kafka, new ProducerOptions { Acks = acks, Idempotence = idempotence })["enable.idempotence"]);

    [Fact]
    public void Record_of_a_transaction_does_not_outlive_it()
    {
        Dictionary<string, string> settings = ClientSettings.ForProducer(
            s_kafka, new ProducerOptions { TransactionalId = "mover", TransactionTimeout = TimeSpan.FromSeconds(9) });

        Assert.Equal("mover", settings["transactional.id"]);
        Assert.Equal("9000", settings["transaction.timeout.ms"]);
        Assert.Equal("9000", settings["message.timeout.ms"]);
    }

    [Fact]
    public void Consumer_options_become_settings()
    {
        Dictionary<string, string> settings = ClientSettings.ForConsumer(s_kafka, new ConsumerOptions
        {
            GroupId = "billing",
            GroupInstanceId = "till-1",
            OffsetReset = OffsetReset.Fail,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoCommit = true,
            SessionTimeout = TimeSpan.FromSeconds(10),
            HeartbeatInterval = TimeSpan.FromSeconds(1),
            MaxPollInterval = TimeSpan.FromSeconds(20),
        });

        Assert.Equal("billing", settings["group.id"]);
        Assert.Equal("till-1", settings["group.instance.id"]);
        Assert.Equal("error", settings["auto.offset.reset"]);
        Assert.Equal("read_committed", settings["isolation.level"]);
        Assert.Equal("10000", settings["session.timeout.ms"]);
        Assert.Equal("1000", settings["heartbeat.interval.ms"]);
        Assert.Equal("20000", settings["max.poll.interval.ms"]);

        // The adapter commits by itself: the library must not.
        Assert.Equal("false", settings["enable.auto.commit"]);
        Assert.Equal("false", settings["enable.auto.offset.store"]);
    }

    [Theory]
    [InlineData("range", "range", "cooperative-sticky")]
    [InlineData("roundrobin,range", "roundrobin", "cooperative-sticky", "range")]
    [InlineData("cooperative-sticky", "cooperative-sticky")]
    public void List_that_mixes_eager_and_cooperative_is_eager(string expected, params string[] strategies)
        => Assert.Equal(expected, string.Join(',', ClientSettings.Strategies(strategies)));

    [Fact]
    public void Settings_passed_through_win_over_options_under_either_of_their_names()
    {
        KafkaOptions kafka = new() { BootstrapServers = "localhost", Settings = { ["queue.buffering.max.ms"] = "77", ["socket.nagle.disable"] = "true" } };
        Dictionary<string, string> settings = ClientSettings.ForProducer(kafka, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) });

        Assert.Equal("77", settings["linger.ms"]);
        Assert.DoesNotContain("queue.buffering.max.ms", settings.Keys);
        Assert.Equal("true", settings["socket.nagle.disable"]);
        Assert.Equal("true", ClientSettings.ForAdmin(kafka)["socket.nagle.disable"]);
        Assert.Equal("true", ClientSettings.ForConsumer(kafka, new ConsumerOptions())["socket.nagle.disable"]);
    }

    [Fact]
    public void New_group_protocol_leaves_to_the_broker_what_is_its_own()
    {
        KafkaOptions kafka = new() { BootstrapServers = "localhost", Settings = { ["group.protocol"] = "consumer" } };
        Dictionary<string, string> settings = ClientSettings.ForConsumer(kafka, new ConsumerOptions { GroupId = "billing" });

        Assert.DoesNotContain("session.timeout.ms", settings.Keys);
        Assert.DoesNotContain("partition.assignment.strategy", settings.Keys);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        ProducerOptions[] producers =
        [
            new() { TransactionalId = "mover", Acks = Acks.Leader },
            new() { TransactionalId = "" },
            new() { BufferMemoryBytes = 0 },
            new() { Linger = TimeSpan.FromMinutes(3) },
        ];
        ConsumerOptions[] consumers =
        [
            new() { GroupId = "" },
            new() { GroupInstanceId = "till-1" },
            new() { AutoCommit = true },
            new() { GroupId = "billing", AssignmentStrategies = [] },
            new() { HeartbeatInterval = TimeSpan.FromSeconds(45) },
        ];

        Assert.All(producers, options => Assert.Throws<ArgumentException>(() => ClientSettings.ForProducer(s_kafka, options)));
        Assert.All(consumers, options => Assert.Throws<ArgumentException>(() => ClientSettings.ForConsumer(s_kafka, options)));
    }
}
