using MessagingModels.Provisioning;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>The limit that the consumers of a channel share, on a server that permits it.</summary>
public sealed class ChannelPrefetchTests(ChannelPrefetchTests.PermittingRabbitMq rabbit)
    : IClassFixture<ChannelPrefetchTests.PermittingRabbitMq>, IAsyncLifetime
{
    private readonly TcpProxy _proxy = new();
    private RabbitMqExchangeBroker? _broker;
    private string _queue = "";

    private RabbitMqExchangeBroker Broker => _broker!;

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync(_proxy));
        _queue = (await Broker.DeclareQueueAsync(RealRabbitMq.NewName())).Name;
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DeleteQueueAsync(_queue);
            await _broker.DisposeAsync();
        }

        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task It_holds_whatever_the_prefetches_of_the_consumers_are()
    {
        Assert.True(Broker.Capabilities.Supports(ExchangeFeature.ChannelPrefetch));
        await using IExchangeChannel channel = await Broker.OpenChannelAsync(new ChannelOptions { Prefetch = 5 });
        await using IQueueConsumer one = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 4 });
        await using IQueueConsumer two = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 3 });
        await using IQueueConsumer three = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 0 });
        await FillAsync(20);
        await StaysReadyAsync(15);
        await channel.AckAsync((await NextAsync(one)).DeliveryTag);
        await StaysReadyAsync(14);
    }

    [Fact]
    public async Task A_consumers_own_prefetch_holds_below_it()
    {
        await using IExchangeChannel channel = await Broker.OpenChannelAsync(new ChannelOptions { Prefetch = 5 });
        await using IQueueConsumer one = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 1 });
        await using IQueueConsumer two = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 2 });
        await FillAsync(20);
        await StaysReadyAsync(17);
    }

    [Fact]
    public async Task It_can_be_set_changed_and_lifted_while_consumers_run()
    {
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await channel.SetPrefetchAsync(2);
        await using IQueueConsumer one = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 6 });
        await using IQueueConsumer two = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 7 });
        await FillAsync(20);
        await StaysReadyAsync(18);
        await channel.SetPrefetchAsync(9);
        await StaysReadyAsync(11);
        await channel.SetPrefetchAsync(0);
        await StaysReadyAsync(7);
    }

    [Fact]
    public async Task It_is_back_with_a_lost_connection()
    {
        await using IExchangeChannel channel = await Broker.OpenChannelAsync(new ChannelOptions { Prefetch = 5 });
        await using IQueueConsumer one = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 4 });
        await using IQueueConsumer two = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { Prefetch = 3 });
        await FillAsync(2);
        await NextAsync(one);
        _proxy.Cut();
        await RealRabbitMq.UntilAsync(
            async () => await Record.ExceptionAsync(() => FillAsync(1)) is null, "the connection is back");
        await RealRabbitMq.UntilAsync(async () => (await Broker.DescribeQueueAsync(_queue)).Consumers == 2, "both consumers are back");
        await FillAsync(17);
        await StaysReadyAsync(15);
    }

    [Theory]
    [InlineData(QueueType.Quorum)]
    [InlineData(QueueType.Stream)]
    public async Task A_queue_that_does_not_obey_it_is_refused_and_not_the_connection(string type)
    {
        string other = RealRabbitMq.NewName();
        await Broker.DeclareQueueAsync(other, new QueueArguments { QueueType = type });
        IExchangeChannel channel = await Broker.OpenChannelAsync(new ChannelOptions { Prefetch = 5 });
        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => channel.ConsumeAsync(other).AsTask());
        Assert.Equal(ReplyCode.NotImplemented, refused.ReplyCode);
        Assert.Equal($"NOT_IMPLEMENTED - queue '{other}' in vhost '/' does not support global qos", refused.Message);
        await Broker.DeleteQueueAsync(other);
    }

    private async Task FillAsync(int count)
    {
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        for (int i = 0; i < count; i++)
            await channel.PublishAsync("", _queue, $"{i}");
    }

    /// <summary>As many messages are ready, and no more of them are sent.</summary>
    private async Task StaysReadyAsync(long count)
    {
        await RealRabbitMq.UntilAsync(async () => (await Broker.DescribeQueueAsync(_queue)).ReadyMessages <= count, $"{count} are ready");
        await Task.Delay(100);
        Assert.Equal(count, (await Broker.DescribeQueueAsync(_queue)).ReadyMessages);
    }

    private static async Task<Delivery> NextAsync(IQueueConsumer consumer)
    {
        using CancellationTokenSource patience = new(RealRabbitMq.Patience);
        await foreach (Delivery delivery in consumer.ReadAsync(patience.Token))
            return delivery;
        throw new InvalidOperationException("The consumer ended.");
    }

    /// <summary>A server of this class's own, for the others' is as RabbitMQ comes.</summary>
    public sealed class PermittingRabbitMq : IAsyncDisposable
    {
        private readonly Lazy<Task<RabbitMqServer>> _server = new(() => RabbitMqServer.StartAsync(new ProvisioningOptions
        {
            StartTimeout = TimeSpan.FromMinutes(2),
            Settings = new Dictionary<string, string> { ["deprecated_features.permit.global_qos"] = "true" },
        }));

        public async Task<RabbitMqOptions> OptionsAsync(TcpProxy proxy)
        {
            RabbitMqServer server;
            try
            {
                server = await _server.Value;
            }
            catch (BrokerUnavailableException error)
            {
                Assert.Skip($"No RabbitMQ can be had: {error.Message}");
                throw;
            }

            proxy.Start(server.AmqpUri.Host, server.AmqpUri.Port);
            return new RabbitMqOptions
            {
                Uri = new UriBuilder(server.AmqpUri) { Host = "127.0.0.1", Port = proxy.Port }.Uri,
                ManagementUri = server.ManagementUri,
                RecoveryInterval = TimeSpan.FromMilliseconds(200),
            };
        }

        public async ValueTask DisposeAsync()
        {
            if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
                await (await _server.Value).DisposeAsync();
        }
    }
}
