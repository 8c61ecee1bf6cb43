namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>Whoever stops waiting leaves nothing behind: what RabbitMQ answers later is given back.</summary>
public sealed class CancellationTests(RealRabbitMq rabbit) : IAsyncLifetime
{
    private readonly TcpProxy _proxy = new();
    private RabbitMqExchangeBroker? _broker;
    private RabbitMqExchangeBroker? _other;
    private string _queue = "";

    private RabbitMqExchangeBroker Broker => _broker!;

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync(_proxy));
        _other = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        _queue = (await _other.DeclareQueueAsync(RealRabbitMq.NewName())).Name;
        await using IExchangeChannel channel = await _other.OpenChannelAsync();
        await channel.PublishAsync("", _queue, "one");
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_other is not null)
        {
            await _other.DeleteQueueAsync(_queue);
            await _other.DisposeAsync();
        }

        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task A_message_that_comes_after_its_get_was_cancelled_goes_back()
    {
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await CancelAsync(token => channel.GetAsync(_queue, cancellationToken: token).AsTask());
        await RealRabbitMq.UntilAsync(async () => await channel.GetAsync(_queue) is { Text: "one" }, "the message is back");
    }

    [Fact]
    public async Task A_cancelled_get_with_automatic_acknowledgement_does_not_close_the_channel()
    {
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await CancelAsync(token => channel.GetAsync(_queue, autoAck: true, token).AsTask());
        for (int i = 0; i < 10; i++)
        {
            Assert.Null(await channel.GetAsync(_queue));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.True(channel.IsOpen);
    }

    [Fact]
    public async Task A_consumer_that_starts_after_its_start_was_cancelled_goes_away()
    {
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        await CancelAsync(token => channel.ConsumeAsync(_queue, cancellationToken: token).AsTask());
        await RealRabbitMq.UntilAsync(
            async () => await _other!.DescribeQueueAsync(_queue) is { Consumers: 0, ReadyMessages: 1 }, "the message is back and nobody takes it");
        await using IQueueConsumer consumer = await channel.ConsumeAsync(_queue, new QueueConsumerOptions { ConsumerTag = "again" });
        Assert.Equal("again", consumer.ConsumerTag);
    }

    [Fact]
    public async Task An_opening_that_was_cancelled_does_not_wait_for_the_server()
    {
        await CancelAsync(token => Broker.OpenChannelAsync(cancellationToken: token).AsTask());
        await using IExchangeChannel channel = await Broker.OpenChannelAsync();
        Assert.Equal("one", (await channel.GetAsync(_queue))!.Value.Text);
    }

    [Fact]
    public async Task A_channel_that_was_not_answered_in_time_is_closed_and_gives_back_what_comes_late()
    {
        await using TcpProxy proxy = new();
        RabbitMqOptions options = await rabbit.OptionsAsync(proxy);
        options.OperationTimeout = TimeSpan.FromSeconds(2);
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        await using IExchangeChannel late = await broker.OpenChannelAsync();
        await using IExchangeChannel other = await broker.OpenChannelAsync();
        proxy.HoldAnswers();
        ConnectionException error = await Assert.ThrowsAsync<ConnectionException>(() => late.GetAsync(_queue).AsTask());
        Assert.Contains("did not answer in time", error.Message, StringComparison.Ordinal);
        Assert.False(late.IsOpen);
        proxy.HandAnswersOn();
        await Assert.ThrowsAsync<ConnectionException>(() => late.GetAsync(_queue).AsTask());
        await RealRabbitMq.UntilAsync(async () => await other.GetAsync(_queue) is { Text: "one" }, "the message is back");
    }

    /// <summary>Cancels an operation while its answer is on its way, then lets the answer arrive.</summary>
    private async Task CancelAsync<T>(Func<CancellationToken, Task<T>> operation)
    {
        using CancellationTokenSource cancelling = new();
        _proxy.HoldAnswers();
        Task<T> cancelled = operation(cancelling.Token);
        await Task.Delay(100);
        Assert.False(cancelled.IsCompleted);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(RealRabbitMq.Patience));
        _proxy.HandAnswersOn();
    }
}
