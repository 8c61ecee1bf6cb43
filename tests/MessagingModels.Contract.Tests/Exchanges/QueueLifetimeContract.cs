using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>Queues that live as long as a connection, or as somebody consumes.</summary>
public abstract class QueueLifetimeContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exclusive_queue_is_locked_for_other_connections_also_where_it_expires(bool expires)
    {
        QueueDeclaration mine = new("mine") { Exclusive = true, Arguments = expires ? new QueueArguments { Expires = TimeSpan.FromHours(1) } : [] };
        IExchangeBroker owner = await Site.ConnectAsync();
        await owner.DeclareQueueAsync(mine);
        await owner.BindQueueAsync("mine", "amq.direct", "k");
        string locked = $"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine' in vhost '{VirtualHost}'. It could be " +
            "originally declared on another connection or the exclusive property value does not match that of the original declaration.";
        await LockedAsync(async () => await Broker.DescribeQueueAsync("mine"));
        await LockedAsync(async () => await Broker.DeclareQueueAsync(mine));
        await LockedAsync(async () => await Broker.DeclareQueueAsync(mine with { Exclusive = false }));
        await LockedAsync(async () => await Broker.DeclareQueueAsync(mine with { Durable = false, Arguments = Table(("x-expires", 5)) }));
        await LockedAsync(async () => await Broker.DeleteQueueAsync("mine"));
        await LockedAsync(async () => await Broker.DeleteQueueAsync("mine", ifUnused: true, ifEmpty: true));
        await LockedAsync(async () => await Broker.PurgeQueueAsync("mine"));
        await LockedAsync(async () => await Broker.BindQueueAsync("mine", "amq.fanout"));
        await LockedAsync(async () => await Broker.BindQueueAsync("mine", "amq.direct", "k"));
        await LockedAsync(async () => await Broker.UnbindAsync(new Binding("amq.direct", BindingTarget.Queue, "mine", "k")));
        await LockedAsync(async () => await (await OpenAsync()).ConsumeAsync("mine"));
        await LockedAsync(async () => await (await OpenAsync()).ConsumeAsync("mine", new QueueConsumerOptions { AutoAck = true }));
        await LockedAsync(async () => await (await OpenAsync()).GetAsync("mine"));
        await LockedAsync(async () => await (await OpenAsync()).GetAsync("mine", autoAck: true));
        Assert.Equal("mine", (await owner.DescribeQueueAsync("mine")).Declaration.Name);
        Assert.Contains(await Broker.ListQueuesAsync(), queue => queue.Declaration.Name == "mine");

        Task LockedAsync(Func<Task> action) => RefusedAsync(ReplyCode.ResourceLocked, locked, action);
    }

    [Fact]
    public async Task What_is_not_there_is_found_missing_before_an_exclusive_queue_is_found_locked()
    {
        IExchangeBroker owner = await Site.ConnectAsync();
        await owner.DeclareQueueAsync(new QueueDeclaration("mine") { Exclusive = true });
        await RefusedAsync(
            ReplyCode.NotFound, $"NOT_FOUND - no exchange 'nope' in vhost '{VirtualHost}'", async () => await Broker.BindQueueAsync("mine", "nope"));
        await Broker.UnbindAsync(new Binding("amq.direct", BindingTarget.Queue, "mine", "k"));
        await Broker.UnbindAsync(new Binding("nope", BindingTarget.Queue, "mine", "k"));
    }

    [Fact]
    public async Task An_exclusive_queue_cannot_be_declared_again_as_a_shared_one()
    {
        await Broker.DeclareQueueAsync(new QueueDeclaration("mine") { Exclusive = true });
        await Broker.DeclareQueueAsync(new QueueDeclaration("mine") { Exclusive = true });
        ChannelException error = await Assert.ThrowsAsync<ChannelException>(async () => await Broker.DeclareQueueAsync("mine"));
        Assert.Equal(ReplyCode.ResourceLocked, error.ReplyCode);
    }

    [Fact]
    public async Task An_exclusive_queue_takes_messages_from_everybody()
    {
        IExchangeBroker owner = await Site.ConnectAsync();
        await owner.DeclareQueueAsync(new QueueDeclaration("mine") { Exclusive = true });
        await PublishAsync("", "mine", "m");
        IExchangeChannel channel = await owner.OpenChannelAsync();
        Assert.Equal("m", (await TakeAsync("mine", channel)).Text);
    }

    [Fact]
    public async Task An_exclusive_queue_goes_with_its_connection_and_its_bindings_with_it()
    {
        IExchangeBroker owner = await Site.ConnectAsync();
        await owner.DeclareQueueAsync(new QueueDeclaration("mine") { Exclusive = true });
        await owner.BindQueueAsync("mine", "amq.direct", "k");
        await owner.DisposeAsync();
        await UntilGoneAsync("mine");
        await Broker.DeclareQueueAsync("mine");
        await PublishAsync("amq.direct", "k", "m");
        Assert.Equal(0, await ReadyAsync("mine"));
    }

    [Fact]
    public async Task An_auto_delete_queue_goes_with_its_last_consumer()
    {
        await Broker.DeclareQueueAsync(new QueueDeclaration("q") { AutoDelete = true });
        IQueueConsumer one = await Broker.ConsumeAsync("q");
        IQueueConsumer two = await Broker.ConsumeAsync("q");
        await FillAsync("q", "m");
        await one.DisposeAsync();
        await Broker.DescribeQueueAsync("q");
        await two.DisposeAsync();
        await UntilGoneAsync("q");
    }

    [Fact]
    public async Task An_auto_delete_queue_without_a_consumer_stays_even_when_messages_are_got()
    {
        await Broker.DeclareQueueAsync(new QueueDeclaration("q") { AutoDelete = true });
        await FillAsync("q", "1", "2");
        await DrainAsync("q");
        Assert.Equal(0, await ReadyAsync("q"));
    }

    [Fact]
    public async Task A_connection_that_ends_takes_the_auto_delete_queues_along_that_only_it_consumed()
    {
        await Broker.DeclareQueueAsync(new QueueDeclaration("q") { AutoDelete = true });
        IExchangeBroker connection = await Site.ConnectAsync();
        await connection.ConsumeAsync("q");
        await connection.DisposeAsync();
        await UntilGoneAsync("q");
    }

    [Fact]
    public async Task A_queue_that_was_deleted_can_be_declared_with_other_values()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLength = 1 });
        await FillAsync("q", "1");
        await Broker.DeleteQueueAsync("q");
        Assert.Equal(new QueueDeclared("q", 0, 0), await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = QueueType.Quorum }));
    }

    [Fact]
    public async Task A_message_to_a_queue_that_is_gone_has_nowhere_to_go()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("", "q", "1", mandatory: true));
        await Broker.DeleteQueueAsync("q");
        Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("", "q", "2", mandatory: true));
    }
}

public sealed class QueueLifetime_on_native(NativeExchanges provider) : QueueLifetimeContract(provider);

public sealed class QueueLifetime_on_native_disk(NativeExchangesOnDisk provider) : QueueLifetimeContract(provider);

public sealed class QueueLifetime_on_rabbitmq(RabbitMqExchanges provider) : QueueLifetimeContract(provider);
