using System.Collections.Concurrent;
using System.Diagnostics;
using MessagingModels.Provisioning;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessagingModels.RabbitMq.Tests.RealServer;

/// <summary>Disposal of what hangs on a server that takes nothing and answers nothing (its process is stopped), or was killed.</summary>
public sealed class HangingServerTests : IAsyncLifetime
{
    /// <summary>What a busy machine may add to a limit.</summary>
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(4);

    private readonly ConcurrentQueue<string> _unobserved = [];
    private RabbitMqServer _server = null!;

    private static RabbitMqOptions OptionsFor(RabbitMqServer server) => new()
    {
        Uri = server.AmqpUri,
        CloseTimeout = TimeSpan.FromSeconds(3),
        DrainTimeout = TimeSpan.FromSeconds(1),
        RecoveryInterval = TimeSpan.FromMilliseconds(200),
    };

    public async ValueTask InitializeAsync()
    {
        TaskScheduler.UnobservedTaskException += NoteUnobserved;
        try
        {
            _server = await RabbitMqServer.StartAsync(new ProvisioningOptions { UseContainers = false, StartTimeout = TimeSpan.FromMinutes(2) });
        }
        catch (BrokerUnavailableException error)
        {
            Assert.Skip($"No RabbitMQ can be had that may be stopped: {error.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        TaskScheduler.UnobservedTaskException -= NoteUnobserved;
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_broker_is_disposed_within_its_limit()
    {
        await using RabbitMqExchangeBroker broker = await ConnectAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => broker.DeclareQueueAsync($"queue-{i}").AsTask()));
        IExchangeChannel[] channels = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => broker.OpenChannelAsync().AsTask()));
        await channels[0].ConsumeAsync("queue-0");
        await StoppedAsync(async () => await WithinAsync(OptionsFor(_server).CloseTimeout, async () => await broker.DisposeAsync()));
        Assert.All(channels, static channel => Assert.False(channel.IsOpen));
    }

    [Fact]
    public async Task The_broker_is_disposed_within_its_limit_while_publishers_wait_for_the_socket()
    {
        await using RabbitMqExchangeBroker broker = await ConnectAsync();
        await broker.DeclareQueueAsync("busy");
        await using IExchangeChannel channel = await broker.OpenChannelAsync(new ChannelOptions { MaxUnconfirmed = 1_000_000 });
        await StoppedAsync(async () =>
        {
            byte[] body = new byte[64 * 1024];
            using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(500));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.PublishAsync("", "busy", "x", cancellationToken: soon.Token).AsTask());
            Task publishing = Task.Run(async () =>
            {
                while (true)
                    await channel.EnqueueAsync("", "busy", body);
            });
            await Task.Delay(TimeSpan.FromSeconds(1));
            Assert.False(publishing.IsCompleted);
            await WithinAsync(OptionsFor(_server).CloseTimeout, async () => await broker.DisposeAsync());
            await Assert.ThrowsAnyAsync<Exception>(() => publishing.WaitAsync(s_slack));
            Assert.True(publishing.Exception!.InnerException is ObjectDisposedException or ConnectionException, publishing.Exception.ToString());
        });
    }

    [Fact]
    public async Task Consumer_channel_and_broker_together_wait_little_more_than_once()
    {
        RabbitMqExchangeBroker broker = await ConnectAsync();
        await broker.DeclareQueueAsync("held");
        IExchangeChannel channel = await broker.OpenChannelAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("held");
        await StoppedAsync(async () => await WithinAsync(OptionsFor(_server).CloseTimeout + TimeSpan.FromSeconds(3), async () =>
        {
            await consumer.DisposeAsync();
            await channel.DisposeAsync();
            await broker.DisposeAsync();
        }));
    }

    [Fact]
    public async Task The_broker_is_disposed_within_its_limit_while_it_connects_again()
    {
        RabbitMqOptions options = OptionsFor(_server);
        options.Heartbeat = TimeSpan.FromSeconds(1);
        await using RabbitMqExchangeBroker broker = await RabbitMqExchangeBroker.ConnectAsync(options);
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        await StoppedAsync(async () =>
        {
            await LostAsync(broker);
            await Task.Delay(2 * options.RecoveryInterval);
            await WithinAsync(options.CloseTimeout, async () => await broker.DisposeAsync());
        });
    }

    [Fact]
    public async Task A_server_that_was_killed_is_not_waited_for()
    {
        await using RabbitMqExchangeBroker broker = await ConnectAsync();
        await broker.DeclareQueueAsync("gone");
        await using IExchangeChannel channel = await broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("gone");
        await _server.Nodes[0].KillAsync();
        await LostAsync(broker);
        await WithinAsync(TimeSpan.Zero, async () => await broker.DisposeAsync());
        await ObservedAsync();
    }

    private async Task<RabbitMqExchangeBroker> ConnectAsync() => await RabbitMqExchangeBroker.ConnectAsync(OptionsFor(_server));

    private static Task LostAsync(RabbitMqExchangeBroker broker) => RealRabbitMq.UntilAsync(async () =>
    {
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(200));
        try
        {
            return (await broker.CheckHealthAsync(soon.Token)).Status == HealthStatus.Unhealthy;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }, "the loss is noticed");

    private static async Task WithinAsync(TimeSpan limit, Func<Task> dispose)
    {
        var watch = Stopwatch.StartNew();
        await dispose();
        TestContext.Current.SendDiagnosticMessage($"{TestContext.Current.TestMethod?.MethodName}: {watch.Elapsed}");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, limit + s_slack);
    }

    private async Task StoppedAsync(Func<Task> action)
    {
        int id = _server.Nodes[0].ProcessId;
        await SignalAsync("-STOP", id);
        try
        {
            await action();
        }
        finally
        {
            await SignalAsync("-CONT", id);
        }

        await ObservedAsync();
    }

    /// <summary>What goes on behind a disposal comes to its end, and its errors are not left lying about.</summary>
    private async Task ObservedAsync()
    {
        for (int i = 0; i < 10; i++)
        {
            await Task.Delay(100);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.True(_unobserved.IsEmpty, string.Join("\n", _unobserved));
    }

    private void NoteUnobserved(object? sender, UnobservedTaskExceptionEventArgs error) => _unobserved.Enqueue(error.Exception.ToString());

    private static async Task SignalAsync(string signal, int processId)
    {
        using Process kill = Process.Start("kill", [signal, $"{processId}"]);
        await kill.WaitForExitAsync();
    }
}
