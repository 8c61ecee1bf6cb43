using System.Buffers.Binary;
using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Tests.Partitions;

public sealed class PartitionAppendTests : IAsyncLifetime
{
    private readonly TestPartitions _test = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Batches_get_consecutive_offsets_in_the_order_of_the_calls()
    {
        Partition partition = await _test.CreateAsync();
        Assert.Equal(0, (await AppendAsync(partition, TestBatches.Of(_test.NowMs, "a", "b"))).BaseOffset);
        Assert.Equal(2, (await AppendAsync(partition, TestBatches.Of(_test.NowMs, "c"))).BaseOffset);
        Assert.Equal([(0, null, "a"), (1, null, "b"), (2, null, "c")], TestBatches.Read(partition));
        Assert.Equal(3, partition.HighWatermark);
    }

    [Fact]
    public async Task Several_batches_of_one_request_are_appended_together()
    {
        Partition partition = await _test.CreateAsync();
        byte[] both = [.. TestBatches.Of(_test.NowMs, "a", "b"), .. TestBatches.Of(_test.NowMs, CompressionCodec.Lz4, (null, "c"))];
        Assert.Equal(0, (await AppendAsync(partition, both)).BaseOffset);
        Assert.Equal(["a", "b", "c"], TestBatches.ReadValues(partition));
    }

    [Fact]
    public async Task A_stored_batch_is_the_produced_one_but_for_offset_and_epoch()
    {
        Partition partition = await _test.CreateAsync();
        await AppendAsync(partition, TestBatches.Of(_test.NowMs, "first"));
        byte[] produced = TestBatches.Of(_test.NowMs, CompressionCodec.Zstd, ("k", "v"), (null, null));
        await AppendAsync(partition, [.. produced]);
        ReadOnlySpan<byte> stored = partition.Read(1, 1 << 20, IsolationLevel.ReadUncommitted).Batches.Span;
        Assert.Equal(1, BinaryPrimitives.ReadInt64BigEndian(stored));
        Assert.Equal(produced.AsSpan(16), stored[16..]);
    }

