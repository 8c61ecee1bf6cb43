using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Tests.Partitions;

/// <summary>On real files: those in memory allocate the space for what they store.</summary>
public sealed class PartitionAllocationTests : IAsyncLifetime
{
    private const int Warmup = 2_000;
    private const int Rounds = 2_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mm-partitions-");
    private readonly TestPartitions _test;

    public PartitionAllocationTests() => _test = new TestPartitions(DiskFileSystem.Instance, Durability.PageCache, _directory.FullName);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _test.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_append_allocates_nothing(bool isIdempotent)
    {
        Partition partition = await _test.CreateAsync("hot", (TopicConfiguration.IndexIntervalBytes, "1000000000"));
        RecordBatchBuilder builder = new();
        int sequence = 0;
        byte[] value = new byte[100];
        Append(Warmup);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Append(Rounds);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < Rounds, $"{allocated} bytes were allocated for {Rounds} batches.");

        void Append(int count)
        {
            for (int i = 0; i < count; i++)
            {
                builder.Reset();
                builder.Append(_test.NowMs, default, false, value, true);
                Memory<byte> batch = isIdempotent ? builder.Build(CompressionCodec.None, 9, 0, sequence++) : builder.Build();
                ValueTask<PartitionAppendResult> appended = partition.AppendAsync(batch, Acks.All);
                Assert.True(appended.IsCompletedSuccessfully);
                _ = appended.Result;
            }
        }
    }

    [Fact]
    public async Task A_read_in_memory_copies_no_records()
    {
        await using TestPartitions memory = new();
        Partition partition = await memory.CreateAsync();
        for (int i = 0; i < 100; i++) await partition.AppendAsync(TestBatches.Of(memory.NowMs, "value"), Acks.All);
        long length = Read(Warmup) / Warmup;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Read(Rounds);
        long allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        Assert.True(allocated < 64, $"A read of {length} bytes allocated {allocated}.");

        long Read(int count)
        {
            long bytes = 0;
            for (int i = 0; i < count; i++)
                bytes += partition.Read(i % 50, 4096, i % 2 == 0 ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted).Batches.Length;
            return bytes;
        }
    }
}
