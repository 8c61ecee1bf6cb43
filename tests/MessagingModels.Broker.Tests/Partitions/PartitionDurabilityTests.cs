using MessagingModels.Broker.Partitions;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Tests.Partitions;

public sealed class PartitionDurabilityTests
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(Acks.All)]
    [InlineData(Acks.Leader)]
    [InlineData(Acks.None)]
    public async Task Records_become_visible_when_they_are_flushed_and_not_before(Acks acks)
    {
        using ManualResetEventSlim flush = new(initialState: true);
        CrashingFileSystem files = new(new MemoryFileSystem()) { BeforeFlush = () => flush.Wait(_bound) };
        await using TestPartitions test = new(files, Durability.Fsync);
        Partition partition = await test.CreateAsync();
        using FetchSignal signal = new(TimeProvider.System);
        partition.Watch(signal);

        flush.Reset();
        Task<PartitionAppendResult> append = partition.AppendAsync(TestBatches.Of(test.NowMs, "a"), acks).AsTask();
        Assert.Equal(acks != Acks.All, append.IsCompleted);
        Assert.Equal(0, partition.HighWatermark);
        Assert.Empty(TestBatches.Read(partition));

        flush.Set();
        Assert.True(await signal.WaitAsync(_bound, CancellationToken.None));
        Assert.Equal(0, (await append.WaitAsync(_bound)).BaseOffset);
        Assert.Equal(["a"], TestBatches.ReadValues(partition));
    }

    [Fact]
    public async Task A_repetition_is_answered_when_the_first_sending_is_durable()
    {
        using ManualResetEventSlim flush = new(initialState: true);
        CrashingFileSystem files = new(new MemoryFileSystem()) { BeforeFlush = () => flush.Wait(_bound) };
        await using TestPartitions test = new(files, Durability.Fsync);
        Partition partition = await test.CreateAsync();
        flush.Reset();
        Task<PartitionAppendResult> first = partition.AppendAsync(TestBatches.OfProducer(test.NowMs, 1, 0, 0, false, "a"), Acks.All).AsTask();
        Task<PartitionAppendResult> second = partition.AppendAsync(TestBatches.OfProducer(test.NowMs, 1, 0, 0, false, "a"), Acks.All).AsTask();
        Assert.False(second.IsCompleted);
        flush.Set();
        Assert.Equal(0, (await first.WaitAsync(_bound)).BaseOffset);
        Assert.True((await second.WaitAsync(_bound)).IsDuplicate);
    }

    [Fact]
    public async Task A_cancelled_wait_takes_nothing_back()
    {
        using ManualResetEventSlim flush = new(initialState: true);
        CrashingFileSystem files = new(new MemoryFileSystem()) { BeforeFlush = () => flush.Wait(_bound) };
        await using TestPartitions test = new(files, Durability.Fsync);
        Partition partition = await test.CreateAsync();
        using FetchSignal signal = new(TimeProvider.System);
        partition.Watch(signal);
        using CancellationTokenSource stop = new();
        flush.Reset();
        Task append = partition.AppendAsync(TestBatches.Of(test.NowMs, "a"), Acks.All, cancellationToken: stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append.WaitAsync(_bound));
        flush.Set();
        Assert.True(await signal.WaitAsync(_bound, CancellationToken.None));
        Assert.Equal(["a"], TestBatches.ReadValues(partition));
    }

    [Fact]
    public async Task A_failed_flush_fails_the_append_and_every_later_one_and_shows_nothing()
    {
        bool fails = false;
        CrashingFileSystem files = new(new MemoryFileSystem())
        {
            BeforeFlush = () =>
            {
                if (fails) throw new IOException("Input/output error.");
            },
        };
        await using TestPartitions test = new(files, Durability.Fsync);
        Partition partition = await test.CreateAsync(), other = await test.CreateAsync("other");
        fails = true;
        foreach (Partition target in (Partition[])[partition, other])
        {
            LogException error = await Assert.ThrowsAsync<LogException>(async () => await target.AppendAsync(TestBatches.Of(test.NowMs, "a"), Acks.All).AsTask().WaitAsync(_bound));
            Assert.Equal(LogErrorCode.KafkaStorageError, error.ErrorCode);
            Assert.Equal(0, target.HighWatermark);
            fails = false;
        }
    }
}
