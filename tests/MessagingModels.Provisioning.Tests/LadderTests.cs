using MessagingModels.Provisioning.Containers;

namespace MessagingModels.Provisioning.Tests;

public sealed class LadderTests
{
    [Fact]
    public async Task A_docker_engine_that_cannot_pull_is_named_in_the_description_of_what_was_taken_instead()
    {
        await using FakeDockerEngine engine = new();

        await using KafkaServer taken = await TakeAsync(
            () => KafkaContainerBroker.StartAsync(new ProvisioningOptions(), engine.Address, TestContext.Current.CancellationToken), Local);

        Assert.Contains(FakeDockerEngine.Refusal, taken.FailedBefore, StringComparison.Ordinal);
        Assert.StartsWith("Kafka 4.3.1, one local process; before it was tried in vain a container: the Docker engine could not start", taken.Description, StringComparison.Ordinal);
        Assert.Contains(FakeDockerEngine.Refusal, taken.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_that_was_never_open_is_no_failure()
    {
        await using KafkaServer taken = await TakeAsync(static () => throw new BrokerUnavailableException("no Docker engine answers") { WasConfigured = false }, Local);

        Assert.Equal(("", "Kafka 4.3.1, one local process"), (taken.FailedBefore, taken.Description));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_every_way_is_closed_all_reasons_are_given(bool wasConfigured)
    {
        BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => TakeAsync(
            static () => throw new BrokerUnavailableException("no Docker engine answers.") { WasConfigured = false },
            () => throw new BrokerUnavailableException("KAFKA_HOME is empty.") { WasConfigured = wasConfigured }));

        Assert.Equal("No Kafka to be had, tried a container: no Docker engine answers; local processes: KAFKA_HOME is empty. Give KAFKA_HOME.", error.Message);
        Assert.Equal(wasConfigured, error.WasConfigured);
    }

    private static Task<KafkaServer> Local()
        => Task.FromResult(new KafkaServer(new BrokerSource(BrokerOrigin.LocalProcess, "4.3.1", "Kafka 4.3.1, one local process", Owned: null), "127.0.0.1:9092"));

    private static Task<KafkaServer> TakeAsync(Func<Task<KafkaServer>> container, Func<Task<KafkaServer>> local)
        => Ladder.TakeFirstAsync("Kafka", "KAFKA_HOME", [("a container", container), ("local processes", local)]);
}
