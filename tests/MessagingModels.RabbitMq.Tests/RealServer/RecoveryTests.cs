namespace MessagingModels.RabbitMq.Tests.RealServer;

public sealed class RecoveryTests(RealRabbitMq rabbit) : IAsyncLifetime
{
    private readonly TcpProxy _proxy = new();
    private RabbitMqExchangeBroker? _broker;

    private RabbitMqExchangeBroker Broker => _broker!;

    public async ValueTask InitializeAsync()
        => _broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync(_proxy));

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task Publishes_whose_confirm_was_lost_fail_and_the_channel_goes_on()
    {
        string queue = await DeclareAsync();
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("", queue, "before"));
        _proxy.WithholdAnswers();
        Task<PublishOutcome>[] lost = [.. Enumerable.Range(0, 20).Select(i => channel.PublishAsync("", queue, $"{i}").AsTask())];
        await channel.EnqueueAsync("", queue, "enqueued"u8.ToArray());
        Task flush = channel.FlushAsync().AsTask();
        _proxy.Cut();
        foreach (Task<PublishOutcome> publish in lost)
            await Assert.ThrowsAsync<ConnectionException>(() => publish.WaitAsync(RealRabbitMq.Patience));
        await Assert.ThrowsAsync<ConnectionException>(() => flush.WaitAsync(RealRabbitMq.Patience));
        Assert.True(channel.IsOpen);

        await UntilPublishedAsync(channel, queue);
        for (int i = 0; i < 100; i++)
            await channel.EnqueueAsync("", queue, "x"u8.ToArray());
        await channel.FlushAsync();
        Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("", "no-such-queue", "x", mandatory: true));
        await Broker.DeleteQueueAsync(queue);
    }

    [Fact]
    public async Task Every_call_fails_while_the_server_is_away_and_works_when_it_is_back()
    {
        string queue = await DeclareAsync();
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        _proxy.Cut(staysCut: true);
        await RealRabbitMq.UntilAsync(
            async () => await Record.ExceptionAsync(() => channel.PublishAsync("", queue, "x").AsTask()) is ConnectionException, "the loss is noticed");
        await Assert.ThrowsAsync<ConnectionException>(() => Broker.DeclareQueueAsync(queue).AsTask());
        await Assert.ThrowsAsync<ConnectionException>(() => Broker.OpenChannelAsync().AsTask());
        await Assert.ThrowsAsync<ConnectionException>(() => channel.ConsumeAsync(queue).AsTask());
        Assert.Equal(
            Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy,
            (await Broker.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
        _proxy.Mend();
        await UntilPublishedAsync(channel, queue);
        await Broker.DeleteQueueAsync(queue);
    }

    [Fact]
    public async Task Consumers_go_on_and_unacknowledged_deliveries_come_again()
    {
        string queue = await DeclareAsync();
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync(queue, new QueueConsumerOptions { Prefetch = 10, ConsumerTag = "me" });
        await using IQueueConsumer other = await channel.ConsumeAsync(queue, new QueueConsumerOptions { Prefetch = 1, Priority = -1 });
        await using IAsyncEnumerator<Delivery> reader = consumer.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        await channel.PublishAsync("", queue, "one");
        Delivery one = await NextAsync(reader);
        _proxy.Cut();
        Delivery again = await NextAsync(reader);
        Assert.Equal(("one", true), (again.Text, again.Redelivered));
        await one.AckAsync();
        await again.AckAsync();
        await UntilPublishedAsync(channel, queue, "two");
        Delivery two = await NextAsync(reader);
        Assert.Equal("two", two.Text);
        await two.AckAsync();
        await RealRabbitMq.UntilAsync(async () => (await Broker.DescribeQueueAsync(queue)).Consumers == 2, "both consumers are back");
        Assert.Equal("me", consumer.ConsumerTag);
        await Broker.DeleteQueueAsync(queue);
    }

    [Fact]
    public async Task A_full_buffer_that_nobody_reads_does_not_hold_up_the_recovery()
    {
        string queue = await DeclareAsync();
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        for (int i = 0; i < 5_000; i++)
            await channel.EnqueueAsync("", queue, System.Text.Encoding.UTF8.GetBytes($"{i}"));
        await channel.FlushAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync(queue, new QueueConsumerOptions { AutoAck = true });
        await RealRabbitMq.UntilAsync(async () => (await Broker.DescribeQueueAsync(queue)).ReadyMessages == 0, "everything is sent");
        _proxy.Cut();
        await RealRabbitMq.UntilAsync(
            async () => await Record.ExceptionAsync(() => Broker.DeclareQueueAsync(queue).AsTask()) is null, "the connection is back");
        await UntilPublishedAsync(channel, queue, "last");
        await using IAsyncEnumerator<Delivery> reader = consumer.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.Equal("0", (await NextAsync(reader)).Text);
        while ((await NextAsync(reader)).Text != "last")
        {
        }

        await Broker.DeleteQueueAsync(queue);
    }

    [Fact]
    public async Task A_streams_reader_goes_on_behind_what_it_has_read()
    {
        string stream = RealRabbitMq.NewName();
        await Broker.DeclareQueueAsync(stream, new QueueArguments { QueueType = QueueType.Stream });
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        for (int i = 0; i < 6; i++)
            await channel.PublishAsync("", stream, $"{i}");
        await using IQueueConsumer consumer = await channel.ConsumeAsync(
            stream, new QueueConsumerOptions { StreamOffset = StreamOffset.First, Prefetch = 2 });
        await using IAsyncEnumerator<Delivery> reader = consumer.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        for (int i = 0; i < 6; i++)
        {
            if (i == 3)
                _proxy.Cut();
            Delivery delivery = await NextAsync(reader);
            Assert.Equal($"{i}", delivery.Text);
            await delivery.AckAsync();
        }

        await RealRabbitMq.UntilAsync(async () => await Record.ExceptionAsync(() => Broker.DeleteQueueAsync(stream).AsTask()) is null, "the stream is deleted");
    }

    [Fact]
    public async Task Exclusive_queues_and_their_bindings_come_back_and_follow_their_new_name()
    {
        string exchange = RealRabbitMq.NewName();
        await Broker.DeclareExchangeAsync(exchange, ExchangeType.Fanout);
        string queue = (await Broker.DeclareQueueAsync(new QueueDeclaration("") { Exclusive = true, Durable = false })).Name;
        await Broker.BindQueueAsync(queue, exchange);
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync(queue);
        await using IAsyncEnumerator<Delivery> reader = consumer.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        _proxy.Cut();
        Task<Delivery> next = NextAsync(reader);
        await RealRabbitMq.UntilAsync(
            async () =>
            {
                await Record.ExceptionAsync(() => channel.PublishAsync(exchange, "", "event").AsTask());
                return next.IsCompleted;
            },
            "an event arrives");
        Assert.Equal("event", (await next).Text);
        await Broker.PurgeQueueAsync(queue);
        await Broker.DeleteExchangeAsync(exchange);
    }

    [Fact]
    public async Task A_consumer_whose_queue_was_deleted_meanwhile_closes_its_channel_with_the_reason()
    {
        string queue = await DeclareAsync();
        await using RabbitMqExchangeBroker operation = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await using IExchangeChannel publishing = await Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync(queue);
        await using IAsyncEnumerator<Delivery> reader = consumer.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        _proxy.Cut(staysCut: true);
        await operation.DeleteQueueAsync(queue);
        _proxy.Mend();
        ChannelException error = await Assert.ThrowsAsync<ChannelException>(() => NextAsync(reader));
        Assert.Equal(ReplyCode.NotFound, error.ReplyCode);
        await UntilPublishedAsync(publishing, queue);
        await Assert.ThrowsAsync<ChannelException>(() => operation.PurgeQueueAsync(queue).AsTask());
    }

    [Fact]
    public async Task A_transaction_that_was_under_way_is_not_committed_in_part()
    {
        string queue = await DeclareAsync();
        await using IExchangeChannel channel = await Broker.OpenChannelAsync(new ChannelOptions { PublisherConfirms = false });
        await channel.SelectTransactionAsync();
        await channel.PublishAsync("", queue, "first half");
        await CutAndPublishAsync(channel, queue, "second half");
        await Assert.ThrowsAsync<ConnectionException>(() => channel.CommitAsync().AsTask());
        await channel.PublishAsync("", queue, "next");
        await channel.CommitAsync();

        await CutAndPublishAsync(channel, queue, "forgotten");
        await channel.RollbackAsync();
        await channel.CommitAsync();
        Assert.Equal("next", (await channel.GetAsync(queue, autoAck: true))!.Value.Text);
        Assert.Equal(0, await Broker.DeleteQueueAsync(queue));
    }

    [Fact]
    public async Task Without_automatic_recovery_a_lost_connection_closes_the_channels()
    {
        await using TcpProxy proxy = new();
        RabbitMqOptions options = await rabbit.OptionsAsync(proxy);
        options.AutomaticRecovery = false;
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        proxy.WithholdAnswers();
        Task<PublishOutcome> lost = channel.PublishAsync("", "q", "x").AsTask();
        proxy.Cut();
        await Assert.ThrowsAsync<ConnectionException>(() => lost.WaitAsync(RealRabbitMq.Patience));
        Assert.False(channel.IsOpen);
        await Assert.ThrowsAsync<ConnectionException>(() => channel.PublishAsync("", "q", "x").AsTask());
    }

    private async Task<string> DeclareAsync()
    {
        string queue = RealRabbitMq.NewName();
        await Broker.DeclareQueueAsync(queue);
        return queue;
    }

    private async Task CutAndPublishAsync(IExchangeChannel channel, string queue, string text)
    {
        _proxy.Cut();
        // Its answer shows that the loss was noticed: without confirms a publish does not.
        await RealRabbitMq.UntilAsync(
            async () => await Record.ExceptionAsync(() => Broker.DeclareQueueAsync(queue).AsTask()) is null, "the connection is back");
        await UntilPublishedAsync(channel, queue, text);
    }

    private static Task UntilPublishedAsync(IExchangeChannel channel, string queue, string text = "after") => RealRabbitMq.UntilAsync(
        async () =>
        {
            Exception? error = await Record.ExceptionAsync(() => channel.PublishAsync("", queue, text).AsTask());
            Assert.True(error is null or ConnectionException, $"{error}");
            return error is null;
        },
        "the channel publishes again");

    private static async Task<Delivery> NextAsync(IAsyncEnumerator<Delivery> reader)
    {
        Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(RealRabbitMq.Patience));
        return reader.Current;
    }
}
