using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class SingleActiveConsumerContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private static readonly QueueConsumerOptions s_oneAtATime = new() { Prefetch = 1 };

    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task A_single_active_consumer_gets_everything_and_the_next_takes_over(string type)
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = type, SingleActiveConsumer = true });
        IExchangeChannel first = await OpenAsync();
        IQueueConsumer active = await first.ConsumeAsync("q");
        IExchangeChannel second = await OpenAsync();
        IQueueConsumer waiting = await second.ConsumeAsync("q");
        await FillAsync("q", "1", "2", "3");
        List<Delivery> deliveries = await ReadAsync(active, 3);
        await deliveries[0].AckAsync();
        await first.DisposeAsync();
        Assert.Equal([("2", true), ("3", true)], (await ReadAsync(waiting, 2)).Select(delivery => (delivery.Text, delivery.Redelivered)));
    }

    [Fact]
    public async Task A_single_active_consumer_that_is_full_hands_nothing_to_the_others()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { SingleActiveConsumer = true });
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer active = await channel.ConsumeAsync("q", s_oneAtATime);
        await channel.ConsumeAsync("q", s_oneAtATime);
        await FillAsync("q", "1", "2", "3");
        await ReadAsync(active, 1);
        Assert.Equal(2, await ReadyAsync("q"));
    }

    [Fact]
    public async Task A_queue_with_a_single_active_consumer_has_no_exclusive_ones()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { SingleActiveConsumer = true });
        await RefusedAsync(
            ReplyCode.AccessRefused, $"ACCESS_REFUSED - queue 'q' in vhost '{VirtualHost}' in exclusive use",
            async () => await (await OpenAsync()).ConsumeAsync("q", new QueueConsumerOptions { Exclusive = true }));
    }

    [Fact]
    public async Task The_consumer_with_the_highest_priority_takes_over()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { SingleActiveConsumer = true });
        IExchangeChannel first = await OpenAsync();
        await first.ConsumeAsync("q");
        IExchangeChannel second = await OpenAsync();
        await second.ConsumeAsync("q", new QueueConsumerOptions { Priority = 1 });
        IQueueConsumer highest = await second.ConsumeAsync("q", new QueueConsumerOptions { Priority = 5 });
        await first.DisposeAsync();
        await FillAsync("q", "1", "2");
        Assert.Equal(["1", "2"], await ReadTextsAsync(highest, 2));
    }

    [Fact]
    public async Task A_classic_queue_keeps_its_active_consumer_when_one_with_a_higher_priority_comes()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { SingleActiveConsumer = true });
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer active = await channel.ConsumeAsync("q");
        await channel.ConsumeAsync("q", new QueueConsumerOptions { Priority = 5 });
        await FillAsync("q", "1", "2");
        Assert.Equal(["1", "2"], await ReadTextsAsync(active, 2));
    }

    [Fact]
    public async Task A_quorum_queue_hands_over_to_a_consumer_with_a_higher_priority_once_the_active_one_holds_nothing()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = QueueType.Quorum, SingleActiveConsumer = true });
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer active = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2 });
        await FillAsync("q", "1");
        Delivery held = (await ReadAsync(active, 1))[0];
        IQueueConsumer higher = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2, Priority = 5 });
        await FillAsync("q", "2", "3");
        await UntilReadyAsync("q", 2);
        await held.AckAsync();
        Assert.Equal(["2", "3"], await ReadTextsAsync(higher, 2));
    }

    [Fact]
    public async Task Getting_from_a_quorum_queue_with_a_single_active_consumer_is_refused()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = QueueType.Quorum, SingleActiveConsumer = true });
        await RefusedAsync(
            ReplyCode.ResourceLocked,
            $"RESOURCE_LOCKED - cannot obtain access to locked queue 'q' in vhost '{VirtualHost}'. basic.get operations are not supported by "
            + "<<\"quorum\">> queues with single active consumer",
            async () => await (await OpenAsync()).GetAsync("q"));
    }
}

public sealed class SingleActiveConsumer_on_native(NativeExchanges provider) : SingleActiveConsumerContract(provider);

public sealed class SingleActiveConsumer_on_native_disk(NativeExchangesOnDisk provider) : SingleActiveConsumerContract(provider);

public sealed class SingleActiveConsumer_on_rabbitmq(RabbitMqExchanges provider) : SingleActiveConsumerContract(provider);
