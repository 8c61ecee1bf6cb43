namespace MessagingModels.Kafka.Tests;

public sealed class KafkaOptionsTests
{
    [Theory]
    [InlineData("localhost:9092")]
    [InlineData("broker")]
    [InlineData("10.0.0.1:9092, 10.0.0.2:9092")]
    [InlineData("[::1]:9092")]
    [InlineData("SASL_SSL://kafka.example.org:9093")]
    public void Addresses_of_brokers_are_accepted(string servers)
        => Assert.Empty(new KafkaOptions { BootstrapServers = servers }.Validate());

    [Theory]
    [InlineData("", "BootstrapServers is empty")]
    [InlineData("localhost:", "whose port is no number")]
    [InlineData("localhost:99999", "whose port is no number")]
    [InlineData("a:9092,:9092", "':9092', which names no host")]
    public void Address_that_cannot_be_one_is_named(string servers, string fault)
        => Assert.Contains(fault, Assert.Single(new KafkaOptions { BootstrapServers = servers }.Validate()), StringComparison.Ordinal);

    [Fact]
    public void Every_time_limit_must_be_positive()
    {
        KafkaOptions options = new()
        {
            BootstrapServers = "localhost",
            ConnectTimeout = TimeSpan.Zero,
            RequestTimeout = TimeSpan.FromSeconds(-1),
            HealthTimeout = TimeSpan.Zero,
            MetadataRefreshInterval = TimeSpan.Zero,
            FirstAssignmentTimeout = TimeSpan.Zero,
        };

        Assert.Equal(
            ["ConnectTimeout", "RequestTimeout", "HealthTimeout", "MetadataRefreshInterval", "FirstAssignmentTimeout"],
            options.Validate().Select(f => f.Split(' ')[0]));
    }

    [Theory]
    [InlineData("group.id", "ConsumerOptions.GroupId")]
    [InlineData("bootstrap.servers", "BootstrapServers")]
    [InlineData("enable.partition.eof", "positions")]
    [InlineData("partitioner", "ProducerOptions.Partitioner")]
    [InlineData("dotnet.producer.enable.background.poll", "none of librdkafka's")]
    public void Setting_that_the_adapter_relies_on_is_refused_with_what_to_set_instead(string name, string instead)
    {
        string fault = Assert.Single(new KafkaOptions { BootstrapServers = "localhost", Settings = { [name] = "x" } }.Validate());

        Assert.Contains(name, fault, StringComparison.Ordinal);
        Assert.Contains(instead, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connecting_with_illegal_options_names_all_faults()
    {
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(
            () => KafkaLogBroker.ConnectAsync(new KafkaOptions { ConnectTimeout = TimeSpan.Zero }));

        Assert.Contains("BootstrapServers is empty", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectTimeout", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no.such.setting", "1", "no.such.setting")]
    [InlineData("socket.timeout.ms", "soon", "socket.timeout.ms")]
    public async Task Connecting_with_a_setting_that_the_client_does_not_take_names_it(string name, string value, string named)
    {
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(
            () => KafkaLogBroker.ConnectAsync(new KafkaOptions { BootstrapServers = "127.0.0.1:1", Settings = { [name] = value } }));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kafka1:9093", "kafka1", 9093)]
    [InlineData(" SASL_SSL://kafka1 ", "kafka1", 9092)]
    [InlineData("[::1]:9094", "::1", 9094)]
    public void The_server_is_known_where_one_is_named(string servers, string host, int port)
        => Assert.Equal((host, port), new KafkaOptions { BootstrapServers = servers }.FindOnlyServer());

    [Fact]
    public void Of_several_servers_none_is_told() => Assert.Null(new KafkaOptions { BootstrapServers = "kafka1:9092,kafka2:9092" }.FindOnlyServer());
}
