using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Tests.Partitions;

public sealed class PartitionProducerTests : IAsyncLifetime
{
    private const long Producer = 42;

    private readonly TestPartitions _test = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_repeated_batch_is_answered_with_its_first_offset_and_stored_once()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 0, 0, "a", "b");
        PartitionAppendResult repeated = await SendAsync(partition, 0, 0, "a", "b");
        Assert.True(repeated.IsDuplicate);
        Assert.Equal(0, repeated.BaseOffset);
        Assert.Equal(["a", "b"], TestBatches.ReadValues(partition));
    }

    [Fact]
    public async Task Each_of_the_last_five_batches_is_recognised_and_an_older_one_is_named_a_duplicate()
    {
        Partition partition = await _test.CreateAsync();
        for (int i = 0; i < 6; i++) await SendAsync(partition, 0, i, $"{i}");
        for (int i = 1; i < 6; i++) Assert.Equal(i, (await SendAsync(partition, 0, i, $"{i}")).BaseOffset);
        Assert.Equal(LogErrorCode.DuplicateSequenceNumber, await RefusedAsync(partition, 0, 0, "0"));
        Assert.Equal(6, partition.HighWatermark);
    }

    [Fact]
    public async Task A_gap_in_the_sequence_is_refused_and_the_next_number_still_accepted()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 0, 0, "a");
        Assert.Equal(LogErrorCode.OutOfOrderSequenceNumber, await RefusedAsync(partition, 0, 2, "c"));
        Assert.Equal(1, (await SendAsync(partition, 0, 1, "b")).BaseOffset);
    }

    [Fact]
    public async Task A_repetition_with_another_number_of_records_is_not_taken_for_the_same_batch()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 0, 0, "a", "b");
        Assert.NotEqual(LogErrorCode.None, await RefusedAsync(partition, 0, 0, "a"));
    }

    [Fact]
    public async Task A_producer_that_is_not_known_may_begin_anywhere()
    {
        Partition partition = await _test.CreateAsync();
        Assert.Equal(0, (await SendAsync(partition, 3, 17, "a")).BaseOffset);
        Assert.Equal(1, (await SendAsync(partition, 3, 18, "b")).BaseOffset);
    }

    [Fact]
    public async Task Sequences_go_on_at_0_after_the_greatest_number()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 0, int.MaxValue - 1, "a", "b");
        Assert.Equal(2, (await SendAsync(partition, 0, 0, "c")).BaseOffset);
        Assert.Equal(LogErrorCode.OutOfOrderSequenceNumber, await RefusedAsync(partition, 0, 2, "e"));
    }

    [Fact]
    public async Task A_batch_may_itself_pass_the_greatest_number()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 0, int.MaxValue, "a", "b", "c");
        Assert.True((await SendAsync(partition, 0, int.MaxValue, "a", "b", "c")).IsDuplicate);
        Assert.Equal(3, (await SendAsync(partition, 0, 2, "d")).BaseOffset);
    }

    [Fact]
    public async Task A_new_epoch_begins_at_0_and_fences_the_old_one()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 0, 0, "a");
        Assert.Equal(LogErrorCode.OutOfOrderSequenceNumber, await RefusedAsync(partition, 1, 1, "b"));
        Assert.Equal(1, (await SendAsync(partition, 1, 0, "b")).BaseOffset);
        Assert.Equal(LogErrorCode.InvalidProducerEpoch, await RefusedAsync(partition, 0, 1, "c"));
    }

    [Fact]
    public async Task A_producer_sends_one_batch_at_a_time()
    {
        Partition partition = await _test.CreateAsync();
        byte[] two = [.. Batch(0, 0, "a"), .. Batch(0, 1, "b")];
        LogException error = await Assert.ThrowsAsync<LogException>(async () => await partition.AppendAsync(two, Acks.All));
        Assert.Equal(LogErrorCode.InvalidRecord, error.ErrorCode);
        Assert.Equal(0, partition.HighWatermark);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Producers_are_known_after_a_restart(bool isClosed)
    {
        Partition partition = await _test.CreateAsync();
        for (int i = 0; i < 3; i++) await SendAsync(partition, 2, i, $"{i}");
        partition = await ReopenAsync(isClosed);
        Assert.True((await SendAsync(partition, 2, 1, "1")).IsDuplicate);
        Assert.Equal(LogErrorCode.InvalidProducerEpoch, await RefusedAsync(partition, 1, 0, "x"));
        Assert.Equal(LogErrorCode.OutOfOrderSequenceNumber, await RefusedAsync(partition, 2, 4, "x"));
        Assert.Equal(3, (await SendAsync(partition, 2, 3, "3")).BaseOffset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Producers_are_known_after_their_records_were_deleted_and_a_restart(bool isClosed)
    {
        Partition partition = await _test.CreateAsync("rolling", (TopicConfiguration.SegmentBytes, "200"));
        for (int i = 0; i < 9; i++) await SendAsync(partition, 0, i, $"{i}");
        await partition.DeleteRecordsAsync(null);
        partition = await ReopenAsync(isClosed, "rolling");
        Assert.Equal(LogErrorCode.OutOfOrderSequenceNumber, await RefusedAsync(partition, 0, 11, "x"));
        Assert.Equal(9, (await SendAsync(partition, 0, 9, "9")).BaseOffset);
    }

    [Fact]
    public async Task A_snapshot_of_records_that_a_crash_took_is_not_used()
    {
        Partition partition = await _test.CreateAsync();
        for (int i = 0; i < 3; i++) await SendAsync(partition, 0, i, $"{i}");
        string snapshot = Path.Combine(partition.Directory, ProducerSnapshot.FileName);
        await _test.ReopenAsync();
        byte[] late = Content(snapshot);
        await _test.Topics.DeleteAsync("orders");
        partition = await _test.CreateAsync();
        await SendAsync(partition, 0, 0, "a");
        Overwrite(snapshot, late);
        _test.ReopenAfterKill();
        partition = _test.Topics.Get(new TopicPartition("orders", 0));
        Assert.Equal(1, (await SendAsync(partition, 0, 1, "b")).BaseOffset);
        for (int i = 2; i < 5; i++) await SendAsync(partition, 0, i, $"{i}");
        _test.ReopenAfterKill();
        partition = _test.Topics.Get(new TopicPartition("orders", 0));
        Assert.Equal(5, (await SendAsync(partition, 0, 5, "f")).BaseOffset);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_made_good_from_the_log()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 0, 0, "a");
        string snapshot = Path.Combine(partition.Directory, ProducerSnapshot.FileName);
        await _test.Topics.DisposeAsync();
        Overwrite(snapshot, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        _test.ReopenAfterKill();
        partition = _test.Topics.Get(new TopicPartition("orders", 0));
        Assert.Null(partition.Error);
        Assert.True((await SendAsync(partition, 0, 0, "a")).IsDuplicate);
    }

    [Fact]
    public async Task A_producer_that_is_silent_for_a_day_is_forgotten()
    {
        Partition partition = await _test.CreateAsync();
        await SendAsync(partition, 0, 0, "a");
        _test.Time.Advance(Partition.ProducerExpiry - TimeSpan.FromSeconds(1));
        await partition.MaintainAsync();
        Assert.Equal(LogErrorCode.OutOfOrderSequenceNumber, await RefusedAsync(partition, 0, 5, "x"));
        _test.Time.Advance(TimeSpan.FromSeconds(2));
        await partition.MaintainAsync();
        Assert.Equal(1, (await SendAsync(partition, 0, 5, "x")).BaseOffset);
    }

    private async Task<Partition> ReopenAsync(bool isClosed, string topic = "orders")
    {
        if (isClosed) await _test.ReopenAsync();
        else _test.ReopenAfterKill();
        return _test.Topics.Get(new TopicPartition(topic, 0));
    }

    private async Task<PartitionAppendResult> SendAsync(Partition partition, short epoch, int sequence, params string[] values) =>
        await partition.AppendAsync(Batch(epoch, sequence, values), Acks.All);

    private async Task<LogErrorCode> RefusedAsync(Partition partition, short epoch, int sequence, params string[] values) =>
        (await Assert.ThrowsAsync<LogException>(async () => await SendAsync(partition, epoch, sequence, values))).ErrorCode;

    private byte[] Batch(short epoch, int sequence, params string[] values) =>
        TestBatches.OfProducer(_test.NowMs, Producer, epoch, sequence, transactional: false, values);

    private byte[] Content(string path)
    {
        using Storage.Files.IFile file = _test.Files.Open(path, Storage.Files.FileOpenMode.Existing);
        byte[] bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }

    private void Overwrite(string path, byte[] bytes)
    {
        using Storage.Files.IFile file = _test.Files.Open(path, Storage.Files.FileOpenMode.CreateEmpty);
        file.Write(0, bytes);
    }
}
