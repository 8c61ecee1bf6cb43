using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;
using MessagingModels.Storage.Tests.Files;

namespace MessagingModels.Storage.Tests;

/// <summary>Readers take no lock: whatever the writer does meanwhile, they see whole batches in order, or are told that an offset is gone.</summary>
public sealed class LogConcurrencyTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Readers_follow_a_writer_that_rolls_and_deletes(bool onDisk)
    {
        using TemporaryDirectory directory = new();
        using DataDirectory store = DataDirectory.Open(onDisk ? DiskFileSystem.Instance : new MemoryFileSystem(), directory.Path);
        await using Log log = Log.Open(store, directory["orders-0"], new LogOptions { SegmentBytes = 20_000, IndexIntervalBytes = 500 });
        const int count = 20_000;
        Task[] readers = [.. Enumerable.Range(0, 3).Select(i => Task.Run(() => Follow(log, count, 300 * (i + 1))))];
        byte[] batch = Batches.Of(1, 100);
        for (int i = 0; i < count; i++)
        {
            log.Append(batch);
            if (i % 1000 == 999) log.DeleteBefore(i - 500);
        }
        await Task.WhenAll(readers).WaitAsync(Limit);
    }

    [Fact]
    public async Task Readers_live_with_truncations()
    {
        using DataDirectory store = DataDirectory.InMemory();
        await using Log log = Log.Open(store, Path.Combine(store.Path, "orders-0"), new LogOptions { SegmentBytes = 5_000, IndexIntervalBytes = 300 });
        using CancellationTokenSource stop = new();
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            Random random = new(7);
            while (!stop.IsCancellationRequested)
            {
                long offset = random.NextInt64(log.NextOffset + 1);
                try
                {
                    LogReadResult read = log.Read(offset, 2000);
                    Verify(read);
                }
                catch (OffsetOutOfRangeException)
                {
                    // Truncated since the end was asked for.
                }
            }
        }))];
        Random writing = new(8);
        for (int i = 0; i < 3000; i++)
        {
            log.Append(Batches.Of(writing.Next(1, 4), writing.Next(10, 400)));
            if (i % 5 == 4) log.TruncateTo(writing.NextInt64(Math.Max(0, log.NextOffset - 30), log.NextOffset));
        }
        await stop.CancelAsync();
        await Task.WhenAll(readers).WaitAsync(Limit);
    }

    private static void Follow(Log log, int count, int maxBytes)
    {
        for (long offset = 0; offset < count;)
        {
            try
            {
                LogReadResult read = log.Read(offset, maxBytes);
                Verify(read);
                if (!read.Batches.IsEmpty) Assert.Equal(offset, read.BaseOffset);
                offset = read.NextOffset;
            }
            catch (OffsetOutOfRangeException error)
            {
                Assert.True(error.LogStartOffset > offset);
                offset = error.LogStartOffset;
            }
        }
    }

    private static void Verify(LogReadResult read)
    {
        long expected = read.BaseOffset;
        for (int position = 0; position < read.Batches.Length;)
        {
            RecordBatchView batch = new(read.Batches.Span[position..]);
            Assert.Equal(expected, batch.BaseOffset);
            Assert.True(batch.IsCrcValid);
            expected = batch.LastOffset + 1;
            position += batch.SizeInBytes;
        }
        if (!read.Batches.IsEmpty) Assert.Equal(expected, read.NextOffset);
    }
}
