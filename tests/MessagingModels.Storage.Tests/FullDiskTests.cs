using MessagingModels.Storage.Tests.Files;

namespace MessagingModels.Storage.Tests;

public sealed class FullDiskTests
{
    private const string Directory = "/data/orders-0";
    private const string Segment = Directory + "/00000000000000000000.log";

    [Theory]
    [InlineData(Durability.PageCache)]
    [InlineData(Durability.Fsync)]
    public async Task A_full_disk_fails_the_append_and_the_log_goes_on_when_there_is_room(Durability durability)
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, new LogOptions { Durability = durability });
        byte[] batch = Batches.Of(3);
        log.Append([.. batch]);
        await log.WaitDurableAsync(3);
        files.CapacityInBytes = files.Content(Segment).Length + 70 + 40;
        StorageFullException error = Assert.Throws<StorageFullException>(() => log.Append([.. batch]));
        Assert.Equal(Segment, error.Path);
        Assert.Equal((3, batch.Length), (log.NextOffset, log.SizeInBytes));
        Assert.Equal(batch.Length, files.Content(Segment).Length);
        Assert.Equal(3, log.Read(0, 1000).NextOffset);

        files.CapacityInBytes = long.MaxValue;
        Assert.Equal(3, log.Append([.. batch]).FirstOffset);
        await log.WaitDurableAsync(6);
        await log.DisposeAsync();
        Assert.False(store.Health.IsBroken);
    }

    [Fact]
    public void What_a_failed_append_left_is_gone_before_the_next_one_even_where_it_could_not_be_cut_at_once()
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory);
        byte[] large = Batches.Of(1, 300), small = Batches.Of();
        log.Append([.. small]);
        files.CapacityInBytes = small.Length + (2 * large.Length) + 100;
        files.FailSetLength = true;
        Assert.Throws<StorageFullException>(() => log.Append([.. large, .. large, .. large]));
        files.CapacityInBytes = long.MaxValue;
        Assert.Throws<IOException>(() => log.Append([.. small]));
        files.FailSetLength = false;
        log.Append([.. small]);
        Assert.Equal(2 * small.Length, files.Content(Segment).Length);
        Assert.Equal(2, Log.Open(DataDirectory.Open(files.AfterProcessKill(), "/data"), Directory).NextOffset);
    }

    [Fact]
    public void A_full_disk_does_not_keep_old_segments_from_being_deleted()
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, new LogOptions { Durability = Durability.Memory, SegmentBytes = 1000 });
        for (int i = 0; i < 10; i++) log.Append(Batches.Of(1, 700));
        files.CapacityInBytes = files.EnumerateFiles(Directory).Sum(f => f.SizeInBytes);
        log.DeleteBefore(8);
        Assert.Equal((8, 2), (log.LogStartOffset, log.Segments.Count));
    }

    [Fact]
    public void A_compaction_without_room_leaves_the_log_as_it_was()
    {
        FaultyFileSystem files = new();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, new LogOptions { Durability = Durability.Memory, SegmentBytes = 1000 });
        for (int i = 0; i < 10; i++) log.Append(Batches.OfKeys(1000, Formats.Records.CompressionCodec.None, ("same", "value"), ($"{i}", new string('x', 600))));
        files.CapacityInBytes = log.SizeInBytes;
        Assert.Throws<StorageFullException>(() => log.Compact());
        Assert.Equal(20, Batches.ReadKeys(log).Count);
        Assert.DoesNotContain(files.EnumerateFiles(Directory), f => f.Name.EndsWith(".cleaned", StringComparison.Ordinal));
        files.CapacityInBytes = long.MaxValue;
        Assert.Equal(8, log.Compact().RemovedRecords);
    }
}
