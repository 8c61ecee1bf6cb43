using System.Diagnostics;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class StreamContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    /// <summary>Long enough that a time of whole seconds falls into it for certain.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(3);

    private IExchangeBroker? _elsewhere;

    [Fact]
    public async Task Every_reader_from_the_first_message_reads_all_with_their_offsets()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        for (int reader = 0; reader < 2; reader++)
        {
            List<Delivery> deliveries = await ReadAsync(await ConsumeAsync(channel, StreamOffset.First), 3);
            Assert.Equal(
                [("1", new Offset(0)), ("2", new Offset(1)), ("3", new Offset(2))],
                deliveries.Select(delivery => (delivery.Text, delivery.StreamOffset!.Value)));
            await deliveries[2].AckAsync(multiple: true);
        }
    }

    [Fact]
    public async Task A_reader_of_the_next_message_gets_those_published_from_then_on()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2");
        IQueueConsumer consumer = await ConsumeAsync(channel, StreamOffset.Next);
        await FillAsync("s", "3");
        Assert.Equal(["3"], await ReadTextsAsync(consumer, 1));
    }

    [Fact]
    public async Task A_reader_that_names_no_start_begins_with_the_next_message()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        IQueueConsumer consumer = await ConsumeAsync(channel, null);
        await FillAsync("s", "2");
        Assert.Equal(["2"], await ReadTextsAsync(consumer, 1));
    }

    [Fact]
    public async Task A_reader_may_start_at_an_offset()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        Assert.Equal(["2", "3"], await ReadTextsAsync(await ConsumeAsync(channel, StreamOffset.At(new Offset(1))), 2));
    }

    [Fact]
    public async Task A_reader_that_starts_beyond_the_end_waits_for_its_offset()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        IQueueConsumer consumer = await ConsumeAsync(channel, StreamOffset.At(new Offset(3)));
        await FillAsync("s", "2", "3", "4", "5");
        Assert.Equal(["4", "5"], await ReadTextsAsync(consumer, 2));
    }

    [Fact]
    public async Task A_reader_of_the_last_chunk_gets_the_last_message()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        Assert.Equal("3", (await ReadTextsAsync(await ConsumeAsync(channel, StreamOffset.Last), 1))[^1]);
    }

    [Fact]
    public async Task A_reader_from_a_time_before_the_first_message_reads_all()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2");
        Assert.Equal(["1", "2"], await ReadTextsAsync(await ConsumeAsync(channel, StreamOffset.From(DateTimeOffset.UtcNow.AddHours(-1))), 2));
    }

    [Fact]
    public async Task A_reader_from_a_time_to_come_gets_what_is_published_next()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2");
        IQueueConsumer consumer = await ConsumeAsync(channel, StreamOffset.From(DateTimeOffset.UtcNow.AddHours(1)));
        await FillAsync("s", "3");
        Assert.Equal(["3"], await ReadTextsAsync(consumer, 1));
    }

    [Fact]
    public async Task Acknowledging_rejecting_and_requeuing_take_nothing_away()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        List<Delivery> deliveries = await ReadAsync(await ConsumeAsync(channel, StreamOffset.First), 3);
        await deliveries[0].AckAsync();
        await deliveries[1].RejectAsync();
        await deliveries[2].NackAsync();
        Assert.Equal(["1", "2", "3"], await ReadTextsAsync(await ConsumeAsync(channel, StreamOffset.First), 3));
    }

    [Fact]
    public async Task A_readers_prefetch_holds_it_back_until_it_acknowledges()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3", "4");
        IQueueConsumer consumer = await channel.ConsumeAsync("s", new QueueConsumerOptions { Prefetch = 2, StreamOffset = StreamOffset.First });
        List<Delivery> deliveries = await ReadAsync(consumer, 2);
        Task<string[]> more = ReadTextsAsync(consumer, 2);
        // What comes by the same channel, published later, is there: so would be what was held back.
        await Broker.DeclareQueueAsync("other");
        IQueueConsumer other = await channel.ConsumeAsync("other");
        await FillAsync("other", "later");
        Assert.Equal(["later"], await ReadTextsAsync(other, 1));
        Assert.False(more.IsCompleted);
        await deliveries[1].AckAsync(multiple: true);
        Assert.Equal(["3", "4"], await more);
    }

    [Fact]
    public async Task A_stream_that_another_connection_declared_cannot_be_got_from()
    {
        IExchangeChannel channel = await OpenElsewhereAsync();
        await RefusedAsync(
            ReplyCode.NotImplemented, $"NOT_IMPLEMENTED - basic.get not supported by stream queues queue 's' in vhost '{VirtualHost}'",
            async () => await channel.GetAsync("s"));
        Assert.False(channel.IsOpen);
        await ConnectionIsOpenAsync();
    }

    [Fact]
    public async Task A_stream_that_another_connection_declared_cannot_be_purged()
    {
        await OpenElsewhereAsync();
        await RefusedAsync(
            ReplyCode.NotImplemented, $"NOT_IMPLEMENTED - queue.purge not supported by stream queues queue 's' in vhost '{VirtualHost}'",
            async () => await _elsewhere!.PurgeQueueAsync("s"));
        await ConnectionIsOpenAsync();
    }

    [Fact]
    public async Task A_reader_of_a_stream_that_another_connection_declared_cannot_acknowledge_automatically()
    {
        IExchangeChannel channel = await OpenElsewhereAsync();
        await RefusedAsync(
            ReplyCode.NotImplemented,
            $"NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queue 's' in vhost '{VirtualHost}'",
            async () => await channel.ConsumeAsync("s", new QueueConsumerOptions { AutoAck = true }));
        Assert.False(channel.IsOpen);
        await ConnectionIsOpenAsync();
    }

    [Fact]
    public async Task An_exclusive_reader_leaves_room_for_others()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        IQueueConsumer one = await channel.ConsumeAsync("s", new QueueConsumerOptions { Exclusive = true, StreamOffset = StreamOffset.First });
        IQueueConsumer two = await channel.ConsumeAsync("s", new QueueConsumerOptions { StreamOffset = StreamOffset.First });
        Assert.Equal(["1"], await ReadTextsAsync(one, 1));
        Assert.Equal(["1"], await ReadTextsAsync(two, 1));
    }

    [Fact]
    public async Task A_reader_from_a_time_begins_with_the_first_message_after_it()
    {
        (IExchangeChannel channel, DateTimeOffset time) = await OpenWithPauseAsync();
        Assert.Equal(["3", "4"], await ReadTextsAsync(await ConsumeAsync(channel, StreamOffset.From(time)), 2));
    }

    [Fact]
    public async Task A_reader_may_start_with_what_is_no_older_than_an_age()
    {
        (IExchangeChannel channel, DateTimeOffset time) = await OpenWithPauseAsync();
        IQueueConsumer all = await channel.ConsumeAsync("s", new QueueConsumerOptions { Arguments = Table(("x-stream-offset", "5m")) });
        Assert.Equal(["1", "2", "3", "4"], await ReadTextsAsync(all, 4));
        IQueueConsumer? young = null;
        while (young is null)
        {
            Stopwatch asking = Stopwatch.StartNew();
            string age = $"{Math.Round((DateTimeOffset.UtcNow - time).TotalSeconds)}s";
            young = await channel.ConsumeAsync("s", new QueueConsumerOptions { Arguments = Table(("x-stream-offset", age)) });
            // Rounded, and with as much of a delay, the age still points into the pause.
            if (asking.Elapsed > s_pause / 4)
                young = null;
        }

        Assert.Equal(["3", "4"], await ReadTextsAsync(young, 2));
    }

    [Fact]
    public async Task A_start_that_means_nothing_is_refused()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        await FailedAsync(
            $"invalid arg 'x-stream-offset' for queue 's' in vhost '{VirtualHost}': {{invalid_stream_offset_arg,{{longstr,<<\"bogus\">>}}}}",
            async () => await channel.ConsumeAsync("s", new QueueConsumerOptions { Arguments = Table(("x-stream-offset", "bogus")) }));
    }

    [Fact]
    public async Task A_reader_needs_a_prefetch()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        await FailedAsync(
            $"consumer prefetch count is not set for stream queue 's' in vhost '{VirtualHost}'",
            async () => await channel.ConsumeAsync("s", new QueueConsumerOptions { Prefetch = 0 }));
    }

    [Fact]
    public async Task A_stream_takes_messages_by_bindings_and_keeps_their_properties()
    {
        IExchangeChannel channel = await OpenWithAsync();
        await Broker.BindQueueAsync("s", "amq.topic", "a.#");
        await PublishAsync("amq.topic", "a.b", "m", new MessageProperties { MessageId = "id", Headers = Table(("n", 1)) });
        Delivery delivery = (await ReadAsync(await ConsumeAsync(channel, StreamOffset.First), 1))[0];
        Assert.Equal(
            ("amq.topic", "a.b", "id", 1),
            (delivery.Exchange, delivery.RoutingKey, delivery.Properties.MessageId, delivery.Properties.Headers["n"]));
    }

    private static async Task<IQueueConsumer> ConsumeAsync(IExchangeChannel channel, StreamOffset? start)
        => await channel.ConsumeAsync("s", new QueueConsumerOptions { StreamOffset = start });

    /// <summary>Two messages, a pause, two more; and the middle of the pause.</summary>
    private async Task<(IExchangeChannel Channel, DateTimeOffset Middle)> OpenWithPauseAsync()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2");
        DateTimeOffset middle = DateTimeOffset.UtcNow + (s_pause / 2);
        await Task.Delay(s_pause);
        await FillAsync("s", "3", "4");
        return (channel, middle);
    }

    /// <summary>A channel of a connection that did not declare the stream.</summary>
    private async Task<IExchangeChannel> OpenElsewhereAsync()
    {
        await OpenWithAsync("1");
        _elsewhere = await Site.ConnectAsync();
        return await _elsewhere.OpenChannelAsync();
    }

    private async Task ConnectionIsOpenAsync()
        => Assert.Equal("s", (await _elsewhere!.DescribeQueueAsync("s")).Declaration.Name);

    private async Task<IExchangeChannel> OpenWithAsync(params string[] texts)
    {
        Needs(ExchangeFeature.Streams);
        await Broker.DeclareQueueAsync("s", new QueueArguments { QueueType = QueueType.Stream });
        await FillAsync("s", texts);
        return await OpenAsync();
    }
}

public sealed class Stream_on_native(NativeExchanges provider) : StreamContract(provider);

public sealed class Stream_on_native_disk(NativeExchangesOnDisk provider) : StreamContract(provider);

public sealed class Stream_on_rabbitmq(RabbitMqExchanges provider) : StreamContract(provider);
