using System.Diagnostics;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class ExpiryContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_never = TimeSpan.FromHours(1);

    /// <summary>How long queues live unused that are to be kept in use.</summary>
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_message_with_an_expiration_goes_when_it_is_over()
    {
        await Broker.DeclareQueueAsync("q");
        await PublishAsync("", "q", "m", Expiring(s_short));
        await UntilReadyAsync("q", 0);
    }

    [Fact]
    public async Task Messages_go_when_their_queues_time_is_over()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MessageTtl = s_short });
        await FillAsync("q", "1", "2");
        await UntilReadyAsync("q", 0);
    }

    [Fact]
    public async Task The_shorter_of_both_times_counts()
    {
        await Broker.DeclareQueueAsync("short", new QueueArguments { MessageTtl = s_short });
        await Broker.DeclareQueueAsync("long", new QueueArguments { MessageTtl = s_never });
        await PublishAsync("", "short", "m", Expiring(s_never));
        await PublishAsync("", "long", "m", Expiring(s_short));
        await UntilReadyAsync("short", 0);
        await UntilReadyAsync("long", 0);
    }

    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task Messages_expire_at_the_head_of_a_queue_only(string type)
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = type });
        await Broker.DeclareQueueAsync("clock");
        await PublishAsync("", "q", "lasting");
        await PublishAsync("", "q", "passing", Expiring(s_short));
        await PublishAsync("", "clock", "m", Expiring(2 * s_short));
        await UntilReadyAsync("clock", 0);
        Assert.Equal(2, await ReadyAsync("q"));
        Assert.Equal("lasting", (await TakeAsync("q")).Text);
        await UntilReadyAsync("q", 0);
    }

    [Fact]
    public async Task A_message_that_must_not_wait_goes_at_once_where_nobody_takes_it()
    {
        await Broker.DeclareQueueAsync("q");
        Assert.Equal(PublishOutcome.Confirmed, await PublishAsync("", "q", "m", Expiring(TimeSpan.Zero)));
        await UntilReadyAsync("q", 0);
    }

    [Fact]
    public async Task A_message_that_must_not_wait_reaches_a_consumer_that_waits()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MessageTtl = TimeSpan.Zero });
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q");
        await PublishAsync("", "q", "1", Expiring(TimeSpan.Zero));
        await PublishAsync("", "q", "2");
        Assert.Equal(["1", "2"], await ReadTextsAsync(consumer, 2));
    }

    [Fact]
    public async Task An_unacknowledged_message_does_not_expire_and_does_once_it_is_back()
    {
        await Broker.DeclareQueueAsync("dead");
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "dead" });
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 1 });
        await PublishAsync("", "q", "held", Expiring(TimeSpan.FromSeconds(1)));
        Delivery held = (await ReadAsync(consumer, 1))[0];
        await consumer.DisposeAsync();
        // Expires after it, in the same queue.
        await PublishAsync("", "q", "later", Expiring(TimeSpan.FromSeconds(1.2)));
        Assert.Equal("later", (await TakeAsync("dead")).Text);
        Assert.Equal(0, await ReadyAsync("dead"));
        await held.NackAsync();
        Delivery letter = await TakeAsync("dead");
        Assert.Equal(("held", "expired"), (letter.Text, letter.Properties.Headers["x-first-death-reason"]));
        Assert.Null(await channel.GetAsync("q"));
    }

    [Fact]
    public async Task The_expiration_is_delivered_with_the_message()
    {
        await Broker.DeclareQueueAsync("q");
        await PublishAsync("", "q", "m", Expiring(TimeSpan.FromMilliseconds(60_001)));
        Assert.Equal(TimeSpan.FromMilliseconds(60_001), (await TakeAsync("q")).Properties.Expiration);
    }

    [Theory]
    [InlineData(-1, "{value_negative,-1}")]
    [InlineData(315_360_000_001, "{value_too_large,315360000001}")]
    public async Task An_expiration_that_is_no_sensible_time_is_refused(long milliseconds, string reason)
    {
        await Broker.DeclareQueueAsync("q");
        await FailedAsync(
            $"invalid expiration '{milliseconds}': {reason}",
            () => PublishAsync("", "q", "m", Expiring(TimeSpan.FromMilliseconds(milliseconds))));
    }

    [Fact]
    public async Task A_queue_that_nobody_uses_expires()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { Expires = s_short });
        await PublishIfThereAsync(await OpenAsync(), "q");
        await UntilUnroutableAsync("q");
    }

    [Fact]
    public async Task A_queue_with_a_consumer_does_not_expire_until_it_goes()
    {
        QueueArguments arguments = new() { Expires = TimeSpan.FromSeconds(1) };
        IQueueConsumer? consumer = null;
        await UntilAsync(
            async () =>
            {
                // On a busy machine it may go before it is consumed.
                await Broker.DeclareQueueAsync("used", arguments);
                return await FailureOf(async () => consumer = await Broker.ConsumeAsync("used")) is null;
            },
            "the queue is consumed");
        await Broker.DeclareQueueAsync("clock", new QueueArguments { MessageTtl = TimeSpan.FromSeconds(1.5) });
        await FillAsync("clock", "m");
        await UntilReadyAsync("clock", 0);
        Assert.Equal(1, (await Broker.DeclareQueueAsync("used", arguments)).Consumers);
        await consumer!.DisposeAsync();
        await UntilUnroutableAsync("used");
    }

    [Fact]
    public Task Getting_from_a_queue_keeps_it_from_expiring() => StaysInUseAsync(
        new QueueArguments { Expires = s_lifetime },
        async name =>
        {
            await using IExchangeChannel channel = await OpenAsync();
            await channel.GetAsync(name);
        },
        async name => Assert.Equal(PublishOutcome.Confirmed, await (await OpenAsync()).PublishAsync("", name, "m", mandatory: true)));

    [Fact]
    public async Task A_queue_that_was_never_touched_expires()
    {
        Needs(ExchangeFeature.QueueDescriptions);
        await Broker.DeclareQueueAsync("q", new QueueArguments { Expires = s_short });
        await UntilAsync(async () => (await Broker.ListQueuesAsync()).Count == 0, "the queue is gone");
    }

    [Fact]
    public async Task Declaring_a_queue_again_keeps_it_from_expiring()
    {
        QueueArguments arguments = new() { Expires = s_lifetime };
        HashSet<string> filled = [];
        await StaysInUseAsync(
            arguments,
            async name =>
            {
                if (filled.Add(name))
                    await FillAsync(name, "kept");
                await Broker.DeclareQueueAsync(name, arguments);
            },
            async name => Assert.Equal(["kept"], await DrainAsync(name)));
    }

    [Fact]
    public async Task Describing_a_queue_does_not_keep_it_from_expiring()
    {
        Needs(ExchangeFeature.QueueDescriptions);
        await Broker.DeclareQueueAsync("q", new QueueArguments { Expires = TimeSpan.FromSeconds(1) });
        await PublishIfThereAsync(await OpenAsync(), "q");
        await UntilGoneAsync("q");
    }

    /// <summary>
    /// Uses a queue again and again for longer than it lives unused, then checks that it is there. Where the machine kept the test from it for too
    /// long it begins anew with another queue, since nothing was shown then.
    /// </summary>
    private Task StaysInUseAsync(QueueArguments arguments, Func<string, Task> useAsync, Func<string, Task> checkAsync) => UntilAsync(
        async () =>
        {
            string name = $"used-{Guid.NewGuid():N}";
            await Broker.DeclareQueueAsync(name, arguments);
            Stopwatch total = Stopwatch.StartNew();
            bool isOver;
            do
            {
                TimeSpan before = total.Elapsed;
                isOver = before > 2 * s_lifetime;
                await Task.Delay(TimeSpan.FromMilliseconds(10));
                Exception? failure = await FailureOf(() => isOver ? checkAsync(name) : useAsync(name));
                if (total.Elapsed - before > s_lifetime / 2)
                    return false;
                Assert.True(failure is null, $"After {total.Elapsed}: {failure}");
            }
            while (!isOver);
            return true;
        },
        "a queue is in use all the time");

    /// <summary>Waits until a queue is gone, without asking for it: that would keep it.</summary>
    private async Task UntilUnroutableAsync(string queue)
    {
        IExchangeChannel channel = await OpenAsync();
        await UntilAsync(async () => await PublishIfThereAsync(channel, queue) == PublishOutcome.Returned, $"'{queue}' is gone");
    }

    /// <summary>Publishes to a queue that may go at any time; null where it went just then.</summary>
    private static async Task<PublishOutcome?> PublishIfThereAsync(IExchangeChannel channel, string queue)
    {
        try
        {
            return await channel.PublishAsync("", queue, "m", mandatory: true);
        }
        catch (PublishNackedException)
        {
            return null;
        }
    }

    private static MessageProperties Expiring(TimeSpan after) => new() { Expiration = after };
}

public sealed class Expiry_on_native(NativeExchanges provider) : ExpiryContract(provider);

public sealed class Expiry_on_native_disk(NativeExchangesOnDisk provider) : ExpiryContract(provider);

public sealed class Expiry_on_rabbitmq(RabbitMqExchanges provider) : ExpiryContract(provider);
