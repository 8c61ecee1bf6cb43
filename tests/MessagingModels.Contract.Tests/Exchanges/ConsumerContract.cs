using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class ConsumerContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private static readonly QueueConsumerOptions s_oneAtATime = new() { Prefetch = 1 };

    [Fact]
    public async Task Competing_consumers_take_turns()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer one = await channel.ConsumeAsync("q");
        IQueueConsumer two = await channel.ConsumeAsync("q");
        await FillAsync("q", "1", "2", "3", "4", "5", "6");
        List<string> first = [.. await ReadTextsAsync(one, 3)];
        List<string> second = [.. await ReadTextsAsync(two, 3)];
        Assert.Equal(["1", "2", "3", "4", "5", "6"], first.Concat(second).Order());
        Assert.Equal(2, int.Parse(first[1], null) - int.Parse(first[0], null));
    }

    [Fact]
    public async Task A_consumer_names_its_queue_and_its_tag()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer named = await channel.ConsumeAsync("q", new QueueConsumerOptions { ConsumerTag = "mine" });
        IQueueConsumer unnamed = await channel.ConsumeAsync("q");
        Assert.Equal(("q", "mine"), (named.Queue, named.ConsumerTag));
        Assert.StartsWith("amq.ctag-", unnamed.ConsumerTag, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_consumer_with_the_higher_priority_is_served_first_while_it_has_room()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer low = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 5 });
        IQueueConsumer high = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2, Priority = 10 });
        await FillAsync("q", "1", "2", "3");
        Assert.Equal(["1", "2"], await ReadTextsAsync(high, 2));
        Assert.Equal(["3"], await ReadTextsAsync(low, 1));
    }

    [Fact]
    public async Task A_priority_that_is_no_number_is_refused()
    {
        await Broker.DeclareQueueAsync("q");
        await FailedAsync(
            $"invalid arg 'x-priority' for queue 'q' in vhost '{VirtualHost}': \"expected integer, got longstr\"",
            async () => await (await OpenAsync()).ConsumeAsync("q", new QueueConsumerOptions { Arguments = Table(("x-priority", "high")) }));
    }

    [Fact]
    public async Task A_second_consumer_beside_an_exclusive_one_is_refused()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Exclusive = true });
        await RefusedAsync(
            ReplyCode.AccessRefused, $"ACCESS_REFUSED - queue 'q' in vhost '{VirtualHost}' in exclusive use",
            async () => await (await OpenAsync()).ConsumeAsync("q"));
        await consumer.DisposeAsync();
        await (await OpenAsync()).ConsumeAsync("q");
    }

    [Fact]
    public async Task An_exclusive_consumer_beside_another_is_refused()
    {
        await Broker.DeclareQueueAsync("q");
        await (await OpenAsync()).ConsumeAsync("q");
        await RefusedAsync(
            ReplyCode.AccessRefused, $"ACCESS_REFUSED - queue 'q' in vhost '{VirtualHost}' in exclusive use",
            async () => await (await OpenAsync()).ConsumeAsync("q", new QueueConsumerOptions { Exclusive = true }));
    }

    [Fact]
    public async Task A_consumer_is_told_when_its_queue_is_deleted()
    {
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", "1");
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", s_oneAtATime);
        await ReadAsync(consumer, 1);
        Task<List<Delivery>> reading = ReadAsync(consumer, 1);
        await Broker.DeleteQueueAsync("q");
        await Assert.ThrowsAsync<ConsumerCancelledException>(() => reading);
        Assert.True(channel.IsOpen);
    }

    [Fact]
    public async Task A_reader_is_told_when_its_channel_fails()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        Task<List<Delivery>> reading = ReadAsync(await channel.ConsumeAsync("q"), 1);
        await Assert.ThrowsAsync<ChannelException>(async () => await channel.GetAsync("nope"));
        ChannelException error = await Assert.ThrowsAsync<ChannelException>(() => reading);
        Assert.Equal(ReplyCode.NotFound, error.ReplyCode);
    }

    [Fact]
    public async Task A_consumer_that_ends_gets_no_more_and_what_it_read_stays_to_be_acknowledged()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", s_oneAtATime);
        await FillAsync("q", "1", "2");
        Delivery delivery = (await ReadAsync(consumer, 1))[0];
        await consumer.DisposeAsync();
        await delivery.AckAsync();
        await channel.DisposeAsync();
        Assert.Equal(["2"], await DrainAsync("q"));
    }

    [Fact]
    public async Task What_a_consumer_was_sent_and_nobody_read_goes_back_when_its_channel_closes()
    {
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", "1", "2", "3");
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q");
        await (await ReadAsync(consumer, 1))[0].AckAsync();
        await channel.DisposeAsync();
        await UntilReadyAsync("q", 2);
        Assert.Equal(["2", "3"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_leaves_the_consumer_as_it_was()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q");
        using (CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(50)))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (Delivery _ in consumer.ReadAsync(stop.Token))
                    Assert.Fail("The queue is empty.");
            });
        }

        await FillAsync("q", "1");
        Assert.Equal(["1"], await ReadTextsAsync(consumer, 1));
    }
}

public sealed class Consumer_on_native(NativeExchanges provider) : ConsumerContract(provider);

public sealed class Consumer_on_native_disk(NativeExchangesOnDisk provider) : ConsumerContract(provider);

public sealed class Consumer_on_rabbitmq(RabbitMqExchanges provider) : ConsumerContract(provider);
