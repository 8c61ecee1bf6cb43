using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Tests.Clients;

public sealed class ClientThreadTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Work_runs_in_order_on_one_thread()
    {
        await using ClientThread thread = new("test");
        List<int> order = [];
        Task<int>[] all = [.. Enumerable.Range(0, 100).Select(i => thread.RunAsync(() =>
        {
            order.Add(i);
            return Environment.CurrentManagedThreadId;
        }))];

        Assert.Single((await Task.WhenAll(all).WaitAsync(s_limit)).Distinct());
        Assert.Equal(Enumerable.Range(0, 100), order);
    }

    [Fact]
    public async Task Failure_goes_to_whoever_awaits_and_the_thread_goes_on()
    {
        await using ClientThread thread = new("test");

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => thread.RunAsync(() => throw new InvalidOperationException("as intended")).WaitAsync(s_limit));
        Assert.Equal(3, await thread.RunAsync(() => 3).WaitAsync(s_limit));
    }

    [Fact]
    public async Task Work_that_waits_lets_later_work_run()
    {
        await using ClientThread thread = new("test");
        TaskCompletionSource awaited = new();
        Task waiting = thread.RunAsync(() => thread.RunUntil(awaited.Task));
        Task later = thread.RunAsync(() => 1);
        await later.WaitAsync(s_limit);
        Assert.False(waiting.IsCompleted);

        awaited.SetResult();
        await waiting.WaitAsync(s_limit);
    }

    [Fact]
    public async Task Ended_thread_has_done_its_work_and_takes_no_more()
    {
        ClientThread thread = new("test");
        Task<int> last = thread.RunAsync(() => 1);
        await thread.DisposeAsync().AsTask().WaitAsync(s_limit);

        Assert.True(last.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => thread.RunAsync(() => 2));
    }
}
