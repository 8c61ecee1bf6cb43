using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>What a dead letter tells about its deaths.</summary>
public abstract class DeathRecordContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task A_death_names_count_reason_queue_time_exchange_and_keys()
    {
        await OpenWithAsync("q");
        await Broker.BindQueueAsync("q", "amq.topic", "a.*");
        DateTimeOffset before = DateTimeOffset.UtcNow;
        await PublishAsync("amq.topic", "a.b", "m");
        await RejectAsync("q");
        Dictionary<string, object?> death = Assert.Single(Deaths.Of(await TakeAsync("dead")));
        Assert.Equal(["count", "exchange", "queue", "reason", "routing-keys", "time"], death.Keys.Order());
        Assert.Equal(("q", "rejected", 1L), Deaths.Summary(death));
        Assert.Equal("amq.topic", death["exchange"]);
        Assert.Equal(["a.b"], Assert.IsType<IEnumerable<object?>>(death["routing-keys"], exactMatch: false));
        DateTimeOffset time = Assert.IsType<DateTimeOffset>(death["time"]);
        Assert.InRange(time, before.AddSeconds(-1), DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task The_first_and_the_last_death_are_named_in_headers_of_their_own()
    {
        await OpenWithAsync("q");
        await PublishAsync("", "q", "m");
        await RejectAsync("q");
        Delivery first = await TakeAsync("dead");
        await Broker.DeclareQueueAsync("again", new QueueArguments { DeadLetterExchange = "dlx", MessageTtl = TimeSpan.Zero });
        await Broker.BindQueueAsync("again", "dlx");
        Assert.Equal(("q", "rejected", ""), Death(first, "first"));
        Assert.Equal(("q", "rejected", ""), Death(first, "last"));
        await PublishAsync("", "q", "n");
        await RejectAsync("q");
        await UntilReadyAsync("dead", 2);
        List<Delivery> letters = [await TakeAsync("dead"), await TakeAsync("dead")];
        Delivery second = letters.Single(letter => Deaths.Of(letter).Count == 2);
        Assert.Equal(("q", "rejected", ""), Death(second, "first"));
        Assert.Equal(("again", "expired", "dlx"), Death(second, "last"));
        Assert.Equal([("again", "expired", 1L), ("q", "rejected", 1L)], Deaths.Of(second).Select(Deaths.Summary));

        static (object?, object?, object?) Death(Delivery letter, string which) => (
            letter.Properties.Headers[$"x-{which}-death-queue"], letter.Properties.Headers[$"x-{which}-death-reason"],
            letter.Properties.Headers[$"x-{which}-death-exchange"]);
    }

    [Fact]
    public async Task A_death_in_the_same_queue_for_the_same_reason_is_counted_up()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "q" });
        await PublishAsync("", "q", "m");
        for (int i = 0; i < 3; i++)
            await RejectAsync("q");
        Delivery delivery = await TakeAsync("q");
        Assert.Equal([("q", "rejected", 3L)], Deaths.Of(delivery).Select(Deaths.Summary));
    }

    [Fact]
    public async Task Deaths_of_two_reasons_in_one_queue_are_two_entries_with_the_latest_first()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "middle" });
        await Broker.DeclareQueueAsync("middle", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "q" });
        await PublishAsync("", "q", "m", new MessageProperties { Expiration = TimeSpan.FromMilliseconds(50) });
        await RejectAsync("middle");
        await RejectAsync("q");
        Delivery delivery = await TakeAsync("middle");
        Assert.Equal(
            [("q", "rejected", 1L), ("middle", "rejected", 1L), ("q", "expired", 1L)], Deaths.Of(delivery).Select(Deaths.Summary));
    }

    [Fact]
    public async Task An_earlier_entry_that_is_counted_up_moves_to_the_front()
    {
        await Broker.DeclareQueueAsync("a", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "b" });
        await Broker.DeclareQueueAsync("b", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "a" });
        await PublishAsync("", "a", "m");
        await RejectAsync("a");
        await RejectAsync("b");
        await RejectAsync("a");
        Delivery delivery = await TakeAsync("b");
        Assert.Equal([("a", "rejected", 2L), ("b", "rejected", 1L)], Deaths.Of(delivery).Select(Deaths.Summary));
    }

    [Fact]
    public async Task The_keys_of_cc_are_recorded_and_those_of_bcc_are_not()
    {
        await OpenWithAsync("q");
        await PublishAsync("", "q", "m", new MessageProperties
        {
            Headers = Table(("CC", new List<object?> { "copy" }), ("BCC", new List<object?> { "secret" })),
        });
        await RejectAsync("q");
        Delivery letter = await TakeAsync("dead");
        Assert.Equal(["q", "copy"], Assert.IsType<IEnumerable<object?>>(Deaths.Of(letter)[0]["routing-keys"], exactMatch: false));
        Assert.Contains("CC", letter.Properties.Headers.Keys);
    }

    [Fact]
    public async Task With_a_key_of_the_queues_own_dead_letters_follow_cc_no_more()
    {
        await Broker.DeclareQueueAsync("dead");
        await Broker.DeclareQueueAsync("copy");
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "dead" });
        await PublishAsync("", "q", "m", new MessageProperties { Headers = Table(("CC", new List<object?> { "copy" })) });
        await DrainAsync("copy");
        await RejectAsync("q");
        Delivery letter = await TakeAsync("dead");
        Assert.Contains("CC", letter.Properties.Headers.Keys);
        Assert.Equal(["q", "copy"], Assert.IsType<IEnumerable<object?>>(Deaths.Of(letter)[0]["routing-keys"], exactMatch: false));
        Assert.Equal(0, await ReadyAsync("copy"));
    }

    [Fact]
    public async Task Cc_stays_without_effect_on_the_way_from_there()
    {
        await OpenWithAsync("second");
        await Broker.DeclareQueueAsync("first", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "second" });
        await PublishAsync("", "first", "m", new MessageProperties { Headers = Table(("CC", new List<object?> { "copy" })) });
        await RejectAsync("first");
        await RejectAsync("second");
        Delivery letter = await TakeAsync("dead");
        Assert.Equal(["second"], Assert.IsType<IEnumerable<object?>>(Deaths.Of(letter)[0]["routing-keys"], exactMatch: false));
    }

    [Fact]
    public async Task Without_a_key_of_the_queues_own_dead_letters_follow_cc_again()
    {
        await Broker.DeclareQueueAsync("dead");
        await Broker.DeclareQueueAsync("copy");
        await Broker.DeclareExchangeAsync("dlx", ExchangeType.Direct);
        await Broker.BindQueueAsync("dead", "dlx", "q");
        await Broker.BindQueueAsync("copy", "dlx", "copy");
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dlx" });
        await PublishAsync("", "q", "m", new MessageProperties { Headers = Table(("CC", new List<object?> { "copy" })) });
        await DrainAsync("copy");
        await RejectAsync("q");
        await UntilReadyAsync("dead", 1);
        await UntilReadyAsync("copy", 1);
    }

    [Fact]
    public async Task What_a_client_wrote_as_a_record_of_deaths_does_not_count()
    {
        await OpenWithAsync("q");
        await PublishAsync("", "q", "m", new MessageProperties
        {
            Headers = Table(
                ("x-death", new List<object?> { Table(("queue", "q"), ("reason", "rejected"), ("count", 5L)) }), ("x-first-death-queue", "other")),
        });
        await RejectAsync("q");
        Delivery letter = await TakeAsync("dead");
        Assert.Equal([("q", "rejected", 1L)], Deaths.Of(letter).Select(Deaths.Summary));
        Assert.Equal("q", letter.Properties.Headers["x-first-death-queue"]);
    }

    [Fact]
    public async Task A_dead_letter_that_a_client_publishes_again_begins_a_new_record()
    {
        await OpenWithAsync("q");
        await PublishAsync("", "q", "m");
        await RejectAsync("q");
        Delivery letter = await TakeAsync("dead");
        await PublishAsync("", "q", "m", letter.Properties);
        await RejectAsync("q");
        Assert.Equal([("q", "rejected", 1L)], Deaths.Of(await TakeAsync("dead")).Select(Deaths.Summary));
    }

    [Fact]
    public async Task The_messages_own_headers_stay()
    {
        await OpenWithAsync("q");
        await PublishAsync("", "q", "m", new MessageProperties { Headers = Table(("n", 5), ("text", "t")), MessageId = "id", Priority = 3 });
        await RejectAsync("q");
        MessageProperties properties = (await TakeAsync("dead")).Properties;
        Assert.Equal((5, "t", "id", (byte?)3), (properties.Headers["n"], properties.Headers["text"], properties.MessageId, properties.Priority));
    }

    private async Task OpenWithAsync(string queue)
    {
        await Broker.DeclareExchangeAsync("dlx", ExchangeType.Fanout);
        await Broker.DeclareQueueAsync("dead");
        await Broker.BindQueueAsync("dead", "dlx");
        await Broker.DeclareQueueAsync(queue, new QueueArguments { DeadLetterExchange = "dlx" });
    }

    private async Task RejectAsync(string queue)
    {
        await using IExchangeChannel channel = await OpenAsync();
        await (await TakeAsync(queue, channel)).RejectAsync();
    }
}

public sealed class DeathRecord_on_native(NativeExchanges provider) : DeathRecordContract(provider);

public sealed class DeathRecord_on_native_disk(NativeExchangesOnDisk provider) : DeathRecordContract(provider);

public sealed class DeathRecord_on_rabbitmq(RabbitMqExchanges provider) : DeathRecordContract(provider);
