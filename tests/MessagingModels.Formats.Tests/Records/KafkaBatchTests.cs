using System.Text;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

/// <summary>What a real Kafka wrote is read, and written again byte for byte where no compressor is in between.</summary>
public sealed class KafkaBatchTests
{
    private const long FirstTimestampMs = 1_700_000_000_000;

    public static TheoryData<string, CompressionCodec> SmallFiles => new()
    {
        { "none.bin", CompressionCodec.None },
        { "gzip.bin", CompressionCodec.Gzip },
        { "snappy.bin", CompressionCodec.Snappy },
        { "lz4.bin", CompressionCodec.Lz4 },
        { "zstd.bin", CompressionCodec.Zstd },
    };

    [Theory]
    [MemberData(nameof(SmallFiles))]
    public void Records_of_every_codec_are_read_as_they_were_produced(string file, CompressionCodec codec)
    {
        byte[] batch = Assert.Single(GoldenFile.ReadBatches(file));

        var view = new RecordBatchView(batch);
        Assert.Equal(RecordBatchError.None, view.Validate());
        Assert.Equal(RecordBatchError.None, view.ValidateProduced());
        Assert.Equal(codec, view.Codec);
        Assert.Equal(TimestampType.CreateTime, view.TimestampType);
        Assert.Equal(codec != CompressionCodec.None, view.HasProducerId);
        Assert.Equal(FirstTimestampMs, view.BaseTimestamp);
        Assert.Equal(FirstTimestampMs + 11_000, view.MaxTimestamp);
        Assert.Equal(ProducedRecords(), DecodedRecord.ReadAll(batch));
    }

    [Theory]
    [InlineData("gzip-many-blocks.bin")]
    [InlineData("snappy-many-blocks.bin")]
    [InlineData("lz4-many-blocks.bin")]
    [InlineData("zstd-many-blocks.bin")]
    public void Batches_of_several_compressed_blocks_are_read(string file)
    {
        var keys = new List<string?>();
        foreach (byte[] batch in GoldenFile.ReadBatches(file))
        {
            Assert.Equal(RecordBatchError.None, new RecordBatchView(batch).Validate());
            keys.AddRange(DecodedRecord.ReadAll(batch).Select(record => record.Key));
        }

        Assert.Equal(Enumerable.Range(0, 24).Select(i => $"k{i}"), keys);
    }

    [Fact]
    public void The_builder_writes_the_bytes_that_kafkas_producer_wrote()
    {
        byte[] golden = Assert.Single(GoldenFile.ReadBatches("none.bin"));
        var builder = new RecordBatchBuilder();
        foreach (DecodedRecord record in ProducedRecords())
            AppendTo(builder, record);

        byte[] built = builder.Build().ToArray();
        RecordBatchEditor.SetPartitionLeaderEpoch(built, 0);

        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(built));
    }

    [Fact]
    public void Setting_the_append_time_gives_the_bytes_that_kafkas_broker_wrote()
    {
        byte[] golden = Assert.Single(GoldenFile.ReadBatches("log-append-time.bin"));
        var view = new RecordBatchView(golden);
        var builder = new RecordBatchBuilder();
        foreach (DecodedRecord record in ProducedRecords())
            AppendTo(builder, record);

        byte[] built = builder.Build(producerId: view.ProducerId, producerEpoch: view.ProducerEpoch, baseSequence: 0).ToArray();
        RecordBatchEditor.SetPartitionLeaderEpoch(built, 0);
        RecordBatchEditor.SetLogAppendTime(built, view.MaxTimestamp);

        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(built));
        Assert.All(DecodedRecord.ReadAll(built), record => Assert.Equal(new RecordBatchView(golden).MaxTimestamp, record.TimestampMs));
    }

    [Fact]
    public void Transactions_and_their_markers_are_read_and_written_alike()
    {
        IReadOnlyList<byte[]> batches = GoldenFile.ReadBatches("transactions.bin");

        Assert.Equal(4, batches.Count);
        Assert.All(batches, batch => Assert.True(new RecordBatchView(batch).IsTransactional));
        Assert.False(ControlRecord.TryRead(new RecordBatchView(batches[0]), out _));
        AssertMarker(batches[1], ControlRecordType.Commit, baseOffset: 12);
        AssertMarker(batches[3], ControlRecordType.Abort, baseOffset: 25);
    }

    private static void AssertMarker(byte[] golden, ControlRecordType expected, long baseOffset)
    {
        var view = new RecordBatchView(golden);
        Assert.Equal(RecordBatchError.UnexpectedControlBatch, Rebased(golden).ValidateProduced());
        Assert.True(ControlRecord.TryRead(view, out ControlRecordType type, out int coordinatorEpoch));
        Assert.Equal(expected, type);
        Assert.Equal(baseOffset, view.BaseOffset);

        byte[] written = new byte[ControlRecord.MarkerSizeInBytes];
        ControlRecord.WriteMarker(written, type, view.ProducerId, view.ProducerEpoch, coordinatorEpoch, view.MaxTimestamp);
        RecordBatchEditor.SetBaseOffset(written, view.BaseOffset);
        RecordBatchEditor.SetPartitionLeaderEpoch(written, view.PartitionLeaderEpoch);
        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(written));
    }

    private static RecordBatchView Rebased(byte[] batch)
    {
        byte[] copy = [.. batch];
        RecordBatchEditor.SetBaseOffset(copy, 0);
        return new RecordBatchView(copy);
    }

    /// <summary>The records of GoldenBatches.java.</summary>
    private static List<DecodedRecord> ProducedRecords()
    {
        var records = new List<DecodedRecord>();
        for (int i = 0; i < 12; i++)
        {
            string headers = (i % 3) switch
            {
                0 => "",
                1 => $"header-0=v{i};",
                _ => $"header-0=v{i};header-1=null;",
            };
            records.Add(new DecodedRecord(
                i,
                FirstTimestampMs + (i * 1000) - (i == 5 ? 3_000_000 : 0),
                i % 4 == 0 ? null : $"key-{i}",
                i % 5 == 4 ? null : string.Concat(Enumerable.Repeat($"value {i} ", i * 3)),
                headers));
        }

        return records;
    }

    private static void AppendTo(RecordBatchBuilder builder, DecodedRecord record)
    {
        RecordHeaderData[] headers = [.. record.Headers
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(header => header.Split('='))
            .Select(parts => new RecordHeaderData(
                parts[0], parts[1] == "null" ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(parts[1])))];
        builder.Append(
            record.TimestampMs, Encoding.UTF8.GetBytes(record.Key ?? ""), record.Key is not null,
            Encoding.UTF8.GetBytes(record.Value ?? ""), record.Value is not null, headers);
    }
}
