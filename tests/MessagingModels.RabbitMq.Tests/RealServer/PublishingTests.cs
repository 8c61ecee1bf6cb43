using CsCheck;
using MessagingModels.RabbitMq.Tests.Mapping;

namespace MessagingModels.RabbitMq.Tests.RealServer;

public sealed class PublishingTests(RealRabbitMq rabbit)
{
    [Fact]
    public async Task Headers_and_properties_cross_the_wire_unchanged()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        string queue = (await broker.DeclareQueueAsync(new QueueDeclaration("") { Exclusive = true, Durable = false })).Name;
        Assert.StartsWith("amq.gen-", queue, StringComparison.Ordinal);
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        await Tables.Gen.SampleAsync(
            async headers =>
            {
                MessageProperties sent = new() { Headers = headers, MessageId = "m", Persistent = true, Timestamp = DateTimeOffset.UnixEpoch.AddDays(1) };
                await channel.PublishAsync("", queue, "body", sent);
                Delivery got = (await channel.GetAsync(queue, autoAck: true))!.Value;
                return Tables.AreEqual(headers, got.Properties.Headers) && got.Properties == sent with { Headers = got.Properties.Headers }
                    && got.Text == "body";
            },
            iter: 100, threads: 1);
    }

    [Fact]
    public async Task Returned_messages_are_told_apart_from_confirmed_ones()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        string queue = (await broker.DeclareQueueAsync(new QueueDeclaration("") { Exclusive = true, Durable = false })).Name;
        List<string> returned = [];
        await using IExchangeChannel channel = await broker.OpenChannelAsync(new ChannelOptions { OnReturned = message => returned.Add(message.Text) });
        Task<PublishOutcome>[] publishes = [.. Enumerable.Range(0, 300).Select(i => channel.PublishAsync(
            "", i % 3 == 0 ? "no-such-queue" : queue, $"{i}", mandatory: i % 2 == 0).AsTask())];
        PublishOutcome[] outcomes = await Task.WhenAll(publishes);
        Assert.All(outcomes.Index(), outcome => Assert.Equal(
            outcome.Index % 6 == 0 ? PublishOutcome.Returned : PublishOutcome.Confirmed, outcome.Item));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i * 6}"), returned);
    }

    [Fact]
    public async Task A_full_window_makes_publishers_wait_and_lets_them_stop_waiting()
    {
        await using TcpProxy proxy = new();
        RabbitMqOptions options = await rabbit.OptionsAsync(proxy);
        options.DrainTimeout = TimeSpan.FromMilliseconds(100);
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        string queue = (await broker.DeclareQueueAsync(new QueueDeclaration("") { Exclusive = true, Durable = false })).Name;
        await using IExchangeChannel channel = await broker.OpenChannelAsync(new ChannelOptions { MaxUnconfirmed = 3 });
        proxy.WithholdAnswers();
        for (int i = 0; i < 3; i++)
            await channel.EnqueueAsync("", queue, "x"u8.ToArray()).AsTask().WaitAsync(RealRabbitMq.Patience);
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.EnqueueAsync("", queue, "x"u8.ToArray(), cancellationToken: soon.Token).AsTask());
        Task waiting = channel.EnqueueAsync("", queue, "x"u8.ToArray()).AsTask();
        Assert.False(waiting.IsCompleted);
        proxy.Cut(staysCut: true);
        await Assert.ThrowsAsync<ConnectionException>(() => waiting.WaitAsync(RealRabbitMq.Patience));
        await Assert.ThrowsAsync<ConnectionException>(() => channel.FlushAsync().AsTask());
    }

    [Fact]
    public async Task A_refusal_is_told_to_the_publish_or_to_the_flush()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        string queue = RealRabbitMq.NewName();
        await broker.DeclareQueueAsync(new QueueDeclaration(queue)
        {
            Exclusive = true,
            Arguments = new QueueArguments { MaxLength = 1, Overflow = "reject-publish" },
        });
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        await RealRabbitMq.UntilAsync(
            async () => await Record.ExceptionAsync(() => channel.PublishAsync("", queue, "x").AsTask()) is PublishNackedException, "the queue is full");
        await channel.EnqueueAsync("", queue, "x"u8.ToArray());
        await Assert.ThrowsAsync<PublishNackedException>(() => channel.FlushAsync().AsTask());
        await channel.FlushAsync();
        Assert.True(channel.IsOpen);
    }

    [Fact]
    public async Task An_error_closes_the_channel_with_its_code_and_nothing_else()
    {
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        await using IExchangeChannel other = await broker.OpenChannelAsync();
        ChannelException error = await Assert.ThrowsAsync<ChannelException>(() => channel.PublishAsync("no-such-exchange", "k", "x").AsTask());
        Assert.Equal(ReplyCode.NotFound, error.ReplyCode);
        Assert.Equal("NOT_FOUND - no exchange 'no-such-exchange' in vhost '/'", error.Message);
        Assert.False(channel.IsOpen);
        Assert.Equal(ReplyCode.NotFound, (await Assert.ThrowsAsync<ChannelException>(() => channel.PublishAsync("", "k", "x").AsTask())).ReplyCode);
        await Assert.ThrowsAsync<ChannelException>(() => broker.PurgeQueueAsync("no-such-queue").AsTask());
        Assert.Equal(PublishOutcome.Confirmed, await other.PublishAsync("", "k", "x"));
    }

    [Fact]
    public async Task Disposal_waits_for_what_is_outstanding()
    {
        string queue = RealRabbitMq.NewName();
        await using RabbitMqExchangeBroker reader = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        await reader.DeclareQueueAsync(queue);
        RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        IExchangeChannel channel = await broker.OpenChannelAsync();
        for (int i = 0; i < 5_000; i++)
            await channel.EnqueueAsync("", queue, new byte[100], MessageProperties.PersistentOnly);
        await broker.DisposeAsync();
        Assert.False(channel.IsOpen);
        Assert.Equal(5_000, await reader.DeleteQueueAsync(queue));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => channel.PublishAsync("", queue, "x").AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => broker.DeclareQueueAsync(queue).AsTask());
    }
}
