using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>What streams do not know: RabbitMQ says it by closing the connection, the adapter beforehand and in the same words.</summary>
public sealed class StreamRefusalTests(RealRabbitMq rabbit) : IAsyncLifetime
{
    private readonly string _stream = RealRabbitMq.NewName();
    private RabbitMqExchangeBroker _owner = null!;
    private RabbitMqExchangeBroker _knowing = null!;

    public async ValueTask InitializeAsync()
    {
        _owner = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        _knowing = await RabbitMqExchangeBroker.ConnectAsync(await rabbit.OptionsAsync());
        await _owner.DeclareQueueAsync(_stream, new QueueArguments { QueueType = QueueType.Stream });
    }

    public async ValueTask DisposeAsync()
    {
        if (_owner is null)
            return;
        await _owner.DeleteQueueAsync(_stream);
        await _owner.DisposeAsync();
        await _knowing.DisposeAsync();
    }

    [Fact]
    public Task Getting() => SameAsync(
        async channel => await channel.BasicGetAsync(_stream, false),
        async () => await (await _knowing.OpenChannelAsync()).GetAsync(_stream));

    [Fact]
    public Task Purging() => SameAsync(
        async channel => await channel.QueuePurgeAsync(_stream),
        async () => await _knowing.PurgeQueueAsync(_stream));

    [Fact]
    public Task Acknowledging_automatically() => SameAsync(
        async channel =>
        {
            await channel.BasicQosAsync(0, 10, global: false);
            await channel.BasicConsumeAsync(_stream, autoAck: true, new AsyncDefaultBasicConsumer(channel));
        },
        async () => await _knowing.ConsumeAsync(_stream, new QueueConsumerOptions { AutoAck = true, Prefetch = 10 }));

    /// <summary>Does it with RabbitMQ's client alone, whose connection ends, and with an adapter that did not declare the stream.</summary>
    private async Task SameAsync(Func<IChannel, Task> actAsync, Func<Task> adapterActsAsync)
    {
        ConnectionFactory factory = new() { Uri = (await rabbit.OptionsAsync()).Uri, AutomaticRecoveryEnabled = false };
        await using IConnection connection = await factory.CreateConnectionAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        OperationInterruptedException said = await Assert.ThrowsAnyAsync<OperationInterruptedException>(() => actAsync(channel));
        await RealRabbitMq.UntilAsync(() => Task.FromResult(!connection.IsOpen), "the connection is closed");

        ChannelException beforehand = await Assert.ThrowsAsync<ChannelException>(adapterActsAsync);

        Assert.Equal(((int)said.ShutdownReason!.ReplyCode, said.ShutdownReason.ReplyText), ((int)beforehand.ReplyCode, beforehand.Message));
        Assert.Equal(_stream, (await _knowing.DescribeQueueAsync(_stream)).Declaration.Name);
    }
}
