using System.Buffers;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

[Collection(AloneCollection.Name)]
public sealed class AllocationTests
{
    private const int Rounds = 200;
    private const int RecordsPerBatch = 50;
    private static readonly RecordHeaderData[] Headers = [new("content-type", new byte[] { 1, 2, 3 })];

    [Fact]
    public void Building_and_reading_batches_allocates_nothing()
    {
        var builder = new RecordBatchBuilder();
        Assert.Equal(0, AllocatedBy(() => ReadAll(Build(builder, CompressionCodec.None).Span)));
    }

    [Theory]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Compressing_and_decompressing_allocates_nothing_per_batch(CompressionCodec codec)
    {
        var builder = new RecordBatchBuilder();
        var section = new ArrayBufferWriter<byte>();
        Assert.Equal(0, AllocatedBy(() => ReadCompressed(Build(builder, codec).Span, section)));
    }

    [Theory]
    [InlineData(CompressionCodec.Snappy, 200)]
    [InlineData(CompressionCodec.Gzip, 1000)]
    public void What_the_libraries_of_other_codecs_allocate_per_batch_is_little(CompressionCodec codec, int mostBytes)
    {
        var builder = new RecordBatchBuilder();
        var section = new ArrayBufferWriter<byte>();
        long allocated = AllocatedBy(() => ReadCompressed(Build(builder, codec).Span, section));
        Assert.InRange(allocated / Rounds, 0, mostBytes);
    }

    [Fact]
    public void Markers_and_edits_allocate_nothing()
    {
        byte[] batch = Build(new RecordBatchBuilder(), CompressionCodec.None).ToArray();
        byte[] marker = new byte[ControlRecord.MarkerSizeInBytes];
        Assert.Equal(0, AllocatedBy(() =>
        {
            RecordBatchEditor.SetBaseOffset(batch, 5);
            RecordBatchEditor.SetLogAppendTime(batch, 6);
            ControlRecord.WriteMarker(marker, ControlRecordType.Commit, 1, 2, 3, 4);
            ControlRecord.TryRead(new RecordBatchView(marker), out _);
            _ = new RecordBatchView(batch).Validate();
        }));
    }

    private static long AllocatedBy(Action action)
    {
        for (int i = 0; i < 20; i++)
            action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
            action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static Memory<byte> Build(RecordBatchBuilder builder, CompressionCodec codec)
    {
        builder.Reset();
        for (int i = 0; i < RecordsPerBatch; i++)
            builder.Append(1000 + i, "some key"u8, true, "a value of some length, a value of some length"u8, true, Headers);
        return builder.Build(codec, producerId: 3, producerEpoch: 0, baseSequence: 0);
    }

    private static void ReadCompressed(ReadOnlySpan<byte> batch, ArrayBufferWriter<byte> section)
    {
        var view = new RecordBatchView(batch);
        section.ResetWrittenCount();
        RecordCompression.Decompress(view.Codec, view.RecordsSection, section, 1 << 20);
        ReadSection(section.WrittenSpan, view.RecordCount);
    }

    private static void ReadAll(ReadOnlySpan<byte> batch)
    {
        var view = new RecordBatchView(batch);
        Assert.True(view.ValidateProduced() == RecordBatchError.None);
        ReadSection(view.RecordsSection, view.RecordCount);
    }

    private static void ReadSection(ReadOnlySpan<byte> section, int count)
    {
        var reader = new RecordReader(section, count);
        int bytes = 0;
        while (reader.MoveNext())
        {
            bytes += reader.Current.Value.Length;
            foreach (RecordHeaderView header in reader.Current.Headers)
                bytes += header.Value.Length;
        }

        Assert.True(bytes > 0);
    }
}
