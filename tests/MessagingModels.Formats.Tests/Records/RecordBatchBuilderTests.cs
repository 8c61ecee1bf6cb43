using System.Buffers;
using System.Text;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

public sealed class RecordBatchBuilderTests
{
    private static readonly CompressionCodec[] AllCodecs = Enum.GetValues<CompressionCodec>();

    [Fact]
    public void A_batch_of_one_record_has_the_documented_bytes()
    {
        var builder = new RecordBatchBuilder();
        builder.Append(1000, "k"u8, true, "v"u8, true, [new RecordHeaderData("h", new byte[] { 7 })]);

        byte[] batch = builder.Build(producerId: 5, producerEpoch: 1, baseSequence: 9, isTransactional: true).ToArray();

        string expected =
            "0000000000000000" // base offset
            + "0000003E" // length: 49 bytes of header, 13 of record
            + "FFFFFFFF" // leader epoch
            + "02" // magic
            + Convert.ToHexString(batch, 17, 4)
            + "0010" // attributes: transactional
            + "00000000" // last offset delta
            + "00000000000003E8" + "00000000000003E8" // base and maximum timestamp
            + "0000000000000005" + "0001" + "00000009" // producer
            + "00000001" // records
            + "18" + "00" + "00" + "00" + "026B" + "0276" + "02" + "0268" + "0207";
        Assert.Equal(expected, Convert.ToHexString(batch));
        Assert.Equal(RecordBatchError.None, new RecordBatchView(batch).ValidateProduced());
    }

    [Fact]
    public void The_size_is_exact_while_records_are_appended()
    {
        var builder = new RecordBatchBuilder(0);
        for (int i = 0; i < 300; i++)
        {
            builder.Append(i * 100_000L, [], false, new byte[i], true, [new RecordHeaderData("hé", null)]);
            Assert.Equal(builder.Build().Length, builder.EstimatedSizeInBytes);
        }
    }

    [Fact]
    public void Every_codec_gives_back_what_was_appended()
    {
        var builder = new RecordBatchBuilder();
        foreach (CompressionCodec codec in AllCodecs)
        {
            builder.Reset();
            for (int i = 0; i < 1000; i++)
                builder.Append(50 + i, Encoding.UTF8.GetBytes($"key-{i}"), i % 2 == 0, Encoding.UTF8.GetBytes($"value-{i}"), i % 3 == 0);

            IReadOnlyList<DecodedRecord> records = DecodedRecord.ReadAll(builder.Build(codec).ToArray());

            Assert.Equal(1000, records.Count);
            for (int i = 0; i < 1000; i++)
            {
                Assert.Equal(50 + i, records[i].TimestampMs);
                Assert.Equal(i, records[i].Offset);
                Assert.Equal(i % 2 == 0 ? $"key-{i}" : null, records[i].Key);
                Assert.Equal(i % 3 == 0 ? $"value-{i}" : null, records[i].Value);
            }
        }
    }

    [Fact]
    public void A_replacement_keeps_offsets_producer_and_the_offsets_it_covers()
    {
        var builder = new RecordBatchBuilder();
        for (int i = 0; i < 5; i++)
            builder.Append(100 + i, [(byte)i], true, [(byte)i], true);
        byte[] original = builder.Build(CompressionCodec.None, 7, 2, 40).ToArray();
        RecordBatchEditor.SetBaseOffset(original, 1000);
        RecordBatchEditor.SetPartitionLeaderEpoch(original, 3);

        builder.Reset(100);
        var view = new RecordBatchView(original);
        var reader = new RecordReader(view.RecordsSection, view.RecordCount);
        while (reader.MoveNext())
        {
            if (reader.Current.OffsetDelta is 1 or 3)
                builder.AppendCopy(view.BaseTimestamp + reader.Current.TimestampDelta, reader.Current);
        }

        byte[] replaced = builder.BuildReplacement(view, hasDeleteHorizon: false).ToArray();
        var after = new RecordBatchView(replaced);

        Assert.Equal(RecordBatchError.None, after.Validate());
        Assert.Equal(1000, after.BaseOffset);
        Assert.Equal(1004, after.LastOffset);
        Assert.Equal(3, after.PartitionLeaderEpoch);
        Assert.Equal(7, after.ProducerId);
        Assert.Equal(44, after.LastSequence);
        Assert.Equal(103, after.MaxTimestamp);
        Assert.Equal([1001L, 1003L], DecodedRecord.ReadAll(replaced).Select(record => record.Offset));
    }

    [Fact]
    public void A_replacement_can_carry_a_delete_horizon_as_its_base_timestamp()
    {
        var builder = new RecordBatchBuilder();
        builder.Append(100, "k"u8, true, [], false);
        byte[] original = builder.Build(CompressionCodec.Lz4).ToArray();
        var view = new RecordBatchView(original);
        ReadOnlyMemory<byte> records = RecordCompression.ReadRecords(original, new ArrayBufferWriter<byte>(), 1000);
        var reader = new RecordReader(records.Span, 1);
        reader.MoveNext();

        builder.Reset(5000);
        builder.AppendCopy(100, reader.Current);
        byte[] replaced = builder.BuildReplacement(view, hasDeleteHorizon: true).ToArray();

        var after = new RecordBatchView(replaced);
        Assert.Equal(RecordBatchError.None, after.Validate());
        Assert.True(after.HasDeleteHorizon);
        Assert.Equal(5000, after.BaseTimestamp);
        Assert.Equal(100, Assert.Single(DecodedRecord.ReadAll(replaced)).TimestampMs);
    }

    [Fact]
    public void A_replacement_without_records_still_covers_its_offsets()
    {
        var builder = new RecordBatchBuilder();
        builder.Append(100, [], false, [], false);
        builder.Append(101, [], false, [], false);
        foreach (CompressionCodec codec in AllCodecs)
        {
            byte[] original = builder.Build(codec, 7, 2, 40).ToArray();
            byte[] replaced = new RecordBatchBuilder().BuildReplacement(new RecordBatchView(original), hasDeleteHorizon: false).ToArray();

            var after = new RecordBatchView(replaced);
            Assert.Equal(RecordBatchError.None, after.Validate());
            Assert.Equal(1, after.LastOffset);
            Assert.Equal(41, after.LastSequence);
            Assert.Empty(DecodedRecord.ReadAll(replaced));
        }
    }

    [Fact]
    public void A_batch_without_records_is_not_built() =>
        Assert.Throws<InvalidOperationException>(() => new RecordBatchBuilder().Build());

    [Fact]
    public void Offsets_of_copied_records_must_ascend()
    {
        var builder = new RecordBatchBuilder();
        builder.Append(0, [], false, [], true);
        byte[] batch = builder.Build().ToArray();
        var view = new RecordBatchView(batch);
        var reader = new RecordReader(view.RecordsSection, 1);
        reader.MoveNext();
        bool refused = false;
        try
        {
            builder.AppendCopy(0, reader.Current);
        }
        catch (ArgumentException)
        {
            refused = true;
        }

        Assert.True(refused);
    }
}
