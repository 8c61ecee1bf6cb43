using MessagingModels.Broker.Partitions;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Broker.Tests.Partitions;

public sealed class FetchSignalTests : IAsyncLifetime
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(20);

    private readonly TestPartitions _test = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_record_that_came_before_the_wait_ends_it_at_once()
    {
        Partition partition = await _test.CreateAsync();
        using FetchSignal signal = new(_test.Time);
        partition.Watch(signal);
        await partition.AppendAsync(TestBatches.Of(_test.NowMs, "a"), Acks.All);
        ValueTask<bool> wait = signal.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
        Assert.True(wait.IsCompletedSuccessfully);
        Assert.True(await wait);
    }

    [Fact]
    public async Task A_wait_takes_the_signal_and_the_next_wait_waits()
    {
        using FetchSignal signal = new(_test.Time);
        signal.Set();
        signal.Set();
        Assert.True(await signal.WaitAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.False(await signal.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public async Task An_append_to_any_watched_partition_wakes_the_reader()
    {
        Partition one = await _test.CreateAsync("one"), two = await _test.CreateAsync("two");
        using FetchSignal signal = new(_test.Time);
        one.Watch(signal);
        two.Watch(signal);
        Task<bool> wait = signal.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None).AsTask();
        Assert.False(wait.IsCompleted);
        await two.AppendAsync(TestBatches.Of(_test.NowMs, "a"), Acks.All);
        Assert.True(await wait.WaitAsync(_bound));
    }

    [Fact]
    public async Task An_unwatched_partition_wakes_nobody()
    {
        Partition partition = await _test.CreateAsync();
        using FetchSignal signal = new(_test.Time);
        partition.Watch(signal);
        partition.Unwatch(signal);
        await partition.AppendAsync(TestBatches.Of(_test.NowMs, "a"), Acks.All);
        Assert.False(await signal.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public async Task A_deleted_partition_wakes_its_readers()
    {
        Partition partition = await _test.CreateAsync();
        using FetchSignal signal = new(_test.Time);
        partition.Watch(signal);
        Task<bool> wait = signal.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None).AsTask();
        await _test.Topics.DeleteAsync("orders");
        Assert.True(await wait.WaitAsync(_bound));
    }

    [Fact]
    public async Task A_wait_ends_without_signal_after_its_timeout_and_not_with_that_of_an_earlier_wait()
    {
        FakeTimeProvider time = new();
        using FetchSignal signal = new(time);
        Task<bool> first = signal.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None).AsTask();
        signal.Set();
        Assert.True(await first.WaitAsync(_bound));
        time.Advance(TimeSpan.FromSeconds(5));
        Task<bool> second = signal.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await second.WaitAsync(_bound));
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_signal_usable()
    {
        using FetchSignal signal = new(_test.Time);
        using CancellationTokenSource stop = new();
        Task<bool> wait = signal.WaitAsync(Timeout.InfiniteTimeSpan, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(_bound));
        signal.Set();
        Assert.True(await signal.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None));
    }

    [Fact]
    public async Task Many_signals_from_other_threads_lose_no_wake_up()
    {
        using FetchSignal signal = new(TimeProvider.System);
        const int Rounds = 20_000;
        int produced = 0, consumed = 0;
        Task producer = Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                Interlocked.Increment(ref produced);
                signal.Set();
            }
        });
        while (consumed < Rounds)
        {
            int seen = Volatile.Read(ref produced);
            if (seen > consumed) consumed = seen;
            else Assert.True(await signal.WaitAsync(_bound, CancellationToken.None), $"Only {consumed} of {Rounds} were seen.");
        }
        await producer;
    }
}
