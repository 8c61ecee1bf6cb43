using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>Which messages become dead letters, and where they go.</summary>
public abstract class DeadLetterContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_rejected_message_keeps_its_routing_key()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dlx" });
        await PublishAsync("", "q", "m");
        await RejectAsync("q");
        Delivery letter = await TakeAsync("dead");
        Assert.Equal(("m", "dlx", "q"), (letter.Text, letter.Exchange, letter.RoutingKey));
    }

    [Fact]
    public async Task A_dead_letter_gets_the_queues_key_where_it_has_one()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dlx", DeadLetterRoutingKey = "lost" });
        await PublishAsync("", "q", "m");
        await RejectAsync("q");
        Assert.Equal("lost", (await TakeAsync("dead")).RoutingKey);
    }

    [Fact]
    public async Task Dead_letters_go_through_the_default_exchange_too()
    {
        await Broker.DeclareQueueAsync("dead");
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "dead" });
        await PublishAsync("", "q", "m");
        await RejectAsync("q");
        Assert.Equal("m", (await TakeAsync("dead")).Text);
    }

    [Fact]
    public async Task Messages_dead_letter_in_the_order_in_which_they_expire()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dlx", MessageTtl = s_short });
        await FillAsync("q", "1", "2", "3");
        await UntilReadyAsync("dead", 3);
        Assert.Equal(["1", "2", "3"], await DrainAsync("dead"));
    }

    [Fact]
    public async Task A_message_that_must_not_wait_dead_letters_at_once()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dlx" });
        await PublishAsync("", "q", "m", new MessageProperties { Expiration = TimeSpan.Zero });
        Assert.Equal("expired", (await TakeAsync("dead")).Properties.Headers["x-first-death-reason"]);
    }

    [Fact]
    public async Task An_expired_message_leaves_its_expiration_behind_and_stays()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dlx" });
        await PublishAsync("", "q", "m", new MessageProperties { Expiration = s_short, AppId = "a", Persistent = true });
        Delivery letter = await TakeAsync("dead");
        Assert.Equal((null, "a", true), (letter.Properties.Expiration, letter.Properties.AppId, letter.Properties.Persistent));
        Assert.Equal("50", Deaths.Of(letter)[0]["original-expiration"]);
    }

    [Fact]
    public async Task Acknowledged_purged_and_requeued_messages_are_no_dead_letters()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dlx" });
        await FillAsync("q", "1", "2", "3");
        IExchangeChannel channel = await OpenAsync();
        await (await TakeAsync("q", channel)).AckAsync();
        await (await TakeAsync("q", channel)).NackAsync();
        await UntilReadyAsync("q", 2);
        await Broker.PurgeQueueAsync("q");
        await FillAsync("q", "4");
        await Broker.DeleteQueueAsync("q");
        await channel.DisposeAsync();
        await Broker.DeclareQueueAsync("last", new QueueArguments { DeadLetterExchange = "dlx" });
        await FillAsync("last", "5");
        await RejectAsync("last");
        Assert.Equal("5", (await TakeAsync("dead")).Text);
        Assert.Equal(0, await ReadyAsync("dead"));
    }

    [Fact]
    public async Task Without_the_exchange_dead_letters_are_lost_and_the_queue_goes_on()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "nope" });
        await FillAsync("q", "1", "2");
        await RejectAsync("q");
        Assert.Equal(["2"], await DrainAsync("q"));
    }

    [Fact]
    public async Task Several_messages_rejected_at_once_all_dead_letter_in_order()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dlx" });
        await FillAsync("q", "1", "2", "3");
        IExchangeChannel channel = await OpenAsync();
        await (await ReadAsync(await channel.ConsumeAsync("q"), 3))[2].NackAsync(requeue: false, multiple: true);
        await UntilReadyAsync("dead", 3);
        Assert.Equal(["1", "2", "3"], await DrainAsync("dead"));
    }

    [Fact]
    public async Task A_message_that_would_expire_round_and_round_ends()
    {
        await Broker.DeclareExchangeAsync("dlx", ExchangeType.Fanout);
        await Broker.DeclareQueueAsync("dead");
        await Broker.DeclareQueueAsync("a", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "b", MessageTtl = s_short });
        await Broker.DeclareQueueAsync("b", new QueueArguments { DeadLetterExchange = "dlx", DeadLetterRoutingKey = "a", MessageTtl = s_short });
        await Broker.BindQueueAsync("dead", "dlx");
        await Broker.BindQueueAsync("a", "dlx");
        await PublishAsync("", "a", "m");
        Delivery letter = await TakeAsync("dead");
        Assert.Equal(["b", "a"], Deaths.Of(letter).Select(death => death["queue"]));
        await UntilReadyAsync("a", 0);
        await UntilReadyAsync("b", 0);
        Assert.Equal(0, await ReadyAsync("dead"));
    }

    [Fact]
    public async Task A_message_that_was_rejected_may_go_round_again()
    {
        await Broker.DeclareQueueAsync("work", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "wait" });
        await Broker.DeclareQueueAsync("wait", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "work", MessageTtl = s_short });
        await PublishAsync("", "work", "m");
        IExchangeChannel channel = await OpenAsync();
        for (long round = 0; round < 3; round++)
        {
            Delivery delivery = await TakeAsync("work", channel);
            List<Dictionary<string, object?>> deaths = Deaths.Of(delivery);
            Assert.Equal(round == 0 ? [] : [("wait", "expired", round), ("work", "rejected", round)], deaths.Select(Deaths.Summary));
            await delivery.RejectAsync();
        }
    }

    [Fact]
    public async Task A_quorum_queue_dead_letters_as_a_classic_one_does()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = QueueType.Quorum, DeadLetterExchange = "dlx" });
        await PublishAsync("", "q", "m");
        await RejectAsync("q");
        Delivery letter = await TakeAsync("dead");
        Assert.Equal([("q", "rejected", 1L)], Deaths.Of(letter).Select(Deaths.Summary));
    }

    [Fact]
    public async Task At_least_once_dead_letters_of_a_quorum_queue_arrive()
    {
        await BuryAsync();
        await Broker.DeclareQueueAsync("q", new QueueArguments
        {
            QueueType = QueueType.Quorum,
            DeadLetterExchange = "dlx",
            DeadLetterStrategy = "at-least-once",
            Overflow = "reject-publish",
        });
        await FillAsync("q", "1", "2");
        await RejectAsync("q");
        await RejectAsync("q");
        await UntilReadyAsync("dead", 2);
        Assert.Equal(["1", "2"], await DrainAsync("dead"));
    }

    /// <summary>A queue for the dead, behind an exchange of its own.</summary>
    private async Task BuryAsync()
    {
        await Broker.DeclareExchangeAsync("dlx", ExchangeType.Fanout);
        await Broker.DeclareQueueAsync("dead");
        await Broker.BindQueueAsync("dead", "dlx");
    }

    private async Task RejectAsync(string queue)
    {
        await using IExchangeChannel channel = await OpenAsync();
        await (await TakeAsync(queue, channel)).RejectAsync();
    }
}

public sealed class DeadLetter_on_native(NativeExchanges provider) : DeadLetterContract(provider);

public sealed class DeadLetter_on_native_disk(NativeExchangesOnDisk provider) : DeadLetterContract(provider);

public sealed class DeadLetter_on_rabbitmq(RabbitMqExchanges provider) : DeadLetterContract(provider);
