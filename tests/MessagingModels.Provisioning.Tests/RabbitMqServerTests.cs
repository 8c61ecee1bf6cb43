using MessagingModels.Provisioning.RabbitMq;

namespace MessagingModels.Provisioning.Tests;

/// <summary>What a running RabbitMQ is asked; one broker for all of it.</summary>
public sealed class RabbitMqServerTests(RabbitMqServerTests.Broker broker) : IClassFixture<RabbitMqServerTests.Broker>
{
    [Fact]
    public async Task A_running_broker_is_taken_by_its_address_and_left_alone()
    {
        RabbitMqServer rabbit = await broker.GetAsync();
        ProvisioningOptions options = new() { Address = rabbit.AmqpUri.ToString(), ManagementAddress = rabbit.ManagementUri!.ToString() };

        await using (RabbitMqServer given = await RabbitMqServer.StartAsync(options))
        {
            Assert.Equal(BrokerOrigin.Given, given.Origin);
            Assert.Equal(rabbit.Version, given.Version);
            Assert.Equal(rabbit.AmqpUri, given.AmqpUri);
            Assert.Equal(rabbit.ManagementUri, given.ManagementUri);
            Assert.DoesNotContain("guest:guest", given.Description, StringComparison.Ordinal);
        }

        Assert.True(rabbit.Nodes[0].IsRunning);
    }

    [Fact]
    public async Task A_wrong_password_and_a_wrong_virtual_host_are_told_apart()
    {
        RabbitMqServer rabbit = await broker.GetAsync();

        string password = await RefusalAsync(With(new UriBuilder(rabbit.AmqpUri) { Password = "wrong" }));
        string vhost = await RefusalAsync(With(new UriBuilder(rabbit.AmqpUri) { Path = "nowhere" }));

        Assert.Contains("refuses the user 'guest' (403 ACCESS_REFUSED", password, StringComparison.Ordinal);
        Assert.Contains("refuses the virtual host 'nowhere' (530 NOT_ALLOWED", vhost, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_a_login_is_the_guests()
    {
        RabbitMqServer rabbit = await broker.GetAsync();

        Assert.Equal(rabbit.Version, (await AmqpProbe.LogInAsync(new Uri($"amqp://{rabbit.AmqpUri.Authority}"), TestContext.Current.CancellationToken)).Version);
        Assert.Equal(rabbit.Version, (await AmqpProbe.LogInAsync(new Uri($"amqp://{rabbit.AmqpUri.Authority}/%2F"), TestContext.Current.CancellationToken)).Version);
    }

    [Fact]
    public async Task A_management_api_is_taken_with_the_address_login_and_only_if_it_is_the_same_brokers()
    {
        RabbitMqServer rabbit = await broker.GetAsync();
        ProvisioningOptions options = new() { Address = rabbit.AmqpUri.ToString() };
        string management = $"http://{rabbit.ManagementUri!.Authority}";

        RabbitMqServer with = await RabbitMqServer.StartAsync(options with { ManagementAddress = management });
        RabbitMqServer without = await RabbitMqServer.StartAsync(options);
        string password = await RefusalAsync(options with { ManagementAddress = $"http://guest:wrong@{rabbit.ManagementUri.Authority}" });
        string unreachable = await RefusalAsync(options with { ManagementAddress = "http://127.0.0.1:1" });
        BrokerUnavailableException other = await Assert.ThrowsAsync<BrokerUnavailableException>(() => ManagementProbe.CheckAsync(
            new Uri(management), rabbit.AmqpUri, new AmqpServer("4.3.6", "other@host"), null, TestContext.Current.CancellationToken));

        Assert.Equal(rabbit.ManagementUri, with.ManagementUri);
        if (without.ManagementUri is null)
            Assert.EndsWith("whose management API was not found", without.Description, StringComparison.Ordinal);
        Assert.Contains($"the management API at {rabbit.ManagementUri.Authority} refuses the user 'guest'", password, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", password, StringComparison.Ordinal);
        Assert.Contains("the management API at 127.0.0.1:1 cannot be reached", unreachable, StringComparison.Ordinal);
        Assert.Contains("is that of another broker", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kafka_is_not_taken_for_rabbitmq_nor_the_other_way_round()
    {
        RabbitMqServer rabbit = await broker.GetAsync();

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => KafkaServer.StartAsync(new ProvisioningOptions { Address = rabbit.AmqpUri.Authority }));
        BrokerUnavailableException error = await Assert.ThrowsAsync<BrokerUnavailableException>(
            () => RabbitMqServer.StartAsync(new ProvisioningOptions { Address = $"amqp://{rabbit.ManagementUri!.Authority}" }));
        Assert.Contains("does not answer as a RabbitMQ listener", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_of_the_broker_can_be_lost()
    {
        RabbitMqServer rabbit = await broker.GetAsync();
        await using ResponseDroppingProxy proxy = rabbit.StartProxy();
        Uri through = rabbit.AmqpUriThrough(proxy);
        Assert.Equal(rabbit.Version, (await AmqpProbe.LogInAsync(through, TestContext.Current.CancellationToken)).Version);

        proxy.DropResponses();
        Task<AmqpServer> login = AmqpProbe.LogInAsync(through, TestContext.Current.CancellationToken);
        await proxy.WaitUntilDroppedAsync(TestContext.Current.CancellationToken).WaitAsync(Homes.Patience);
        proxy.CutConnections();

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => login);
        Assert.Equal(rabbit.Version, (await AmqpProbe.LogInAsync(through, TestContext.Current.CancellationToken)).Version);
    }

    private static ProvisioningOptions With(UriBuilder address) => new() { Address = address.Uri.ToString() };

    private static async Task<string> RefusalAsync(ProvisioningOptions options)
        => (await Assert.ThrowsAsync<BrokerUnavailableException>(() => RabbitMqServer.StartAsync(options))).Message;

    public sealed class Broker : IAsyncDisposable
    {
        private RabbitMqServer? _rabbit;

        internal async Task<RabbitMqServer> GetAsync() => _rabbit ??= await RabbitMqServer.StartAsync(Homes.RabbitMq);

        public ValueTask DisposeAsync() => _rabbit?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
