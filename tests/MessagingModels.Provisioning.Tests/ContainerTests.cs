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
