namespace MessagingModels.RabbitMq.Tests.RealServer;

public sealed class ConsumingTests(RealRabbitMq rabbit) : IAsyncLifetime
{
    private RabbitMqExchangeBroker? _broker;
    private string _queue = "";

    private RabbitMqExchangeBroker Broker => _broker!;

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        _queue = (await Broker.DeclareQueueAsync(new QueueDeclaration(RealRabbitMq.NewName()) { Exclusive = true })).Name;
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    [Fact]
    public async Task What_was_not_read_goes_back_when_the_consumer_goes()
    {
        await FillAsync(10);
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync(_queue);
        List<Delivery> read = await ReadAsync(consumer, 3);
        await consumer.DisposeAsync();
        await RealRabbitMq.UntilAsync(async () => (await Broker.DescribeQueueAsync(_queue)).ReadyMessages == 7, "seven messages are back");
        await read[^1].AckAsync(multiple: true);
        Assert.True(channel.IsOpen);
        Assert.Equal("3", (await channel.GetAsync(_queue))!.Value.Text);
    }

    [Fact]
    public async Task Acknowledging_several_spares_what_another_consumer_has_not_read()
    {
        string second = (await Broker.DeclareQueueAsync(new QueueDeclaration(RealRabbitMq.NewName()) { Exclusive = true })).Name;
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await using IQueueConsumer slow = await channel.ConsumeAsync(_queue);
        await using IQueueConsumer quick = await channel.ConsumeAsync(second);
        await FillAsync(2);
        await channel.PublishAsync("", second, "x");
        await (await ReadAsync(quick, 1))[0].AckAsync(multiple: true);
        foreach (Delivery delivery in await ReadAsync(slow, 2))
            await delivery.AckAsync();
        await channel.FlushAsync();
        Assert.True(channel.IsOpen);
    }

    [Fact]
    public async Task A_delivery_settled_twice_closes_the_channel_with_the_servers_words()
    {
        await FillAsync(1);
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        Delivery delivery = (await channel.GetAsync(_queue))!.Value;
        await delivery.AckAsync();
        ChannelException error = await Assert.ThrowsAsync<ChannelException>(() => delivery.AckAsync().AsTask());
        Assert.Equal("PRECONDITION_FAILED - unknown delivery tag 1", error.Message);
        Assert.False(channel.IsOpen);
    }

    [Fact]
    public async Task A_slow_reader_without_a_prefetch_gets_everything()
    {
        await FillAsync(3_000);
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { AutoAck = true });
        List<Delivery> read = await ReadAsync(consumer, 3_000);
        Assert.Equal(Enumerable.Range(0, 3_000).Select(i => $"{i}"), read.Select(delivery => delivery.Text));
    }

    [Fact]
    public async Task A_consumer_that_nobody_reads_does_not_hold_up_disposal()
    {
        await FillAsync(3_000);
        IExchangeChannel channel = await Broker.OpenChannelAsync();
        await channel.ConsumeAsync(_queue, new QueueConsumerOptions { AutoAck = true });
        await channel.DisposeAsync().AsTask().WaitAsync(RealRabbitMq.Patience);
    }

    [Fact]
    public async Task A_reader_is_told_that_its_queue_was_deleted()
    {
        await using IQueueConsumer consumer = await Broker.ConsumeAsync(_queue);
        Task<List<Delivery>> reading = ReadAsync(consumer, 1);
        await Broker.DeleteQueueAsync(_queue);
        await Assert.ThrowsAsync<ConsumerCancelledException>(() => reading);
    }

    [Fact]
    public async Task A_stream_is_read_again_from_where_one_likes()
    {
        string stream = RealRabbitMq.NewName();
        await Broker.DeclareQueueAsync(stream, new QueueArguments { QueueType = QueueType.Stream });
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        for (int i = 0; i < 5; i++)
            await channel.PublishAsync("", stream, $"{i}");
        for (int round = 0; round < 2; round++)
        {
            await using IQueueConsumer consumer = await Broker.ConsumeAsync(
                stream, new QueueConsumerOptions { StreamOffset = StreamOffset.At(new Offset(2)), Prefetch = 10 });
            List<Delivery> read = await ReadAsync(consumer, 3);
            Assert.Equal([2, 3, 4], read.Select(delivery => delivery.StreamOffset!.Value.Value));
            Assert.All(read, delivery => Assert.Empty(delivery.Properties.Headers));
        }

        await using IExchangeChannel doomed = await Broker.OpenChannelAsync();
        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => doomed.GetAsync(stream).AsTask());
        Assert.Equal(ReplyCode.NotImplemented, refused.ReplyCode);
        Assert.True(channel.IsOpen);
        await Broker.DeleteQueueAsync(stream);
    }

    private async Task FillAsync(int count)
    {
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        for (int i = 0; i < count; i++)
            await channel.EnqueueAsync("", _queue, System.Text.Encoding.UTF8.GetBytes($"{i}"));
        await channel.FlushAsync();
    }

    private static async Task<List<Delivery>> ReadAsync(IQueueConsumer consumer, int count)
    {
        using CancellationTokenSource patience = new(RealRabbitMq.Patience);
        List<Delivery> deliveries = [];
        await foreach (Delivery delivery in consumer.ReadAsync(patience.Token))
        {
            deliveries.Add(delivery);
            if (deliveries.Count == count)
                break;
        }

        return deliveries;
    }
}
