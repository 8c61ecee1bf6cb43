using System.Buffers.Binary;
using MessagingModels.Formats.Records;
using MessagingModels.Storage.Tests.Files;

namespace MessagingModels.Storage.Tests;

public sealed class LogRecoveryTests
{
    private const string Directory = "/data/orders-0";
    private const string FirstSegment = Directory + "/00000000000000000000.log";

    private static LogOptions Options => new() { SegmentBytes = 64 * 1024, IndexIntervalBytes = 200 };

    [Fact]
    public void A_torn_tail_is_cut_at_the_last_whole_batch_wherever_it_is_torn()
    {
        byte[] batch = Batches.Of(2, 60);
        for (int cut = 1; cut < batch.Length; cut++)
        {
            FaultyFileSystem files = Written([batch, batch, batch[..cut]]);
            using DataDirectory store = DataDirectory.Open(files, "/data");
            Log log = Log.Open(store, Directory, Options);
            Assert.Equal((4, 2 * batch.Length), (log.NextOffset, log.SizeInBytes));
            Assert.Equal(2 * batch.Length, files.Content(FirstSegment).Length);
        }
    }

    [Fact]
    public void A_damaged_last_batch_is_cut()
    {
        FaultyFileSystem files = Appended(3);
        files.Damage(FirstSegment, files.Content(FirstSegment).Length - 1, 0xff);
        Assert.Equal(4, Recover(files).NextOffset);
    }

    [Fact]
    public void A_zeroed_tail_is_cut()
    {
        FaultyFileSystem files = Appended(3);
        files.Damage(FirstSegment, files.Content(FirstSegment).Length, new byte[10_000]);
        Assert.Equal(6, Recover(files).NextOffset);
    }

