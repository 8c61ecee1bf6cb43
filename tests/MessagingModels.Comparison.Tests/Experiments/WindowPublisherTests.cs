using System.Collections.Concurrent;
using MessagingModels.Comparison.Experiments;

namespace MessagingModels.Comparison.Tests.Experiments;

public class WindowPublisherTests
{
    private readonly ConcurrentDictionary<int, int> _stored = new();
    private int _clients;
    private int _open;
    private volatile bool _isDown;

    [Fact]
    public async Task Every_message_that_was_begun_is_confirmed_over_the_failure_of_a_client()
    {
        await using WindowPublisher publisher = new(_ => Task.FromResult<IFaultClient>(new Client(this)), static () => { });
        Task running = publisher.RunAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => publisher.Confirmed > 100);
        _isDown = true;
        await Task.Delay(50, TestContext.Current.CancellationToken);
        _isDown = false;
        int before = publisher.Confirmed;
        await UntilAsync(() => publisher.Confirmed > before + 2 * WindowPublisher.Window);
        publisher.End();
        await running;

        Assert.Equal(0, publisher.InFlight);
        Assert.Equal(Enumerable.Range(0, publisher.Confirmed), _stored.Keys.Order());
        Assert.True(_clients > 1, "No new client was made.");
    }

    [Fact]
    public async Task Clients_that_failed_are_closed()
    {
        await using (WindowPublisher publisher = new(_ => Task.FromResult<IFaultClient>(new Client(this)), static () => { }))
        {
            Task running = publisher.RunAsync(TestContext.Current.CancellationToken);
            await UntilAsync(() => publisher.Confirmed > 0);
            _isDown = true;
            await UntilAsync(() => Volatile.Read(ref _clients) > 2);
            _isDown = false;
            publisher.End();
            await running;
        }

        Assert.Equal(0, _open);
    }

    [Fact]
    public async Task A_window_of_messages_waits_while_nothing_is_confirmed()
    {
        TaskCompletionSource gate = new();
        await using WindowPublisher publisher = new(_ => Task.FromResult<IFaultClient>(new Client(this) { Gate = gate.Task }), static () => { });
        Task running = publisher.RunAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => publisher.InFlight == WindowPublisher.Window);
        publisher.End();
        gate.SetResult();
        await running;

        Assert.Equal(WindowPublisher.Window, publisher.Confirmed);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
            await Task.Delay(1, TestContext.Current.CancellationToken);
    }

    private sealed class Client : IFaultClient
    {
        private readonly WindowPublisherTests _broker;

        public Client(WindowPublisherTests broker)
        {
            _broker = broker;
            Interlocked.Increment(ref broker._clients);
            Interlocked.Increment(ref broker._open);
        }

        public Task Gate { get; init; } = Task.CompletedTask;

        public async Task SendAsync(int id, CancellationToken cancellationToken)
        {
            await Gate.WaitAsync(cancellationToken);
            if (_broker._isDown)
                throw new PublishNackedException("The broker is down.");
            _broker._stored.AddOrUpdate(id, 1, static (_, count) => count + 1);
        }

        public Task<string> SendWithLostResponseAsync(int id, bool byApplication, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ConsumeAsync(CrashPoint crash, int crashAt, Effects effects, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CollectAsync(Effects effects, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref _broker._open);
            return ValueTask.CompletedTask;
        }
    }
}
