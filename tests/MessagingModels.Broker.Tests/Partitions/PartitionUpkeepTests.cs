using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Tests.Partitions;

public sealed class PartitionUpkeepTests : IAsyncLifetime
{
    private readonly TestPartitions _test = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Records_older_than_the_retention_are_deleted_by_the_segment()
    {
        Partition partition = await _test.CreateAsync("t", ("retention.ms", "60000"), ("segment.bytes", "100"));
        for (int i = 0; i < 3; i++) await AppendAsync(partition, ($"{i}", "v"));
        _test.Time.Advance(TimeSpan.FromSeconds(50));
        await AppendAsync(partition, ("3", "v"));
        _test.Time.Advance(TimeSpan.FromSeconds(20));
        await partition.MaintainAsync();
        Assert.Equal(3, partition.LogStartOffset);
    }

    [Fact]
    public async Task An_idle_segment_is_rolled_by_age_and_deleted_whole_and_its_producers_stay_known()
    {
        Partition partition = await _test.CreateAsync("t", ("retention.ms", "60000"), ("segment.ms", "30000"));
        await partition.AppendAsync(TestBatches.OfProducer(_test.NowMs, 5, 0, 0, false, "a"), Acks.All);
        _test.Time.Advance(TimeSpan.FromSeconds(70));
        await partition.MaintainAsync();
        Assert.Equal(1, partition.LogStartOffset);
        _test.ReopenAfterKill();
        partition = _test.Topics.Get(new TopicPartition("t", 0));
        Assert.True((await partition.AppendAsync(TestBatches.OfProducer(_test.NowMs, 5, 0, 0, false, "a"), Acks.All)).IsDuplicate);
        Assert.Equal(1, (await partition.AppendAsync(TestBatches.OfProducer(_test.NowMs, 5, 0, 1, false, "b"), Acks.All)).BaseOffset);
    }

    [Fact]
    public async Task A_partition_above_its_size_loses_its_oldest_segments()
    {
        Partition partition = await _test.CreateAsync("t", ("retention.bytes", "300"), ("segment.bytes", "100"));
        for (int i = 0; i < 10; i++) await AppendAsync(partition, ($"{i}", "v"));
        await partition.MaintainAsync();
        Assert.True(partition.LogStartOffset > 0);
        Assert.InRange(partition.SizeInBytes, 300, 400);
    }

    [Fact]
    public async Task Compaction_keeps_the_last_value_of_a_key_at_its_offset()
    {
        Partition partition = await _test.CreateAsync("table", ("cleanup.policy", "compact"), ("segment.bytes", "200"), ("min.cleanable.dirty.ratio", "0.1"));
        for (int i = 0; i < 12; i++) await AppendAsync(partition, (i % 2 == 0 ? "even" : "odd", $"{i}"));
        _test.Time.Advance(TimeSpan.FromSeconds(1));
        await partition.MaintainAsync();
        List<(long Offset, string? Key, string? Value)> records = TestBatches.Read(partition);
        Assert.True(records.Count < 12);
        Assert.Equal(["10", "11"], records.TakeLast(2).Select(r => r.Value));
        Assert.All(records, r => Assert.Equal($"{r.Offset}", r.Value));
        Assert.Equal(12, (await AppendAsync(partition, ("even", "12"))).BaseOffset);
    }

    [Fact]
    public async Task A_topic_that_only_compacts_keeps_records_of_any_age()
    {
        Partition partition = await _test.CreateAsync("table", ("cleanup.policy", "compact"), ("segment.bytes", "100"), ("retention.ms", "1"));
        for (int i = 0; i < 4; i++) await AppendAsync(partition, ($"{i}", "v"));
        _test.Time.Advance(TimeSpan.FromDays(30));
        await partition.MaintainAsync();
        Assert.Equal(4, TestBatches.Read(partition).Count);
    }

    [Fact]
    public async Task Too_clean_a_partition_is_compacted_only_when_its_greatest_lag_is_over()
    {
        Partition partition = await _test.CreateAsync("table", ("cleanup.policy", "compact"), ("segment.bytes", "100"),
            ("min.cleanable.dirty.ratio", "1"), ("max.compaction.lag.ms", "60000"));
        for (int i = 0; i < 5; i++) await AppendAsync(partition, ("k", $"{i}"));
        await partition.MaintainAsync();
        Assert.Equal(5, TestBatches.Read(partition).Count);
        _test.Time.Advance(TimeSpan.FromSeconds(61));
        await partition.MaintainAsync();
        Assert.True(TestBatches.Read(partition).Count < 5);
    }

    [Fact]
    public async Task Records_younger_than_the_least_lag_are_not_compacted()
    {
        Partition partition = await _test.CreateAsync("table", ("cleanup.policy", "compact"), ("segment.bytes", "100"),
            ("min.cleanable.dirty.ratio", "0"), ("min.compaction.lag.ms", "60000"));
        for (int i = 0; i < 5; i++) await AppendAsync(partition, ("k", $"{i}"));
        _test.Time.Advance(TimeSpan.FromSeconds(30));
        await partition.MaintainAsync();
        Assert.Equal(5, TestBatches.Read(partition).Count);
        _test.Time.Advance(TimeSpan.FromSeconds(31));
        await partition.MaintainAsync();
        Assert.True(TestBatches.Read(partition).Count < 5);
    }

    [Fact]
    public async Task Compaction_stops_before_an_open_transaction_and_drops_what_was_aborted()
    {
        Partition partition = await _test.CreateAsync("table", ("cleanup.policy", "compact"), ("segment.bytes", "100"), ("min.cleanable.dirty.ratio", "0"));
        await AppendAsync(partition, ("k", "0"));
        await partition.AppendAsync(TestBatches.OfProducer(_test.NowMs, 1, 0, 0, transactional: true, "k"), Acks.All);
        await AppendAsync(partition, ("other", "1"));
        await partition.MaintainAsync();
        Assert.Contains(TestBatches.Read(partition), r => r.Value == "0");
        await partition.AppendMarkerAsync(1, 0, 0, commit: false);
        await AppendAsync(partition, ("other", "2"));
        await AppendAsync(partition, ("last", "3"));
        await partition.MaintainAsync();
        Assert.Equal(["0", "2", "3"], TestBatches.ReadValues(partition, IsolationLevel.ReadCommitted));
        Assert.DoesNotContain(TestBatches.Read(partition), r => r.Value == "k");
    }

    [Fact]
    public async Task A_pass_visits_every_partition_at_the_interval_and_a_failure_stops_none()
    {
        Partition one = await _test.CreateAsync("one", ("retention.ms", "1000"), ("segment.bytes", "100"));
        Partition two = await _test.CreateAsync("two", ("retention.ms", "1000"), ("segment.bytes", "100"));
        for (int i = 0; i < 3; i++)
        {
            await AppendAsync(one, ("k", "v"));
            await AppendAsync(two, ("k", "v"));
        }
        await using PartitionUpkeep upkeep = new(_test.Topics, _test.Context);
        _test.Time.Advance(_test.Context.Options.RetentionCheckInterval);
        using CancellationTokenSource bound = new(TimeSpan.FromSeconds(20));
        while (two.LogStartOffset == 0 || one.LogStartOffset == 0)
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        await upkeep.RunOnceAsync();
        Assert.Equal((3, 3), (one.LogStartOffset, two.LogStartOffset));
    }

    private async Task<PartitionAppendResult> AppendAsync(Partition partition, params (string? Key, string? Value)[] records) =>
        await partition.AppendAsync(TestBatches.Of(_test.NowMs, CompressionCodec.None, records), Acks.All);
}
