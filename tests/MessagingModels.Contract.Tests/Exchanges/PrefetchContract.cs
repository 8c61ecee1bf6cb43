using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class PrefetchContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task A_consumer_gets_no_more_than_its_prefetch_until_it_acknowledges()
    {
        await DeclareWithAsync(5);
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2 });
        List<Delivery> deliveries = await ReadAsync(consumer, 2);
        Assert.Equal(3, await ReadyAsync("q"));
        await deliveries[0].AckAsync();
        Assert.Equal(["3"], await ReadTextsAsync(consumer, 1));
        Assert.Equal(2, await ReadyAsync("q"));
    }

    [Fact]
    public async Task Each_consumer_of_a_channel_has_its_own_prefetch()
    {
        await DeclareWithAsync(5);
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer one = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 1 });
        IQueueConsumer three = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 3 });
        await ReadAsync(one, 1);
        await ReadAsync(three, 3);
        Assert.Equal(1, await ReadyAsync("q"));
    }

    [Fact]
    public async Task A_refused_delivery_makes_room_for_another()
    {
        await DeclareWithAsync(3);
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 1 });
        await (await ReadAsync(consumer, 1))[0].RejectAsync();
        Assert.Equal(["2"], await ReadTextsAsync(consumer, 1));
        Assert.Equal(1, await ReadyAsync("q"));
    }

    [Fact]
    public async Task An_acknowledgement_of_several_makes_room_for_as_many()
    {
        await DeclareWithAsync(7);
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 3 });
        await (await ReadAsync(consumer, 3))[2].AckAsync(multiple: true);
        Assert.Equal(["4", "5", "6"], await ReadTextsAsync(consumer, 3));
        Assert.Equal(1, await ReadyAsync("q"));
    }

    [Fact]
    public async Task Messages_that_were_got_do_not_count_towards_a_consumers_prefetch()
    {
        await DeclareWithAsync(3);
        IExchangeChannel channel = await OpenAsync();
        await TakeAsync("q", channel);
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 1 });
        Assert.Equal(["2"], await ReadTextsAsync(consumer, 1));
        Assert.Equal(1, await ReadyAsync("q"));
    }

    [Fact]
    public async Task A_channels_prefetch_counts_over_all_its_consumers()
    {
        Needs(ExchangeFeature.ChannelPrefetch);
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync(new ChannelOptions { Prefetch = 3 });
        IQueueConsumer one = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2 });
        IQueueConsumer two = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2 });
        await FillAsync("q", "1", "2", "3", "4", "5");
        await ReadAsync(one, 1);
        await ReadAsync(two, 1);
        Assert.Equal(2, await ReadyAsync("q"));
        await channel.AckAsync(1);
        await UntilReadyAsync("q", 1);
    }

    [Fact]
    public async Task A_channels_prefetch_can_be_raised()
    {
        Needs(ExchangeFeature.ChannelPrefetch);
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync(new ChannelOptions { Prefetch = 1 });
        IQueueConsumer consumer = await channel.ConsumeAsync("q");
        await FillAsync("q", "1", "2", "3", "4", "5");
        await ReadAsync(consumer, 1);
        Assert.Equal(4, await ReadyAsync("q"));
        await channel.SetPrefetchAsync(3);
        await ReadAsync(consumer, 2);
        Assert.Equal(2, await ReadyAsync("q"));
    }

    [Fact]
    public async Task Whether_a_channel_can_have_a_prefetch_is_what_its_broker_says()
    {
        bool isOffered = Broker.Capabilities.Supports(ExchangeFeature.ChannelPrefetch);
        Exception? failure = await FailureOf(async () => await OpenAsync(new ChannelOptions { Prefetch = 1 }));
        Assert.Equal(isOffered, failure is null);
        if (!isOffered)
            Assert.IsType<NotSupportedException>(failure);
    }

    [Fact]
    public async Task Automatic_acknowledgement_knows_no_prefetch()
    {
        await DeclareWithAsync(5);
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 1, AutoAck = true });
        Assert.Equal(["1", "2", "3", "4", "5"], await ReadTextsAsync(consumer, 5));
    }

    private async Task DeclareWithAsync(int count)
    {
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", [.. Enumerable.Range(1, count).Select(i => $"{i}")]);
    }
}

public sealed class Prefetch_on_native(NativeExchanges provider) : PrefetchContract(provider);

public sealed class Prefetch_on_native_disk(NativeExchangesOnDisk provider) : PrefetchContract(provider);

public sealed class Prefetch_on_rabbitmq(RabbitMqExchanges provider) : PrefetchContract(provider);
