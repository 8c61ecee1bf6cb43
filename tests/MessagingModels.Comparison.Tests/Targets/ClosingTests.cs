using System.Diagnostics;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Tests.Targets;

public class ClosingTests
{
    private static readonly TaskCompletionSource Never = new();

    [Fact]
    public async Task A_client_that_does_not_close_is_left_behind_and_keeps_no_other_from_closing()
    {
        Client stuck = new(Never.Task);
        Client other = new(Task.CompletedTask);
        long start = Stopwatch.GetTimestamp();
        await Closing.WithinLimitAsync(stuck, other);

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 2.5, 20);
        Assert.True(other.IsClosed);
    }

    [Fact]
    public async Task One_that_fails_with_its_broker_counts_as_closed()
    {
        Client other = new(Task.CompletedTask);
        await Closing.WithinLimitAsync(new Client(Task.FromException(new PublishNackedException("gone"))), other, new Client(Task.FromCanceled(new CancellationToken(true))));

        Assert.True(other.IsClosed);
    }

    [Fact]
    public async Task Any_other_failure_is_thrown_once_all_have_closed()
    {
        Client other = new(Task.CompletedTask);
        await Assert.ThrowsAsync<FormatException>(() => Closing.WithinLimitAsync(new Client(Task.FromException(new FormatException())), other));

        Assert.True(other.IsClosed);
    }

    [Fact]
    public async Task One_that_still_connects_is_closed_once_it_has()
    {
        TaskCompletionSource<Client> connecting = new();
        Task closing = Closing.WithinLimitAsync(connecting.Task);
        Client client = new(Task.CompletedTask);
        connecting.SetResult(client);
        await closing;

        Assert.True(client.IsClosed);
    }

    [Fact]
    public async Task One_that_could_not_connect_is_closed()
        => await Closing.WithinLimitAsync(Task.FromException<Client>(new PublishNackedException("The broker is down.")));

    private sealed class Client(Task close) : IAsyncDisposable
    {
        public bool IsClosed { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await close;
            IsClosed = true;
        }
    }
}
