using System.Buffers;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

public sealed class RecordsValidatorTests
{
    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Whole_records_of_every_codec_pass(CompressionCodec codec)
    {
        byte[] batch = Batch(codec, keys: 3);
        ReadOnlyMemory<byte> records = RecordCompression.ReadRecords(batch, new ArrayBufferWriter<byte>(), 1000);

        Assert.Equal(RecordBatchError.None, RecordsValidator.Validate(records.Span, 3, requireKeys: true, out int index));
        Assert.Equal(-1, index);
    }

    [Fact]
    public void A_missing_key_is_named_with_its_record_where_keys_are_required()
    {
        ReadOnlySpan<byte> records = new RecordBatchView(Batch(CompressionCodec.None, keys: 2)).RecordsSection;

        Assert.Equal(RecordBatchError.None, RecordsValidator.Validate(records, 3, requireKeys: false, out _));
        Assert.Equal(RecordBatchError.MissingKey, RecordsValidator.Validate(records, 3, requireKeys: true, out int index));
        Assert.Equal(2, index);
    }

    [Fact]
    public void A_count_other_than_that_of_the_records_is_named()
    {
        ReadOnlySpan<byte> records = new RecordBatchView(Batch(CompressionCodec.None, keys: 3)).RecordsSection;

        Assert.Equal(RecordBatchError.BadRecord, RecordsValidator.Validate(records, 2, requireKeys: false, out int index));
        Assert.Equal(2, index);
        Assert.Equal(RecordBatchError.BadRecord, RecordsValidator.Validate(records, 4, requireKeys: false, out _));
    }

    [Fact]
    public void Offsets_that_are_not_consecutive_are_named()
    {
        byte[] records = new RecordBatchView(Batch(CompressionCodec.None, keys: 3)).RecordsSection.ToArray();
        int secondRecord = records.Length / 3;
        Assert.Equal(0x02, records[secondRecord + 3]);
        records[secondRecord + 3] = 0x04;

        Assert.Equal(RecordBatchError.BadRecord, RecordsValidator.Validate(records, 3, requireKeys: false, out int index));
        Assert.Equal(1, index);
    }

    private static byte[] Batch(CompressionCodec codec, int keys)
    {
        var builder = new RecordBatchBuilder();
        for (int i = 0; i < 3; i++)
            builder.Append(5, "k"u8, i < keys, "value"u8, true);
        return builder.Build(codec).ToArray();
    }
}
