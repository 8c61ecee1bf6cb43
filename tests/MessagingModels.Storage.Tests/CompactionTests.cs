using MessagingModels.Formats.Records;
using MessagingModels.Storage.Tests.Files;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Storage.Tests;

public sealed class CompactionTests : IAsyncDisposable
{
    private const string Directory = "/data/users-0";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));
    private FaultyFileSystem _files = new();
    private DataDirectory _store;
    private Log _log;

    public CompactionTests()
    {
        _store = DataDirectory.Open(_files, "/data");
        _log = Open();
    }

    private static LogOptions Options => new() { SegmentBytes = 2000, SegmentAge = TimeSpan.FromMinutes(1), DeleteRetention = TimeSpan.FromHours(1) };

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _store.Dispose();
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void The_last_value_of_a_key_stays_at_its_offset(CompressionCodec codec)
    {
        Append(codec, ("a", "1"), ("b", "1"), ("a", "2"));
        Append(codec, ("c", "1"), ("a", "3"));
        CloseSegment();
        CompactionResult result = _log.Compact();
        Assert.Equal((5, 2), (result.UpToOffset, result.RemovedRecords));
        Assert.True(result.SizeAfterInBytes < result.SizeBeforeInBytes);
        Assert.Equal([(1L, "b", "1"), (3, "c", "1"), (4, "a", "3"), (5, "z", "z")], Batches.ReadKeys(_log));
        Assert.Equal(5, _log.Read(4, 1).NextOffset);
    }

    [Fact]
    public void The_active_segment_is_never_compacted()
    {
        Append(CompressionCodec.None, ("a", "1"), ("a", "2"));
        Assert.Equal(0, _log.Compact().RemovedRecords);
        Assert.Equal(2, Batches.ReadKeys(_log).Count);
    }

    [Fact]
    public void Nothing_at_or_above_the_limit_is_compacted()
    {
        Append(CompressionCodec.None, ("a", "1"), ("a", "2"));
        CloseSegment();
        Assert.Equal(0, _log.Compact(upToOffset: 1).RemovedRecords);
        Assert.Equal(1, _log.Compact(upToOffset: 2).RemovedRecords);
    }

    [Fact]
    public async Task A_later_compaction_removes_what_newer_records_supersede_and_a_restart_keeps_how_far_it_came()
    {
        Append(CompressionCodec.None, ("a", "1"), ("b", "1"));
        CloseSegment();
        _log.Compact();
        Assert.Equal(0, _log.DirtyRatio);
        await Reopen();
        Assert.Equal(0, _log.DirtyRatio);
        Append(CompressionCodec.None, ("a", "2"));
        CloseSegment();
        Assert.True(_log.DirtyRatio > 0);
        _log.Compact();
        Assert.Equal([(1L, "b", "1"), (2, "z", "z"), (3, "a", "2"), (4, "z", "z")], Batches.ReadKeys(_log));
    }

    [Fact]
    public void A_tombstone_stays_for_the_delete_retention_after_the_first_compaction()
    {
        Append(CompressionCodec.Lz4, ("a", "1"), ("b", "1"));
        Append(CompressionCodec.Lz4, ("a", null), ("c", "1"));
        CloseSegment();
        _time.Advance(TimeSpan.FromDays(10));
        _log.Compact();
        Assert.Contains((2L, "a", null), Batches.ReadKeys(_log));
        _time.Advance(TimeSpan.FromMinutes(59));
        _log.Compact();
        Assert.Contains((2L, "a", null), Batches.ReadKeys(_log));
        Assert.Equal(1000, _log.FindByTimestamp(0)!.Value.TimestampMs);
        _time.Advance(TimeSpan.FromMinutes(1));
        _log.Compact();
        Assert.Equal([(1L, "b", "1"), (3, "c", "1"), (4, "z", "z")], Batches.ReadKeys(_log));
    }

    [Fact]
    public void Records_of_an_aborted_transaction_go_and_supersede_nothing()
    {
        Append(CompressionCodec.None, ("a", "1"));
        _log.Append(Batches.OfKeys(1000, CompressionCodec.None, 7, true, ("a", "aborted")));
        _log.Append(Batches.OfKeys(1000, CompressionCodec.None, 8, true, ("b", "committed")));
        _log.Append(Batches.Marker(ControlRecordType.Abort, 7, 1000));
        _log.Append(Batches.Marker(ControlRecordType.Commit, 8, 1000));
        CloseSegment();
        _log.Compact();
        Assert.Equal([(0L, "a", "1"), (2, "b", "committed"), (5, "z", "z")], Batches.ReadKeys(_log));
        // The aborted producer's sequence number is kept in an empty batch; both markers are still there.
        Assert.Equal([0L, 1, 2, 3, 4, 5], Batches.BaseOffsets(_log));
        _time.Advance(TimeSpan.FromHours(2));
        _log.Compact();
        Assert.Equal([0L, 1, 2, 4, 5], Batches.BaseOffsets(_log));
    }

    [Fact]
    public void A_transaction_without_its_marker_is_left_alone()
    {
        Append(CompressionCodec.None, ("a", "1"));
        _log.Append(Batches.OfKeys(1000, CompressionCodec.None, 7, true, ("a", "open")));
        CloseSegment();
        Assert.Equal(1, _log.Compact().UpToOffset);
        Assert.Equal(3, Batches.ReadKeys(_log).Count);
        _log.Append(Batches.Marker(ControlRecordType.Commit, 7, 1000));
        CloseSegment();
        _log.Compact();
        Assert.Equal([1L, 2, 4], Batches.ReadKeys(_log).Select(r => r.Offset));
    }

    [Fact]
    public void Small_segments_become_one()
    {
        for (int i = 0; i < 5; i++)
        {
            Append(CompressionCodec.None, ($"k{i}", "v"));
            CloseSegment();
        }
        Assert.Equal(6, _log.Segments.Count);
        _log.Compact();
        Assert.Equal(2, _log.Segments.Count);
    }

    [Fact]
    public async Task A_log_truncated_within_a_compacted_segment_goes_on_and_recovers()
    {
        for (int i = 0; i < 20; i++) Append(CompressionCodec.None, ("a", $"{i}"), ($"b{i}", "x"));
        CloseSegment();
        _log.Compact();
        _log.TruncateTo(30);
        for (int i = 0; i < 100; i++) Append(CompressionCodec.None, ($"c{i}", "y"));
        await _log.FlushAsync();
        List<(long, string, string?)> before = Batches.ReadKeys(_log);
        _files = _files.AfterProcessKill();
        _store = DataDirectory.Open(_files, "/data");
        _log = Open();
        Assert.Equal(before, Batches.ReadKeys(_log));
    }

    [Fact]
    public void A_reader_goes_on_over_the_holes()
    {
        for (int i = 0; i < 30; i++) Append(CompressionCodec.None, ("a", $"{i}"));
        CloseSegment();
        _log.Compact();
        LogReadResult read = _log.Read(3, 1000);
        Assert.Equal(29, read.BaseOffset);
    }

    [Fact]
    public async Task A_crash_at_any_step_of_a_compaction_recovers_to_the_old_or_the_new()
    {
        for (int step = 1; ; step++)
        {
            _files = new FaultyFileSystem();
            _store = DataDirectory.Open(_files, "/data");
            _log = Open();
            for (int i = 0; i < 4; i++)
            {
                Append(CompressionCodec.None, ("a", $"{i}"), ($"b{i}", new string('x', 900)));
                Append(CompressionCodec.None, ("dead", i == 3 ? null : "alive"), ($"c{i}", new string('x', 900)));
            }
            CloseSegment();
            await _log.FlushAsync();
            List<(long Offset, string Key, string? Value)> before = Batches.ReadKeys(_log);
            _files.CrashAtStep = _files.Steps + step;
            bool isDone = true;
            try
            {
                _log.Compact();
            }
            catch (Exception error) when (error is SimulatedCrashException or BrokenStoreException)
            {
                isDone = false;
            }
            if (isDone) break;
            foreach (FaultyFileSystem files in (FaultyFileSystem[])[_files.AfterProcessKill(), _files.AfterPowerFailure(new Random(step))]) RecoverAndCompact(files, before);
            Assert.True(step < 200, "A compaction ends.");
        }
    }

    private static void RecoverAndCompact(FaultyFileSystem files, List<(long Offset, string Key, string? Value)> before)
    {
        using DataDirectory store = DataDirectory.Open(files, "/data");
        Log log = Log.Open(store, Directory, Options);
        List<(long Offset, string Key, string? Value)> after = Batches.ReadKeys(log);
        Assert.Subset(before.ToHashSet(), after.ToHashSet());
        Assert.Equal(before.GroupBy(r => r.Key).ToDictionary(g => g.Key, g => g.Last()), after.GroupBy(r => r.Key).ToDictionary(g => g.Key, g => g.Last()));
        log.Compact();
        Assert.Equal(log.Segments.Select(s => s.BaseOffset).Distinct().Count(), log.Segments.Count);
        Assert.DoesNotContain(files.EnumerateFiles(Directory), f => f.Name.EndsWith(".swap", StringComparison.Ordinal) || f.Name.EndsWith(".cleaned", StringComparison.Ordinal));
        Assert.Equal(before[^1].Offset + 1, log.Append(Batches.Of()).FirstOffset);
        log.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Append(CompressionCodec codec, params (string, string?)[] records) => _log.Append(Batches.OfKeys(1000, codec, records));

    private void CloseSegment()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        _log.Append(Batches.OfKeys(1000, CompressionCodec.None, ("z", "z")));
    }

    private Log Open() => Log.Open(_store, Directory, Options, _time);

    private async Task Reopen()
    {
        await _log.DisposeAsync();
        _store.Dispose();
        _store = DataDirectory.Open(_files, "/data");
        _log = Open();
    }
}