    [Fact]
    public void A_damaged_batch_before_a_valid_one_is_corruption_with_file_position_and_checksums()
    {
        FaultyFileSystem files = Appended(3);
        byte[] content = files.Content(FirstSegment);
        int size = content.Length / 3;
        for (int at = size + RecordBatchLayout.AttributesPosition; at < 2 * size; at++)
        {
            FaultyFileSystem damaged = files.AfterProcessKill();
            damaged.Damage(FirstSegment, at, (byte)~content[at]);
            LogCorruptedException error = Assert.Throws<LogCorruptedException>(() => Recover(damaged));
            Assert.Equal((FirstSegment, size), (error.Path, error.Position));
            if (error.ExpectedCrc is null) continue;
            Assert.Equal(BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(size + RecordBatchLayout.CrcPosition)), error.ExpectedCrc);
            Assert.NotEqual(error.ExpectedCrc, error.FoundCrc);
            Assert.Equal(content.Length, damaged.Content(FirstSegment).Length);
        }
    }

    [Fact]
    public void A_damaged_header_before_a_valid_batch_is_corruption()
    {
        FaultyFileSystem files = Appended(3);
        byte[] content = files.Content(FirstSegment);
        int size = content.Length / 3;
        foreach (int at in (int[])[0, RecordBatchLayout.LengthPosition, RecordBatchLayout.LengthPosition + 3, RecordBatchLayout.MagicPosition, RecordBatchLayout.CrcPosition])
        {
            FaultyFileSystem damaged = files.AfterProcessKill();
            damaged.Damage(FirstSegment, size + at, (byte)~content[size + at]);
            Assert.Equal(size, Assert.Throws<LogCorruptedException>(() => Recover(damaged)).Position);
        }
    }

    [Fact]
    public void Pages_that_never_reached_the_disk_are_cut_with_what_follows()
    {
        byte[] batch = Batches.Of(1, 6000);
        FaultyFileSystem files = Written([batch, batch, batch, batch]);
        files.Damage(FirstSegment, 8192, new byte[4096]);
        Assert.Equal(1, Recover(files).NextOffset);
    }

    [Fact]
    public void Damage_in_a_segment_that_is_not_the_last_is_corruption()
    {
        FaultyFileSystem files = Appended(600, static options => options with { SegmentBytes = 20_000, Durability = Durability.Memory });
        string[] segments = [.. files.EnumerateFiles(Directory).Where(f => f.Name.EndsWith(".log", StringComparison.Ordinal)).Select(f => f.Name).Order()];
        Assert.True(segments.Length > 2);
        string first = $"{Directory}/{segments[0]}";
        files.Damage(first, files.Content(first).Length - 1, 0xff);
        Assert.Equal(first, Assert.Throws<LogCorruptedException>(() => Recover(files)).Path);
    }

    [Fact]
    public void Damage_stops_one_log_and_no_other()
    {
        FaultyFileSystem files = Appended(3);
        files.Damage(FirstSegment, 100, 0xff, 0xff);
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Assert.Throws<LogCorruptedException>(() => Log.Open(store, Directory, Options));
        Assert.Equal(0, Log.Open(store, "/data/other-0", Options).Append(Batches.Of()).FirstOffset);
        Assert.False(store.Health.IsBroken);
    }

    [Theory]
    [InlineData(".index")]
    [InlineData(".timeindex")]
    public async Task Indexes_are_rebuilt_where_missing_or_wrong(string extension)
    {
        foreach (byte[]? content in (byte[]?[])[null, [], [1, 2, 3], new byte[24], [.. Enumerable.Repeat((byte)0x7f, 48)]])
        {
            FaultyFileSystem files = new();
            await using (Log log = Open(files)) Fill(log, 1000);
            foreach (string path in files.EnumerateFiles(Directory).Where(f => f.Name.EndsWith(extension, StringComparison.Ordinal)).Select(f => $"{Directory}/{f.Name}"))
            {
                files.DeleteFile(path);
                if (content is null) continue;
                using Storage.Files.IFile file = files.Open(path, Storage.Files.FileOpenMode.CreateEmpty);
                file.Write(0, content);
            }
            FaultyFileSystem next = files.AfterProcessKill();
            using DataDirectory store = DataDirectory.Open(next, "/data");
            await using Log reopened = Log.Open(store, Directory, Options);
            foreach (long offset in (long[])[0, 777, 1200, 1999])
            {
                LogReadResult read = reopened.Read(offset, 1);
                Assert.InRange(offset, read.BaseOffset, read.NextOffset - 1);
                Assert.Equal(offset, reopened.FindByTimestamp(5000 + offset)!.Value.Offset);
            }
        }
    }

    [Fact]
    public async Task Opening_a_thousand_closed_segments_reads_none_of_their_data()
    {
        FaultyFileSystem files = new();
        int size = Batches.Of(2, 60).Length;
        await using (Log log = Open(files, Options with { SegmentBytes = 2 * size })) Fill(log, 2002);
        files = files.AfterProcessKill();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        await using Log reopened = Log.Open(store, Directory, Options with { SegmentBytes = 2 * size });
        Assert.Equal((1001, 4004), (reopened.Segments.Count, reopened.NextOffset));
        Assert.Equal((0, 0, 0), (files.Reads(".log"), files.Reads(".index"), files.Reads(".timeindex")));
        Assert.Equal(4002, reopened.Read(4002, 1).BaseOffset);
    }

    [Fact]
    public async Task After_a_crash_only_segments_above_the_recovery_point_are_read()
    {
        FaultyFileSystem files = new();
        Log log = Open(files, Options with { Durability = Durability.Fsync, SegmentBytes = 20_000 });
        Fill(log, 1000);
        await log.WaitDurableAsync(log.NextOffset);
        int segments = log.Segments.Count;
        Assert.True(segments > 5);
        files = files.AfterProcessKill();
        using DataDirectory store = DataDirectory.Open(files, "/data");
        await using Log recovered = Log.Open(store, Directory, Options with { Durability = Durability.Fsync, SegmentBytes = 20_000 });
        Assert.Equal(2000, recovered.NextOffset);
        Assert.Equal(1, files.Reads(".log"));
    }

    [Fact]
    public async Task Missing_segments_below_the_recovery_point_are_corruption()
    {
        FaultyFileSystem files = new();
        Log log = Open(files, Options with { Durability = Durability.Fsync, SegmentBytes = 20_000 });
        Fill(log, 1000);
        await log.WaitDurableAsync(log.NextOffset);
        foreach (SegmentInfo segment in log.Segments.TakeLast(2)) files.DeleteFile($"{Directory}/{segment.BaseOffset:D20}.log");
        Assert.Throws<LogCorruptedException>(() => Recover(files.AfterProcessKill()));
    }

    [Fact]
    public async Task A_marker_of_another_shutdown_is_not_believed()
    {
        FaultyFileSystem files = new();
        await using (Log log = Open(files)) Fill(log, 10);
        files.Damage(FirstSegment, files.Content(FirstSegment).Length, 1, 2, 3);
        Assert.Equal(20, Recover(files.AfterProcessKill()).NextOffset);
    }

    [Fact]
    public async Task A_log_closed_without_a_flush_is_scanned_after_a_power_failure_only()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            FaultyFileSystem files = new();
            await using (Log log = Open(files)) Fill(log, 20);
            FaultyFileSystem restarted = files.AfterProcessKill(), failed = files.AfterPowerFailure(new Random(seed));
            Assert.Equal(40, Recover(restarted).NextOffset);
            Assert.Equal(0, restarted.Reads(".log"));
            Log recovered = Recover(failed);
            Assert.All(Batches.ReadAll(recovered), b => Assert.Equal(RecordBatchError.None, new RecordBatchView(b).Validate()));
        }
    }

    private static Log Open(FaultyFileSystem files, LogOptions? options = null) => Log.Open(DataDirectory.Open(files, "/data"), Directory, options ?? Options);

    private static Log Recover(FaultyFileSystem files)
    {
        using DataDirectory store = DataDirectory.Open(files, "/data");
        return Log.Open(store, Directory, Options);
    }

    private static void Fill(Log log, int batches)
    {
        for (int i = 0; i < batches; i++) log.Append(Batches.Of(2, 60, timestampMs: 5000 + log.NextOffset));
    }

    private static FaultyFileSystem Appended(int batches, Func<LogOptions, LogOptions>? change = null)
    {
        FaultyFileSystem files = new();
        Fill(Open(files, change is null ? Options : change(Options)), batches);
        return files.AfterProcessKill();
    }

    /// <summary>A segment with the given bytes as a killed process leaves it.</summary>
    private static FaultyFileSystem Written(byte[][] parts)
    {
        FaultyFileSystem files = new();
        files.CreateDirectory(Directory);
        using Storage.Files.IFile file = files.Open(FirstSegment, Storage.Files.FileOpenMode.OpenOrCreate);
        long offset = 0;
        foreach (byte[] part in parts)
        {
            byte[] bytes = part.ToArray();
            if (bytes.Length >= 8) BinaryPrimitives.WriteInt64BigEndian(bytes, offset);
            file.Write(file.Length, bytes);
            if (bytes.Length > RecordBatchLayout.HeaderSizeInBytes) offset += new RecordBatchView(bytes).LastOffsetDelta + 1;
        }
        return files;
    }
}
