using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class LengthLimitContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task A_full_queue_drops_its_oldest_messages(string type)
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = type, MaxLength = 2 });
        await FillAsync("q", "1", "2", "3", "4");
        await UntilReadyAsync("q", 2);
        Assert.Equal(["3", "4"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_queue_full_of_bytes_drops_its_oldest_messages()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLengthBytes = 10 });
        await FillAsync("q", "aaaa", "bbbb", "cc", "dd");
        await UntilReadyAsync("q", 3);
        Assert.Equal(["bbbb", "cc", "dd"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_message_larger_than_the_limit_is_dropped_with_all_before_it()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLengthBytes = 10 });
        await FillAsync("q", "1", "2", new string('x', 11));
        await UntilReadyAsync("q", 0);
    }

    [Fact]
    public async Task Whichever_limit_is_reached_first_counts()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLength = 3, MaxLengthBytes = 10 });
        await FillAsync("q", "1", "2", "3", "4");
        await UntilReadyAsync("q", 3);
        await FillAsync("q", "123456789");
        await UntilReadyAsync("q", 2);
        Assert.Equal(["4", "123456789"], await DrainAsync("q"));
    }

    [Fact]
    public async Task Unacknowledged_messages_do_not_count_towards_the_limit()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLength = 2 });
        IExchangeChannel channel = await OpenAsync();
        await FillAsync("q", "1");
        await TakeAsync("q", channel);
        await FillAsync("q", "2", "3");
        Assert.Equal(2, await ReadyAsync("q"));
    }

    [Fact]
    public async Task A_queue_that_may_hold_nothing_drops_what_nobody_takes()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLength = 0 });
        await FillAsync("q", "1");
        await UntilReadyAsync("q", 0);
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q");
        await FillAsync("q", "2");
        Assert.Equal(["2"], await ReadTextsAsync(consumer, 1));
    }

    [Fact]
    public async Task A_full_queue_that_rejects_nacks_and_keeps_what_it_has()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLength = 2, Overflow = "reject-publish" });
        await FillAsync("q", "1", "2");
        await Assert.ThrowsAsync<PublishNackedException>(() => FillAsync("q", "3"));
        Assert.Equal(["1", "2"], await DrainAsync("q"));
        await FillAsync("q", "4");
        Assert.Equal(["4"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_queue_full_of_bytes_that_rejects_nacks()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLengthBytes = 5, Overflow = "reject-publish" });
        await FillAsync("q", "12345");
        await Assert.ThrowsAsync<PublishNackedException>(() => FillAsync("q", "6"));
    }

    [Fact]
    public async Task A_quorum_queue_that_rejects_nacks_sooner_or_later()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = QueueType.Quorum, MaxLength = 3, Overflow = "reject-publish" });
        Exception? failure = null;
        await UntilAsync(async () => (failure = await FailureOf(() => FillAsync("q", "m"))) is not null, "a publish is refused");
        Assert.IsType<PublishNackedException>(failure);
        await DrainAsync("q");
        await UntilAsync(async () => await FailureOf(() => FillAsync("q", "m")) is null, "a publish is taken again");
    }

    [Fact]
    public async Task One_full_queue_of_two_nacks_and_the_other_has_the_message()
    {
        await Broker.DeclareQueueAsync("full", new QueueArguments { MaxLength = 1, Overflow = "reject-publish" });
        await Broker.DeclareQueueAsync("free");
        await Broker.BindQueueAsync("full", "amq.fanout");
        await Broker.BindQueueAsync("free", "amq.fanout");
        await FillAsync("full", "0");
        await Assert.ThrowsAsync<PublishNackedException>(() => PublishAsync("amq.fanout", "", "m"));
        Assert.Equal(["m"], await DrainAsync("free"));
    }

    [Fact]
    public async Task A_refusal_of_an_unawaited_publish_is_told_by_the_flush()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLength = 1, Overflow = "reject-publish" });
        IExchangeChannel channel = await OpenAsync();
        await channel.EnqueueAsync("", "q", "1"u8.ToArray());
        await channel.EnqueueAsync("", "q", "2"u8.ToArray());
        await Assert.ThrowsAsync<PublishNackedException>(async () => await channel.FlushAsync());
        await channel.FlushAsync();
        Assert.Equal(["1"], await DrainAsync("q"));
    }

    [Fact]
    public async Task What_a_full_queue_drops_or_rejects_is_dead_lettered_where_asked_for()
    {
        await Broker.DeclareQueueAsync("dead");
        await Broker.BindQueueAsync("dead", "amq.fanout");
        await Broker.DeclareQueueAsync("drops", new QueueArguments { MaxLength = 1, DeadLetterExchange = "amq.fanout" });
        await FillAsync("drops", "1", "2");
        Assert.Equal(("1", "maxlen"), await DeathAsync());
        await Broker.DeclareQueueAsync("rejects", new QueueArguments { MaxLength = 1, Overflow = "reject-publish-dlx", DeadLetterExchange = "amq.fanout" });
        await FillAsync("rejects", "3");
        await Assert.ThrowsAsync<PublishNackedException>(() => FillAsync("rejects", "4"));
        Assert.Equal(("4", "maxlen"), await DeathAsync());
        await Broker.DeclareQueueAsync("silent", new QueueArguments { MaxLength = 1, Overflow = "reject-publish", DeadLetterExchange = "amq.fanout" });
        await FillAsync("silent", "5");
        await Assert.ThrowsAsync<PublishNackedException>(() => FillAsync("silent", "6"));
        await using (IExchangeChannel channel = await OpenAsync())
            await (await TakeAsync("silent", channel)).RejectAsync();
        Assert.Equal(("5", "rejected"), await DeathAsync());
        Assert.Equal(0, await ReadyAsync("dead"));

        async Task<(string Text, object? Reason)> DeathAsync()
        {
            Delivery letter = await TakeAsync("dead");
            return (letter.Text, letter.Properties.Headers["x-first-death-reason"]);
        }
    }
}

public sealed class LengthLimit_on_native(NativeExchanges provider) : LengthLimitContract(provider);

public sealed class LengthLimit_on_native_disk(NativeExchangesOnDisk provider) : LengthLimitContract(provider);

public sealed class LengthLimit_on_rabbitmq(RabbitMqExchanges provider) : LengthLimitContract(provider);
