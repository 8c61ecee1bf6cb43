using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;
using MessagingModels.Storage.Tests.Files;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Storage.Tests;

public sealed class LogTests : IAsyncDisposable
{
    private readonly MemoryFileSystem _files = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));
    private DataDirectory _store;
    private Log _log;

    public LogTests()
    {
        _store = DataDirectory.Open(_files, "/data");
        _log = Open();
    }

    private static LogOptions Small => new() { SegmentBytes = 1000, IndexIntervalBytes = 100 };

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public void Append_assigns_consecutive_offsets_in_place()
    {
        byte[] two = [.. Batches.Of(3), .. Batches.Of(2)];
        Assert.Equal(new LogAppendResult(0, 4, 0, 1002), _log.Append(two, leaderEpoch: 7));
        LogAppendResult next = _log.Append(Batches.Of());
        Assert.Equal((5, 5), (next.FirstOffset, next.LastOffset));
        Assert.Equal([0L, 3, 5], Batches.BaseOffsets(_log));
        Assert.Equal(7, new RecordBatchView(_log.Read(0, 1).Batches.Span).PartitionLeaderEpoch);
        Assert.Equal(RecordBatchError.None, new RecordBatchView(_log.Read(5, 1).Batches.Span).Validate());
    }

    [Fact]
    public void Read_in_the_middle_of_a_batch_returns_the_whole_batch()
    {
        _log.Append(Batches.Of(10));
        LogReadResult read = _log.Read(4, 1000);
        Assert.Equal((0, 10), (read.BaseOffset, read.NextOffset));
    }

    [Fact]
    public void Read_returns_whole_batches_within_the_limit_and_at_least_one()
    {
        byte[] batch = Batches.Of(1, 100);
        for (int i = 0; i < 4; i++) _log.Append(batch.ToArray());
        Assert.Equal(2 * batch.Length, _log.Read(0, (2 * batch.Length) + 5).Batches.Length);
        Assert.Equal(batch.Length, _log.Read(0, 1).Batches.Length);
        Assert.Equal(0, _log.Read(0, 1, minOneBatch: false).Batches.Length);
    }

    [Fact]
    public void Read_never_crosses_the_end_it_is_given()
    {
        for (int i = 0; i < 4; i++) _log.Append(Batches.Of(2));
        Assert.Equal(4, _log.Read(0, 1000, upToOffset: 4).NextOffset);
        Assert.Equal(4, _log.Read(0, 1000, upToOffset: 5).NextOffset);
        Assert.True(_log.Read(4, 1000, upToOffset: 5).Batches.IsEmpty);
    }

    [Fact]
    public void Read_outside_of_the_log_names_the_range()
    {
        _log.Append(Batches.Of(2));
        Assert.True(_log.Read(2, 100).Batches.IsEmpty);
        OffsetOutOfRangeException error = Assert.Throws<OffsetOutOfRangeException>(() => _log.Read(3, 100));
        Assert.Equal((3, 0, 2), (error.Offset, error.LogStartOffset, error.NextOffset));
    }

    [Fact]
    public void A_full_segment_is_followed_by_the_next()
    {
        Fill(10, 300);
        Assert.True(_log.Segments.Count > 3);
        Assert.All(_log.Segments, s => Assert.True(s.SizeInBytes <= 1000));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), Batches.BaseOffsets(_log));
        for (int i = 0; i < 10; i++) Assert.Equal(i, _log.Read(i, 1).BaseOffset);
    }

    [Fact]
    public void An_old_segment_is_followed_by_the_next()
    {
        _log.Options = Small with { SegmentAge = TimeSpan.FromMinutes(1) };
        _log.Append(Batches.Of());
        _time.Advance(TimeSpan.FromSeconds(59));
        _log.Append(Batches.Of());
        Assert.Single(_log.Segments);
        _time.Advance(TimeSpan.FromSeconds(1));
        _log.Append(Batches.Of());
        Assert.Equal([0L, 2], _log.Segments.Select(s => s.BaseOffset));
    }

    [Fact]
    public void A_segment_spans_no_more_than_its_age_in_the_records_own_time()
    {
        _log.Options = Small with { SegmentAge = TimeSpan.FromMinutes(1) };
        foreach (long timestamp in (long[])[100_000, 160_000, 160_001, 100_000]) _log.Append(Batches.OfKeys(timestamp, CompressionCodec.None, ("k", "v")));
        Assert.Equal([0L, 2], _log.Segments.Select(s => s.BaseOffset));
    }

    [Fact]
    public void Batches_larger_than_a_segment_are_refused()
    {
        RecordBatchesTooLargeException error = Assert.Throws<RecordBatchesTooLargeException>(() => _log.Append(Batches.Of(1, 2000)));
        Assert.Equal(1000, error.LimitInBytes);
        Assert.Equal(0, _log.NextOffset);
    }

    [Fact]
    public void Bytes_that_are_no_batch_are_refused()
    {
        Assert.Throws<ArgumentException>(() => _log.Append(new byte[100]));
        Assert.Throws<ArgumentException>(() => _log.Append(Batches.Of().AsSpan(..^1)));
        Assert.Throws<ArgumentException>(() => _log.Append(default));
        Assert.Equal(0, _log.SizeInBytes);
    }

    [Fact]
    public async Task A_closed_log_opens_as_it_was()
    {
        Fill(10, 300);
        _log.DeleteBefore(4);
        await Reopen();
        Assert.Equal((4, 10), (_log.LogStartOffset, _log.NextOffset));
        Assert.Equal([4L, 5, 6, 7, 8, 9], Batches.BaseOffsets(_log));
        Assert.Equal(10, _log.Append(Batches.Of()).FirstOffset);
        await Reopen();
        Assert.Equal(11, _log.NextOffset);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1000, 0)]
    [InlineData(1001, 1)]
    [InlineData(1009, 9)]
    [InlineData(1010, 10)]
    [InlineData(1057, 57)]
    public void A_look_up_by_time_finds_the_first_record_as_late(long timestampMs, long offset)
    {
        for (int i = 0; i < 6; i++)
            _log.Append(Batches.Of(10, 20, timestampMs: 1000 + (10 * i), codec: i % 2 == 0 ? CompressionCodec.None : CompressionCodec.Gzip));
        Assert.Equal(new OffsetAndTimestamp(offset, 1000 + offset), _log.FindByTimestamp(timestampMs));
    }

    [Fact]
    public void A_look_up_later_than_every_record_finds_none()
    {
        Assert.Null(_log.FindByTimestamp(0));
        Assert.Null(_log.MaxTimestamp());
        _log.Append(Batches.Of(3));
        Assert.Null(_log.FindByTimestamp(1003));
        Assert.Null(_log.FindByTimestamp(1002, upToOffset: 2));
    }

    [Fact]
    public void The_greatest_timestamp_is_found_where_timestamps_go_back()
    {
        _log.Append(Batches.Of(3, timestampMs: 5000));
        _log.Append(Batches.Of(3, timestampMs: 100));
        Fill(5, 300);
        Assert.Equal(new OffsetAndTimestamp(2, 5002), _log.MaxTimestamp());
    }

    [Fact]
    public async Task Truncation_removes_the_batch_that_holds_the_offset_and_all_after_it()
    {
        for (int i = 0; i < 10; i++) _log.Append(Batches.Of(2, 100));
        _log.TruncateTo(7);
        Assert.Equal(6, _log.NextOffset);
        Assert.Equal([0L, 2, 4], Batches.BaseOffsets(_log));
        _log.Append(Batches.Of());
        Assert.Equal([0L, 2, 4, 6], Batches.BaseOffsets(_log));
        await Reopen();
        Assert.Equal([0L, 2, 4, 6], Batches.BaseOffsets(_log));
        _log.TruncateTo(0);
        Assert.Equal((0, 0), (_log.NextOffset, _log.SizeInBytes));
    }

    [Fact]
    public async Task A_start_within_a_truncated_batch_moves_back_for_good()
    {
        _log.Append(Batches.Of(2));
        _log.Append(Batches.Of(3));
        _log.DeleteBefore(3);
        _log.TruncateTo(3);
        Assert.Equal((2, 2), (_log.LogStartOffset, _log.NextOffset));
        _log.Append(Batches.Of(3));
        await Reopen();
        Assert.Equal((2, 5), (_log.LogStartOffset, _log.NextOffset));
    }

    [Fact]
    public void Deleting_before_an_offset_deletes_the_segments_below_it()
    {
        Fill(10, 300);
        long second = _log.Segments[1].BaseOffset;
        _log.DeleteBefore(second + 1);
        Assert.Equal(second, _log.Segments[0].BaseOffset);
        Assert.Equal(second + 1, _log.LogStartOffset);
        Assert.Throws<OffsetOutOfRangeException>(() => _log.Read(second, 1));
        Assert.False(_files.FileExists("/data/orders-0/00000000000000000000.log"));
    }

    [Fact]
    public void Deleting_everything_gives_back_the_space_of_the_active_segment()
    {
        Fill(10, 300);
        _log.DeleteBefore(10);
        Assert.Equal(0, _log.SizeInBytes);
        Assert.Equal(10, _log.Append(Batches.Of()).FirstOffset);
    }

    [Fact]
    public void Retention_by_time_deletes_segments_by_their_greatest_timestamp_and_the_active_one_last()
    {
        _log.Options = Small with { RetentionAge = TimeSpan.FromSeconds(10), SegmentAge = TimeSpan.FromHours(1) };
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        for (int i = 0; i < 3; i++) _log.Append(Batches.Of(1, 700, now));
        Assert.Equal(0, _log.ApplyRetention());
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(1, _log.ApplyRetention(upToOffset: 1));
        Assert.Equal(1, _log.ApplyRetention(upToOffset: 2));
        Assert.Equal((2, 1), (_log.LogStartOffset, _log.Segments.Count));
        Assert.Equal(1, _log.ApplyRetention());
        Assert.Equal((3, 3, 0), (_log.LogStartOffset, _log.NextOffset, _log.SizeInBytes));
        Assert.Equal(3, _log.Append(Batches.Of(1, 700, now + 11_000)).FirstOffset);
        Assert.Equal(0, _log.ApplyRetention());
    }

    [Fact]
    public void Retention_by_size_keeps_at_least_the_size()
    {
        int size = Batches.Of(1, 700).Length;
        _log.Options = Small with { RetentionAge = null, RetentionBytes = 2 * size };
        for (int i = 0; i < 5; i++) _log.Append(Batches.Of(1, 700));
        Assert.Equal(3, _log.ApplyRetention());
        Assert.Equal(2 * size, _log.SizeInBytes);
    }

    [Fact]
    public void A_deleted_log_leaves_nothing_behind()
    {
        Fill(5, 300);
        _log.Delete();
        Assert.False(_files.DirectoryExists("/data/orders-0"));
        Assert.Throws<ObjectDisposedException>(() => _log.Append(Batches.Of()));
    }

    [Fact]
    public async Task Append_and_read_into_a_buffer_allocate_nothing_per_batch_in_the_steady_state()
    {
        using TemporaryDirectory directory = new();
        using DataDirectory store = DataDirectory.Open(DiskFileSystem.Instance, directory.Path);
        Log log = Log.Open(store, directory["orders-0"], new LogOptions { IndexIntervalBytes = 1 << 30 });
        byte[] batch = Batches.Of(10, 100);
        for (int i = 0; i < 100; i++) log.Append(batch);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) log.Append(batch);
        // Less than a byte a batch: a list that grows once may fall into the window, an object per batch may not.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
        byte[] buffer = new byte[64 * 1024];
        long offset = log.Read(0, buffer).NextOffset;
        before = GC.GetAllocatedBytesForCurrentThread();
        int reads = 0;
        for (; offset < log.NextOffset; reads++) offset = log.Read(offset, buffer).NextOffset;
        // A note of where the next read begins, per read and not per batch.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, reads * 64);
        await log.DisposeAsync();
    }

    private void Fill(int batches, int valueBytes)
    {
        for (int i = 0; i < batches; i++) _log.Append(Batches.Of(1, valueBytes));
    }

    private Log Open() => Log.Open(_store, "/data/orders-0", Small, _time);

    private async Task Reopen()
    {
        await _log.DisposeAsync();
        _store.Dispose();
        _store = DataDirectory.Open(_files, "/data");
        _log = Open();
    }
}