    public static TheoryData<string, int> Damages => new()
    {
        { "a byte of the records", (int)LogErrorCode.CorruptMessage },
        { "the end is missing", (int)LogErrorCode.CorruptMessage },
        { "no batch at all", (int)LogErrorCode.CorruptMessage },
        { "magic 1", (int)LogErrorCode.UnsupportedForMessageFormat },
        { "record count", (int)LogErrorCode.InvalidRecord },
        { "base offset", (int)LogErrorCode.InvalidRecord },
        { "control bit", (int)LogErrorCode.InvalidRecord },
        { "codec", (int)LogErrorCode.UnsupportedCompressionType },
        { "offset delta of a record", (int)LogErrorCode.InvalidRecord },
        { "compressed records", (int)LogErrorCode.CorruptMessage },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_batch_is_refused_and_nothing_is_appended(string damage, int code)
    {
        Partition partition = await _test.CreateAsync();
        LogException error = await Assert.ThrowsAsync<LogException>(async () => await AppendAsync(partition, Damaged(damage)));
        Assert.Equal((LogErrorCode)code, error.ErrorCode);
        Assert.Equal(0, partition.HighWatermark);
        Assert.Equal(0, (await AppendAsync(partition, TestBatches.Of(_test.NowMs, "good"))).BaseOffset);
    }

    [Fact]
    public async Task A_batch_above_max_message_bytes_is_refused_with_its_size()
    {
        Partition partition = await _test.CreateAsync("small", (TopicConfiguration.MaxMessageBytes, "100"));
        LogException error = await Assert.ThrowsAsync<LogException>(
            async () => await AppendAsync(partition, TestBatches.Of(_test.NowMs, new string('x', 100))));
        Assert.Equal(LogErrorCode.MessageTooLarge, error.ErrorCode);
        Assert.Contains("100", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_above_a_segment_is_refused()
    {
        Partition partition = await _test.CreateAsync("small", (TopicConfiguration.SegmentBytes, "100"));
        LogException error = await Assert.ThrowsAsync<LogException>(
            async () => await AppendAsync(partition, TestBatches.Of(_test.NowMs, new string('x', 100))));
        Assert.Equal(LogErrorCode.RecordListTooLarge, error.ErrorCode);
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    public async Task A_compacted_topic_refuses_records_without_key(CompressionCodec codec)
    {
        Partition partition = await _test.CreateAsync("table", (TopicConfiguration.CleanupPolicy, "compact"));
        LogException error = await Assert.ThrowsAsync<LogException>(
            async () => await AppendAsync(partition, TestBatches.Of(_test.NowMs, codec, ("k", "v"), (null, "v"))));
        Assert.Equal(LogErrorCode.InvalidRecord, error.ErrorCode);
        Assert.Contains("Record 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trusted_sender_s_records_without_key_are_refused_by_a_compacted_topic_too()
    {
        Partition partition = await _test.CreateAsync("table", (TopicConfiguration.CleanupPolicy, "compact,delete"));
        LogException error = await Assert.ThrowsAsync<LogException>(
            async () => await partition.AppendAsync(TestBatches.Of(_test.NowMs, "v"), Acks.All, BatchSource.Embedded));
        Assert.Equal(LogErrorCode.InvalidRecord, error.ErrorCode);
    }

    [Theory]
    [InlineData(-60_001, BatchSource.Client, true)]
    [InlineData(-60_001, BatchSource.Embedded, true)]
    [InlineData(-60_000, BatchSource.Client, false)]
    [InlineData(60_000, BatchSource.Embedded, false)]
    [InlineData(60_001, BatchSource.Client, true)]
    [InlineData(60_001, BatchSource.Embedded, true)]
    internal async Task Timestamps_outside_of_the_topic_s_bounds_are_refused(long deltaMs, BatchSource source, bool isRefused)
    {
        Partition partition = await _test.CreateAsync("timed",
            (TopicConfiguration.MessageTimestampBeforeMaxMs, "60000"), (TopicConfiguration.MessageTimestampAfterMaxMs, "60000"));
        Exception? error = await Record.ExceptionAsync(
            async () => await partition.AppendAsync(TestBatches.Of(_test.NowMs + deltaMs, "v"), Acks.All, source));
        Assert.Equal(isRefused ? LogErrorCode.InvalidTimestamp : null, (error as LogException)?.ErrorCode);
    }

    [Fact]
    public async Task Log_append_time_takes_the_place_of_the_sender_s_timestamps()
    {
        Partition partition = await _test.CreateAsync("timed", (TopicConfiguration.MessageTimestampType, "LogAppendTime"));
        PartitionAppendResult result = await AppendAsync(partition, TestBatches.Of(5, "v"));
        Assert.Equal(_test.NowMs, result.LogAppendTimeMs);
        RecordBatchView stored = new(partition.Read(0, 1 << 20, IsolationLevel.ReadUncommitted).Batches.Span);
        Assert.Equal(TimestampType.LogAppendTime, stored.TimestampType);
        Assert.Equal(_test.NowMs, stored.MaxTimestamp);
        Assert.True(stored.IsCrcValid);
    }

    [Theory]
    [InlineData("gzip", CompressionCodec.Gzip)]
    [InlineData("snappy", CompressionCodec.Snappy)]
    [InlineData("lz4", CompressionCodec.Lz4)]
    [InlineData("zstd", CompressionCodec.Zstd)]
    [InlineData("uncompressed", CompressionCodec.None)]
    [InlineData("producer", CompressionCodec.Snappy)]
    public async Task Batches_are_stored_with_the_topic_s_codec(string setting, CompressionCodec codec)
    {
        Partition partition = await _test.CreateAsync("packed", (TopicConfiguration.CompressionType, setting));
        RecordBatchBuilder builder = new();
        builder.Append(_test.NowMs, "k"u8, true, "v"u8, true, [new RecordHeaderData("h", "x"u8.ToArray())]);
        builder.Append(_test.NowMs + 1, default, false, default, false);
        await AppendAsync(partition, builder.Build(CompressionCodec.Snappy, 7, 3, 0).ToArray());
        RecordBatchView stored = new(partition.Read(0, 1 << 20, IsolationLevel.ReadUncommitted).Batches.Span);
        Assert.Equal(codec, stored.Codec);
        Assert.Equal((7L, (short)3, 0, 2), (stored.ProducerId, stored.ProducerEpoch, stored.BaseSequence, stored.RecordCount));
        Assert.Equal(_test.NowMs + 1, stored.MaxTimestamp);
        Assert.Equal([(0, "k", "v"), (1, null, null)], TestBatches.Read(partition));
    }

    [Fact]
    public async Task Unknown_acks_and_replicas_that_are_not_there_are_refused()
    {
        Partition partition = await _test.CreateAsync("safe", (TopicConfiguration.MinInSyncReplicas, "2"));
        byte[] batch = TestBatches.Of(_test.NowMs, "v");
        Assert.Equal(LogErrorCode.InvalidRequiredAcks, (await RefusedAsync((Acks)2)).ErrorCode);
        Assert.Equal(LogErrorCode.NotEnoughReplicas, (await RefusedAsync(Acks.All)).ErrorCode);
        Assert.Equal(0, (await partition.AppendAsync(batch, Acks.Leader)).BaseOffset);

        Task<LogException> RefusedAsync(Acks acks) => Assert.ThrowsAsync<LogException>(async () => await partition.AppendAsync(batch, acks));
    }

    [Fact]
    public async Task Reads_outside_of_the_partition_are_out_of_range_and_its_end_is_empty()
    {
        Partition partition = await _test.CreateAsync();
        await AppendAsync(partition, TestBatches.Of(_test.NowMs, "a", "b", "c"));
        Assert.Equal(2, await partition.DeleteRecordsAsync(2));
        Assert.Equal(LogErrorCode.OffsetOutOfRange, Read(1).ErrorCode);
        Assert.Equal(LogErrorCode.OffsetOutOfRange, Read(4).ErrorCode);
        Assert.True(partition.Read(3, 1000, IsolationLevel.ReadUncommitted).Batches.IsEmpty);
        Assert.Equal([(2, null, "c")], TestBatches.Read(partition));

        LogException Read(long offset) => Assert.Throws<LogException>(() => partition.Read(offset, 1000, IsolationLevel.ReadUncommitted));
    }

    [Fact]
    public async Task Records_cannot_be_deleted_above_the_high_watermark_and_null_deletes_all()
    {
        Partition partition = await _test.CreateAsync();
        await AppendAsync(partition, TestBatches.Of(_test.NowMs, "a", "b"));
        LogException error = await Assert.ThrowsAsync<LogException>(async () => await partition.DeleteRecordsAsync(3));
        Assert.Equal(LogErrorCode.OffsetOutOfRange, error.ErrorCode);
        Assert.Equal(2, await partition.DeleteRecordsAsync(null));
        Assert.Empty(TestBatches.Read(partition));
        Assert.Equal(2, (await AppendAsync(partition, TestBatches.Of(_test.NowMs, "c"))).BaseOffset);
    }

    [Fact]
    public async Task The_first_record_that_is_not_older_than_a_time_is_found()
    {
        Partition partition = await _test.CreateAsync();
        for (int i = 0; i < 5; i++) await AppendAsync(partition, TestBatches.Of(_test.NowMs - 1000 + (i * 100), "v"));
        Assert.Equal(0, partition.FindOffset(0)?.Offset);
        Assert.Equal(3, partition.FindOffset(_test.NowMs - 750)?.Offset);
        Assert.Null(partition.FindOffset(_test.NowMs));
        Assert.Equal(4, partition.FindMaxTimestamp()?.Offset);
    }

    private static async Task<PartitionAppendResult> AppendAsync(Partition partition, byte[] batches) => await partition.AppendAsync(batches, Acks.All);

    private byte[] Damaged(string damage)
    {
        byte[] batch = TestBatches.Of(_test.NowMs, damage == "compressed records" ? CompressionCodec.Gzip : CompressionCodec.None, ("key", "value"), ("k", "v"));
        switch (damage)
        {
            case "a byte of the records": batch[^3] ^= 1; return batch;
            case "the end is missing": return batch[..^1];
            case "no batch at all": return [];
            case "magic 1": batch[RecordBatchLayout.MagicPosition] = 1; return batch;
            case "record count": BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchLayout.RecordCountPosition), 3); break;
            case "base offset": batch[7] = 9; break;
            case "control bit": batch[RecordBatchLayout.AttributesPosition + 1] |= (byte)RecordBatchLayout.ControlMask; break;
            case "codec": batch[RecordBatchLayout.AttributesPosition + 1] |= 7; break;
            // Length, attributes, timestamp delta, then the first record's offset delta.
            case "offset delta of a record": batch[RecordBatchLayout.HeaderSizeInBytes + 3] = 2; break;
            case "compressed records": batch.AsSpan(RecordBatchLayout.HeaderSizeInBytes + 10).Fill(0xff); break;
        }
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(RecordBatchLayout.CrcPosition), new RecordBatchView(batch).ComputeCrc());
        return batch;
    }
}
