using MessagingModels.Storage.Tests.Files;

namespace MessagingModels.Storage.Tests;

public sealed class GroupCommitTests
{
    private const string Directory = "/data/orders-0";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static LogOptions Fsync => new() { Durability = Durability.Fsync };

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.PageCache)]
    public void Without_fsync_a_wait_is_over_at_once(Durability durability)
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, new LogOptions { Durability = durability });
        log.Append(Batches.Of());
        Assert.True(log.WaitDurableAsync(1).AsTask().IsCompletedSuccessfully);
        Assert.Equal(1, log.DurableOffset);
        Assert.DoesNotContain(files.Log, s => s.StartsWith("flush", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_flush_releases_all_who_gathered_while_another_ran()
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, Fsync);
        log.Append(Batches.Of());
        await log.WaitDurableAsync(1).AsTask().WaitAsync(Limit);

        using SemaphoreSlim entered = new(0), leave = new(0);
        int flushes = 0;
        files.BeforeFlush = _ =>
        {
            Interlocked.Increment(ref flushes);
            entered.Release();
            leave.Wait(Limit);
        };
        log.Append(Batches.Of());
        Task first = log.WaitDurableAsync(2).AsTask();
        Assert.True(await entered.WaitAsync(Limit));
        List<Task> others = [];
        for (int i = 3; i < 103; i++)
        {
            log.Append(Batches.Of());
            others.Add(log.WaitDurableAsync(i).AsTask());
        }
        Assert.Equal(1, log.DurableOffset);
        Assert.All(others, t => Assert.False(t.IsCompleted));
        leave.Release(2);
        await Task.WhenAll([first, .. others]).WaitAsync(Limit);
        Assert.Equal((2, 102), (flushes, log.DurableOffset));
    }

    [Fact]
    public async Task A_new_segments_name_is_flushed_before_its_data_counts_as_durable()
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, Fsync);
        log.Append(Batches.Of());
        await log.WaitDurableAsync(1).AsTask().WaitAsync(Limit);
        FaultyFileSystem after = files.AfterPowerFailure(new Random(0));
        Assert.True(after.FileExists(Directory + "/00000000000000000000.log"));
        Assert.Contains("flush directory /data", files.Log);
    }

    [Fact]
    public async Task A_failed_flush_breaks_every_log_of_the_directory_and_is_never_tried_again()
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, Fsync), other = Log.Open(store, "/data/other-0", Fsync);
        log.Append(Batches.Of());
        await log.WaitDurableAsync(1).AsTask().WaitAsync(Limit);
        BrokenStoreException? told = null;
        store.Health.Broken += e => told = e;
        files.FailFlushes = true;
        log.Append(Batches.Of());
        BrokenStoreException error = await Assert.ThrowsAsync<BrokenStoreException>(() => log.WaitDurableAsync(2).AsTask().WaitAsync(Limit));
        Assert.Equal("/data", error.Directory);
        Assert.NotNull(told);

        files.FailFlushes = false;
        int flushes = files.Log.Count(s => s.StartsWith("flush", StringComparison.Ordinal));
        Assert.Throws<BrokenStoreException>(() => log.Append(Batches.Of()));
        Assert.Throws<BrokenStoreException>(() => other.Append(Batches.Of()));
        await Assert.ThrowsAsync<BrokenStoreException>(() => log.WaitDurableAsync(2).AsTask());
        Assert.Throws<BrokenStoreException>(() => Log.Open(store, "/data/third-0"));
        await log.DisposeAsync();
        Assert.Equal(flushes, files.Log.Count(s => s.StartsWith("flush", StringComparison.Ordinal)));
        Assert.False(files.FileExists(Directory + "/.clean-shutdown"));
        Assert.Equal(1, log.DurableOffset);
    }

    [Fact]
    public async Task A_wait_ends_when_it_is_cancelled()
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, Fsync);
        using SemaphoreSlim leave = new(0);
        using CancellationTokenSource stop = new();
        files.BeforeFlush = _ => leave.Wait(Limit);
        log.Append(Batches.Of());
        Task wait = log.WaitDurableAsync(1, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Limit));
        files.BeforeFlush = null;
        leave.Release(100);
    }

    [Fact]
    public async Task Many_writers_that_wait_share_flushes_and_all_is_durable()
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, Fsync);
        byte[] batch = Batches.Of();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            byte[] own = [.. batch];
            for (int i = 0; i < 50; i++)
            {
                LogAppendResult at = log.Append(own);
                await log.WaitDurableAsync(at.LastOffset + 1);
                Assert.True(log.DurableOffset > at.LastOffset);
            }
        }))).WaitAsync(Limit);
        Assert.Equal(Enumerable.Range(0, 800).Select(i => (long)i), Batches.BaseOffsets(Log.Open(DataDirectory.Open(files.AfterPowerFailure(new Random(1)), "/data"), Directory, Fsync)));
    }
}
