using System.Diagnostics;
using MessagingModels.Provisioning.Containers;

namespace MessagingModels.Provisioning.Tests;

public sealed class ContainerTests
{
    [Fact]
    public async Task An_engine_that_cannot_pull_gives_its_reason_on_one_line_and_is_not_asked_again()
    {
        await using FakeDockerEngine engine = new();
        ProvisioningOptions options = new() { StartTimeout = TimeSpan.FromSeconds(30) };

        BrokerUnavailableException kafka = await Assert.ThrowsAsync<BrokerUnavailableException>(
            () => KafkaContainerBroker.StartAsync(options, engine.Address, TestContext.Current.CancellationToken));
        BrokerUnavailableException rabbit = await Assert.ThrowsAsync<BrokerUnavailableException>(
            () => RabbitMqContainerBroker.StartAsync(options, engine.Address, TestContext.Current.CancellationToken));

        Assert.Contains(FakeDockerEngine.Refusal, kafka.Message, StringComparison.Ordinal);
        Assert.Contains($"could not start {ContainerImages.Kafka}", kafka.Message, StringComparison.Ordinal);
        Assert.Contains($"could not start {ContainerImages.RabbitMq}", rabbit.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', kafka.Message + rabbit.Message);
        BrokerUnavailableException again = Assert.Throws<BrokerUnavailableException>(() => ContainerStart.Check(options, ContainerImages.Kafka));
        Assert.Contains(FakeDockerEngine.Refusal, again.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(Pull.ServerError), FakeDockerEngine.Refusal)]
    [InlineData(nameof(Pull.Garbage), "the Docker engine could not start")]
    public async Task An_engine_that_fails_in_another_way_gives_a_reason_on_one_line_too(string how, string reason)
    {
        await using FakeDockerEngine engine = new(Enum.Parse<Pull>(how));

        BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(
            () => KafkaContainerBroker.StartAsync(new ProvisioningOptions(), engine.Address, TestContext.Current.CancellationToken));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task An_engine_that_pulls_for_ever_is_left_when_the_start_is_cancelled()
    {
        await using FakeDockerEngine engine = new(Pull.Hangs);
        using CancellationTokenSource cancelled = new(TimeSpan.FromSeconds(2));

        Task start = KafkaContainerBroker.StartAsync(new ProvisioningOptions(), engine.Address, cancelled.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(Homes.Patience, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("tcp://")]
    [InlineData("foo://bar:1")]
    public async Task A_docker_host_that_is_no_address_closes_that_way_and_no_other(string host)
    {
        using WorkDirectory work = new();
        Dictionary<string, string?> environment = new() { ["DOCKER_HOST"] = host, ["KAFKA_HOME"] = work.Path };
        using Child child = new("kafka", work, 60, environment, containers: true);

        string said = await child.SaysAsync();

        Assert.StartsWith("unavailable No Kafka to be had, tried a container: DOCKER_HOST or the settings of Testcontainers make no sense", said, StringComparison.Ordinal);
        Assert.Contains($"KAFKA_HOME is {work.Path}, which has no libs folder", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whether_an_engine_answers_is_found_out_quickly_and_once()
    {
        Stopwatch first = Stopwatch.StartNew();
        BrokerUnavailableException? before = await AskAsync();
        Assert.True(first.Elapsed < TimeSpan.FromSeconds(10), $"It took {first.Elapsed}, on a machine however busy.");

        Stopwatch second = Stopwatch.StartNew();
        BrokerUnavailableException? after = await AskAsync();

        Assert.Equal(before?.Message, after?.Message);
        Assert.True(second.Elapsed < TimeSpan.FromSeconds(1), $"The second time took {second.Elapsed}.");
    }

    [Fact]
    public void A_cluster_or_a_user_who_wants_none_leaves_containers_out()
    {
        Assert.Throws<BrokerUnavailableException>(() => ContainerStart.Check(new ProvisioningOptions { Nodes = 3 }, "image"));
        Assert.Throws<BrokerUnavailableException>(() => ContainerStart.Check(new ProvisioningOptions { UseContainers = false }, "image"));
        ContainerStart.Check(new ProvisioningOptions(), "image");
    }

    [Theory]
    [InlineData("min.insync.replicas", "KAFKA_MIN_INSYNC_REPLICAS")]
    [InlineData("a_b-c", "KAFKA_A__B___C")]
    public void A_setting_becomes_the_variable_that_the_image_reads(string setting, string variable)
        => Assert.Equal(variable, KafkaContainerBroker.VariableOf(setting));

    [Fact]
    public void An_images_version_is_in_its_tag()
    {
        Assert.Equal("4.3.6", ContainerImages.VersionOf("rabbitmq:4.3.6-management"));
        Assert.Equal("4.3.1", ContainerImages.VersionOf("apache/kafka:4.3.1"));
    }

    private static async Task<BrokerUnavailableException?> AskAsync()
    {
        try
        {
            await DockerEngine.EnsureAsync();
            return null;
        }
        catch (BrokerUnavailableException error)
        {
            return error;
        }
    }
}
