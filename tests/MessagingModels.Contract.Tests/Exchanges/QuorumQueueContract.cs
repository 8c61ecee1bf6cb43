using System.Diagnostics;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class QuorumQueueContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task A_delivery_tells_how_often_the_message_came_back()
    {
        Needs(ExchangeFeature.DeliveryCount);
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments(), "m");
        for (int count = 0; count < 4; count++)
        {
            Delivery delivery = await TakeAsync("q", channel);
            Assert.Equal((count, count > 0), (delivery.DeliveryCount, delivery.Redelivered));
            if (count % 2 == 0)
                await delivery.NackAsync();
            else
                await delivery.RejectAsync(requeue: true);
        }
    }

    [Fact]
    public async Task The_header_of_the_delivery_count_counts_failures_alone()
    {
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments(), "m");
        await (await TakeAsync("q", channel)).NackAsync();
        Delivery delivery = await TakeAsync("q", channel);
        Assert.DoesNotContain("x-delivery-count", delivery.Properties.Headers.Keys);
        await delivery.RejectAsync(requeue: true);
        delivery = await TakeAsync("q", channel);
        Assert.Equal(1L, delivery.Properties.Headers["x-delivery-count"]);
        await channel.DisposeAsync();
        Assert.Equal(2L, (await TakeAsync("q")).Properties.Headers["x-delivery-count"]);
    }

    [Fact]
    public async Task A_message_is_given_again_as_often_as_the_limit_says_and_then_dropped()
    {
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments { DeliveryLimit = 2 }, "m");
        for (int count = 0; count < 3; count++)
            await (await TakeAsync("q", channel)).RejectAsync(requeue: true);
        await FillAsync("q", "next");
        Assert.Equal("next", (await TakeAsync("q", channel)).Text);
    }

    [Fact]
    public async Task A_message_beyond_the_limit_becomes_a_dead_letter()
    {
        await Broker.DeclareQueueAsync("dead");
        IExchangeChannel channel = await OpenWithAsync(
            new QueueArguments { DeliveryLimit = 1, DeadLetterExchange = "", DeadLetterRoutingKey = "dead" }, "m");
        await (await TakeAsync("q", channel)).RejectAsync(requeue: true);
        await (await TakeAsync("q", channel)).RejectAsync(requeue: true);
        Delivery letter = await TakeAsync("dead");
        Assert.Equal([("q", "delivery_limit", 1L)], Deaths.Of(letter).Select(Deaths.Summary));
    }

    [Fact]
    public async Task A_channel_that_closes_counts_towards_the_limit()
    {
        await OpenWithAsync(new QueueArguments { DeliveryLimit = 1 }, "m");
        for (int count = 0; count < 2; count++)
        {
            IExchangeChannel channel = await OpenAsync();
            await TakeAsync("q", channel);
            await channel.DisposeAsync();
        }

        await FillAsync("q", "next");
        Assert.Equal("next", (await TakeAsync("q")).Text);
    }

    [Fact]
    public async Task The_limit_is_twenty_unless_set()
    {
        await Broker.DeclareQueueAsync("dead");
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "dead" }, "m");
        for (int count = 0; count < 21; count++)
            await (await TakeAsync("q", channel)).RejectAsync(requeue: true);
        await UntilReadyAsync("dead", 1);
    }

    [Fact]
    public async Task A_limit_of_minus_one_is_none()
    {
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments { DeliveryLimit = -1 }, "m");
        for (int count = 0; count < 25; count++)
            await (await TakeAsync("q", channel)).RejectAsync(requeue: true);
        Assert.Equal("m", (await TakeAsync("q", channel)).Text);
    }

    [Fact]
    public async Task A_nacked_message_does_not_count_towards_the_limit()
    {
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments { DeliveryLimit = 1 }, "m");
        for (int count = 0; count < 5; count++)
            await (await TakeAsync("q", channel)).NackAsync();
        Assert.Equal("m", (await TakeAsync("q", channel)).Text);
    }

    [Fact]
    public async Task A_nacked_message_comes_before_those_that_were_never_delivered()
    {
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments(), "1", "2", "3");
        await (await TakeAsync("q", channel)).NackAsync();
        await UntilReadyAsync("q", 3);
        Assert.Equal(["1", "2", "3"], await DrainAsync("q"));
    }

    [Fact]
    public async Task What_a_closing_channel_held_comes_back_in_order()
    {
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments(), "1", "2", "3");
        await ReadAsync(await channel.ConsumeAsync("q"), 3);
        await channel.DisposeAsync();
        await UntilReadyAsync("q", 3);
        Assert.Equal(["1", "2", "3"], await DrainAsync("q"));
    }

    [Theory]
    [InlineData("failed", true)]
    [InlineData("returned", false)]
    [InlineData("all", true)]
    [InlineData("all", false)]
    public async Task A_message_that_came_back_waits_where_delayed_retry_asks_for_it(string type, bool isFailure)
    {
        TimeSpan wait = TimeSpan.FromSeconds(2);
        bool isShown = false;
        while (!isShown)
        {
            await Broker.DeleteQueueAsync("q");
            IExchangeChannel channel = await OpenWithRetryAsync(type, wait);
            Delivery first = await TakeAsync("q", channel);
            Stopwatch since = Stopwatch.StartNew();
            await ReturnAsync(first, isFailure);
            Delivery next = await TakeAsync("q", channel);
            // On a busy machine the wait may be over by now, and either message may come first.
            isShown = since.Elapsed < wait;
            if (!isShown)
                continue;
            Assert.Equal("2", next.Text);
            Delivery again = await TakeAsync("q", channel);
            Assert.True(since.Elapsed > wait - TimeSpan.FromMilliseconds(50), $"It came again after {since.Elapsed}.");
            Assert.Equal(("1", true), (again.Text, again.Redelivered));
        }
    }

    [Theory]
    [InlineData("failed", false)]
    [InlineData("returned", true)]
    [InlineData("disabled", true)]
    public async Task A_message_that_came_back_otherwise_does_not_wait(string type, bool isFailure)
    {
        IExchangeChannel channel = await OpenWithRetryAsync(type, TimeSpan.FromHours(1));
        await ReturnAsync(await TakeAsync("q", channel), isFailure);
        await UntilReadyAsync("q", 2);
        Assert.Equal("1", (await TakeAsync("q", channel)).Text);
        Assert.Equal("2", (await TakeAsync("q", channel)).Text);
    }

    [Fact]
    public async Task A_message_that_was_published_as_transient_is_delivered_as_such()
    {
        await OpenWithAsync(new QueueArguments());
        await PublishAsync("", "q", "1", new MessageProperties { Persistent = false });
        await PublishAsync("", "q", "2", new MessageProperties { Persistent = true });
        Assert.False((await TakeAsync("q")).Properties.Persistent);
        Assert.True((await TakeAsync("q")).Properties.Persistent);
    }

    [Fact]
    public async Task Consumers_of_a_quorum_queue_have_a_prefetch()
    {
        IExchangeChannel channel = await OpenWithAsync(new QueueArguments(), "1", "2", "3", "4");
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2 });
        List<Delivery> deliveries = await ReadAsync(consumer, 2);
        await UntilReadyAsync("q", 2);
        await deliveries[1].AckAsync(multiple: true);
        Assert.Equal(["3", "4"], await ReadTextsAsync(consumer, 2));
    }

    [Fact]
    public async Task A_quorum_queue_expires_messages_and_dead_letters_them()
    {
        await Broker.DeclareQueueAsync("dead");
        await OpenWithAsync(new QueueArguments
        {
            MessageTtl = TimeSpan.FromMilliseconds(100),
            DeadLetterExchange = "",
            DeadLetterRoutingKey = "dead",
        }, "m");
        Assert.Equal([("q", "expired", 1L)], Deaths.Of(await TakeAsync("dead")).Select(Deaths.Summary));
    }

    private static ValueTask ReturnAsync(Delivery delivery, bool isFailure)
        => isFailure ? delivery.RejectAsync(requeue: true) : delivery.NackAsync();

    private Task<IExchangeChannel> OpenWithRetryAsync(string type, TimeSpan wait)
    {
        Needs(ExchangeFeature.DelayedRetry);
        return OpenWithAsync(new QueueArguments { DelayedRetryType = type, DelayedRetryMin = wait }, "1", "2");
    }

    private async Task<IExchangeChannel> OpenWithAsync(QueueArguments arguments, params string[] texts)
    {
        Needs(ExchangeFeature.QuorumQueues);
        arguments.QueueType = QueueType.Quorum;
        await Broker.DeclareQueueAsync("q", arguments);
        await FillAsync("q", texts);
        return await OpenAsync();
    }
}

public sealed class QuorumQueue_on_native(NativeExchanges provider) : QuorumQueueContract(provider);

public sealed class QuorumQueue_on_native_disk(NativeExchangesOnDisk provider) : QuorumQueueContract(provider);

public sealed class QuorumQueue_on_rabbitmq(RabbitMqExchanges provider) : QuorumQueueContract(provider);
