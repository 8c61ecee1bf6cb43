using MessagingModels.Provisioning;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>A server that is killed and started again, as opposed to a connection that is cut.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Everything_goes_on_when_the_server_was_killed_and_is_back()
    {
        await using RabbitMqServer server = await StartAsync();
        RabbitMqOptions options = new() { Uri = server.AmqpUri, RecoveryInterval = TimeSpan.FromMilliseconds(200) };
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        await broker.DeclareQueueAsync("durable");
        await broker.DeclareExchangeAsync(new ExchangeDeclaration("passing", ExchangeType.Topic) { Durable = false });
        await broker.DeclareQueueAsync(new QueueDeclaration("own") { Exclusive = true, Durable = false });
        await broker.BindQueueAsync("own", "passing", "order.#");
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        await using IQueueConsumer durable = await channel.ConsumeAsync("durable", new QueueConsumerOptions { Prefetch = 5 });
        await using IQueueConsumer own = await channel.ConsumeAsync("own");
        await using IAsyncEnumerator<Delivery> reader = durable.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        await channel.PublishAsync("", "durable", "kept", MessageProperties.PersistentOnly);
        Delivery before = await NextAsync(reader);
        Assert.Equal("kept", before.Text);

        await server.Nodes[0].KillAsync();
        await RealRabbitMq.UntilAsync(async () => await HealthAsync(broker) == HealthStatus.Unhealthy, "the loss is noticed");
        await Assert.ThrowsAsync<ConnectionException>(() => channel.PublishAsync("", "durable", "x").AsTask());
        Assert.True(channel.IsOpen);
        await server.Nodes[0].StartAsync(TestContext.Current.CancellationToken);

        Delivery again = await NextAsync(reader);
        Assert.Equal(("kept", true), (again.Text, again.Redelivered));
        await before.AckAsync();
        await again.AckAsync();
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(broker));
        Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("passing", "order.placed", "1 tea", mandatory: true));
        await using IAsyncEnumerator<Delivery> owner = own.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.Equal("1 tea", (await NextAsync(owner)).Text);
        await channel.PublishAsync("", "durable", "last");
        Assert.Equal("last", (await NextAsync(reader)).Text);
    }

    private static async Task<HealthStatus> HealthAsync(RabbitMqExchangeBroker broker)
        => (await broker.CheckHealthAsync(TestContext.Current.CancellationToken)).Status;

    private static async Task<Delivery> NextAsync(IAsyncEnumerator<Delivery> reader)
    {
        Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(2 * RealRabbitMq.Patience));
        return reader.Current;
    }

    private static async Task<RabbitMqServer> StartAsync()
    {
        try
        {
            return await RabbitMqServer.StartAsync(new ProvisioningOptions { UseContainers = false, StartTimeout = TimeSpan.FromMinutes(2) });
        }
        catch (BrokerUnavailableException error)
        {
            Assert.Skip($"No RabbitMQ can be had that may be killed: {error.Message}");
            throw;
        }
    }
}
