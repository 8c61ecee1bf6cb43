namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class ConsumingTests
{
    [Fact]
    public async Task Acknowledging_several_at_once_settles_all_up_to_the_tag()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 5);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q");
        List<Delivery> deliveries = await ExchangeHarness.ReadAsync(consumer, 5);
        await deliveries[2].AckAsync(multiple: true);
        await UnackedAsync(harness, "q", 2);
        await channel.AckAsync(0, multiple: true);
        await UnackedAsync(harness, "q", 0);
        Assert.Equal(0, (await harness.Broker.DescribeQueueAsync("q")).ReadyMessages);
    }

    [Fact]
    public async Task An_unknown_tag_closes_the_channel_and_gives_back_what_it_held()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 2);
        IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q");
        List<Delivery> deliveries = await ExchangeHarness.ReadAsync(consumer, 2);
        await deliveries[0].AckAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - unknown delivery tag 1", () => deliveries[0].AckAsync());
        Assert.False(channel.IsOpen);
        await using IExchangeChannel next = await harness.Broker.OpenChannelAsync();
        Delivery again = (await next.GetAsync("q"))!.Value;
        Assert.Equal(("1", true), (again.Text, again.Redelivered));
    }

    [Fact]
    public async Task A_requeued_message_comes_back_to_its_place()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 3);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        Delivery first = (await channel.GetAsync("q"))!.Value;
        await first.NackAsync();
        Delivery again = (await channel.GetAsync("q"))!.Value;
        Assert.Equal(("0", true, 2ul), (again.Text, again.Redelivered, again.DeliveryTag));
    }

    [Fact]
    public async Task A_rejected_message_is_dead_lettered_with_its_record()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync("dead", ExchangeType.Fanout);
        await harness.Broker.DeclareQueueAsync("graveyard");
        await harness.Broker.BindQueueAsync("graveyard", "dead");
        await harness.Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "dead" });
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("amq.direct", "k", "lost");
        await channel.PublishAsync("", "q", "m", new MessageProperties { Expiration = TimeSpan.FromMinutes(1), AppId = "a" });
        await (await channel.GetAsync("q"))!.Value.RejectAsync();
        await ExchangeHarness.UntilAsync(() => Ready(harness, "graveyard") == 1);
        Delivery letter = (await channel.GetAsync("graveyard"))!.Value;
        Assert.Equal(("m", "dead", "q", "a"), (letter.Text, letter.Exchange, letter.RoutingKey, letter.Properties.AppId));
        Assert.Null(letter.Properties.Expiration);
        var death = (IReadOnlyDictionary<string, object?>)((IReadOnlyList<object?>)letter.Properties.Headers["x-death"]!)[0]!;
        Assert.Equal(("rejected", "q", 1L, "", "60000"),
            (death["reason"], death["queue"], death["count"], death["exchange"], death["original-expiration"]));
    }

    [Fact]
    public async Task Messages_that_expire_in_a_ring_of_queues_are_dropped_and_rejected_ones_go_round()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("work", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "retry" });
        await harness.Broker.DeclareQueueAsync("retry", new QueueArguments
        {
            DeadLetterExchange = "",
            DeadLetterRoutingKey = "work",
            MessageTtl = TimeSpan.FromSeconds(1),
        });
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("", "work", "m");
        for (int round = 1; round <= 3; round++)
        {
            await (await channel.GetAsync("work"))!.Value.RejectAsync();
            await ExchangeHarness.UntilAsync(() => Ready(harness, "retry") == 1);
            harness.Time.Advance(TimeSpan.FromSeconds(2));
            await ExchangeHarness.UntilAsync(() => Ready(harness, "work") == 1);
        }

        Delivery delivery = (await channel.GetAsync("work"))!.Value;
        var deaths = (IReadOnlyList<object?>)delivery.Properties.Headers["x-death"]!;
        Assert.Equal([("retry", 3L), ("work", 3L)], deaths.Cast<IReadOnlyDictionary<string, object?>>().Select(d => ((string)d["queue"]!, (long)d["count"]!)));
    }

    [Fact]
    public async Task A_consumer_gets_no_more_than_its_prefetch()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 10);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 3 });
        List<Delivery> deliveries = await ExchangeHarness.ReadAsync(consumer, 3);
        await UnackedAsync(harness, "q", 3);
        Assert.Equal(7, Ready(harness, "q"));
        await deliveries[0].AckAsync();
        Assert.Equal("3", Assert.Single(await ExchangeHarness.ReadAsync(consumer, 1)).Text);
    }

    [Fact]
    public async Task The_channels_prefetch_holds_over_all_its_consumers()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 5);
        await harness.Broker.DeclareQueueAsync("p");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(new ChannelOptions { Prefetch = 4 });
        for (int i = 0; i < 5; i++)
            await channel.PublishAsync("", "p", $"{i}");
        await using IQueueConsumer one = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 0 });
        await ExchangeHarness.UntilAsync(() => Unacked(harness, "q") == 4);
        await using IQueueConsumer two = await channel.ConsumeAsync("p", new QueueConsumerOptions { Prefetch = 0 });
        List<Delivery> deliveries = await ExchangeHarness.ReadAsync(one, 4);
        Assert.Equal(0, Unacked(harness, "p"));
        await deliveries[1].AckAsync(multiple: true);
        await ExchangeHarness.UntilAsync(() => Unacked(harness, "q") + Unacked(harness, "p") == 4);
        await channel.SetPrefetchAsync(0);
        await ExchangeHarness.UntilAsync(() => Ready(harness, "q") + Ready(harness, "p") == 0);
    }

    [Fact]
    public async Task Recovering_gives_everything_unacknowledged_again()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 3);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q");
        await ExchangeHarness.ReadAsync(consumer, 3);
        await channel.RecoverAsync();
        List<Delivery> again = await ExchangeHarness.ReadAsync(consumer, 3);
        Assert.Equal(["0", "1", "2"], again.Select(delivery => delivery.Text));
        Assert.All(again, delivery => Assert.True(delivery.Redelivered));
        Assert.Equal(4ul, again[0].DeliveryTag);
    }

    [Fact]
    public async Task Closing_a_channel_gives_back_what_was_read_and_what_was_not()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 10);
        IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q");
        await ExchangeHarness.ReadAsync(consumer, 2);
        await channel.DisposeAsync();
        await ExchangeHarness.UntilAsync(() => Ready(harness, "q") == 10);
        await Assert.ThrowsAsync<ChannelException>(async () => await ExchangeHarness.ReadAsync(consumer, 1));
    }

    [Fact]
    public async Task Disposing_a_consumer_gives_back_what_was_not_read()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 10);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q");
        List<Delivery> deliveries = await ExchangeHarness.ReadAsync(consumer, 2);
        await consumer.DisposeAsync();
        await ExchangeHarness.UntilAsync(() => Ready(harness, "q") == 8);
        await deliveries[1].AckAsync(multiple: true);
        await UnackedAsync(harness, "q", 0);
    }

    [Fact]
    public async Task A_consumer_is_told_when_its_queue_is_deleted()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 0);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q");
        Task<List<Delivery>> reading = ExchangeHarness.ReadAsync(consumer, 1);
        await harness.Broker.DeleteQueueAsync("q");
        await Assert.ThrowsAsync<ConsumerCancelledException>(() => reading);
        Assert.True(channel.IsOpen);
    }

    [Fact]
    public async Task A_cancelled_read_ends_and_the_consumer_stays()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 0);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q");
        using CancellationTokenSource stop = new();
        IAsyncEnumerator<Delivery> reader = consumer.ReadAsync(stop.Token).GetAsyncEnumerator();
        Task<bool> next = reader.MoveNextAsync().AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await reader.DisposeAsync();
        await channel.PublishAsync("", "q", "m");
        Assert.Equal("m", Assert.Single(await ExchangeHarness.ReadAsync(consumer, 1)).Text);
    }

    [Fact]
    public async Task Exclusive_use_is_refused_in_rabbitmqs_words()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 0);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Exclusive = true });
        await using IExchangeChannel other = await harness.Broker.OpenChannelAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.AccessRefused, "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use", async () => await other.ConsumeAsync("q"));
    }

    [Fact]
    public async Task A_consumer_tag_is_used_once_on_a_channel()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 0);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        QueueConsumerOptions options = new() { ConsumerTag = "me" };
        await channel.ConsumeAsync("q", options);
        await ExchangeHarness.RefusedAsync(
            ReplyCode.NotAllowed, "NOT_ALLOWED - attempt to reuse consumer tag 'me'", async () => await channel.ConsumeAsync("q", options));
    }

    [Fact]
    public async Task Automatic_acknowledgement_settles_at_once_and_buffers_a_bounded_number()
    {
        await using ExchangeHarness harness = await OpenWithAsync("q", 3000);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { AutoAck = true });
        await ExchangeHarness.UntilAsync(() => Ready(harness, "q") < 3000);
        Assert.InRange(Ready(harness, "q"), 1, 2999);
        List<Delivery> deliveries = await ExchangeHarness.ReadAsync(consumer, 3000);
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"{i}"), deliveries.Select(delivery => delivery.Text));
        Assert.Equal(0, Unacked(harness, "q"));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - unknown delivery tag 1", () => deliveries[0].AckAsync());
    }

    internal static async Task<ExchangeHarness> OpenWithAsync(string queue, int messages)
    {
        ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync(queue);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        for (int i = 0; i < messages; i++)
            await channel.EnqueueAsync("", queue, System.Text.Encoding.UTF8.GetBytes($"{i}"));
        await channel.FlushAsync();
        return harness;
    }

    internal static long Ready(ExchangeHarness harness, string queue)
        => harness.Host.ListQueues().Single(description => description.Declaration.Name == queue).ReadyMessages;

    internal static long Unacked(ExchangeHarness harness, string queue)
        => harness.Host.ListQueues().Single(description => description.Declaration.Name == queue).UnackedMessages;

    private static Task UnackedAsync(ExchangeHarness harness, string queue, int count)
        => ExchangeHarness.UntilAsync(() => Unacked(harness, queue) == count);
}
