using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class PriorityContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task Higher_priorities_come_first_and_equal_ones_in_order()
    {
        await OpenWithAsync(5, (1, "a"), (5, "b"), (3, "c"), (5, "d"), (1, "e"));
        Assert.Equal(["b", "d", "c", "a", "e"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_message_without_priority_has_the_lowest()
    {
        await OpenWithAsync(5, (null, "a"), (0, "b"), (1, "c"));
        Assert.Equal(["c", "a", "b"], await DrainAsync("q"));
    }

    [Fact]
    public async Task Priorities_above_the_highest_count_as_the_highest()
    {
        await OpenWithAsync(2, (2, "a"), (200, "b"), (3, "c"), (1, "d"));
        Assert.Equal(["a", "b", "c", "d"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_queue_without_priorities_ignores_them()
    {
        await Broker.DeclareQueueAsync("q");
        await PublishAsync("", "q", "a", new MessageProperties { Priority = 0 });
        await PublishAsync("", "q", "b", new MessageProperties { Priority = 9 });
        Assert.Equal(["a", "b"], await DrainAsync("q"));
    }

    [Fact]
    public async Task The_priority_is_delivered_as_it_was_published()
    {
        await OpenWithAsync(2, (200, "a"), (1, "b"), (null, "c"));
        Assert.Equal(
            [(byte?)200, (byte?)1, null],
            [(await TakeAsync("q")).Properties.Priority, (await TakeAsync("q")).Properties.Priority, (await TakeAsync("q")).Properties.Priority]);
    }

    [Fact]
    public async Task A_requeued_message_comes_back_to_its_place_among_its_equals()
    {
        await OpenWithAsync(5, (5, "a"), (5, "b"), (1, "c"));
        IExchangeChannel channel = await OpenAsync();
        Delivery first = await TakeAsync("q", channel);
        await PublishAsync("", "q", "d", new MessageProperties { Priority = 5 });
        await first.NackAsync();
        await UntilReadyAsync("q", 4);
        Assert.Equal(["a", "b", "d", "c"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_full_queue_drops_from_its_head_as_consumers_see_it()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxPriority = 5, MaxLength = 2 });
        foreach ((byte priority, string text) in ((byte, string)[])[(5, "a"), (1, "b"), (1, "c")])
            await PublishAsync("", "q", text, new MessageProperties { Priority = priority });
        await UntilReadyAsync("q", 2);
        Assert.Equal(["b", "c"], await DrainAsync("q"));
    }

    private async Task OpenWithAsync(int maxPriority, params (byte? Priority, string Text)[] messages)
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxPriority = maxPriority });
        foreach ((byte? priority, string text) in messages)
            await PublishAsync("", "q", text, new MessageProperties { Priority = priority });
    }
}

public sealed class Priority_on_native(NativeExchanges provider) : PriorityContract(provider);

public sealed class Priority_on_native_disk(NativeExchangesOnDisk provider) : PriorityContract(provider);

public sealed class Priority_on_rabbitmq(RabbitMqExchanges provider) : PriorityContract(provider);
