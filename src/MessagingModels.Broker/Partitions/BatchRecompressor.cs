using System.Buffers;
using System.Collections.Concurrent;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Partitions;

/// <summary>Working memory to decompress a batch and to build it again with another codec. Rented by one caller at a time.</summary>
internal sealed class BatchRecompressor
{
    private const int MaxPooled = 8;
    private const int MaxKeptBytes = 4 * 1024 * 1024;

    private static readonly ConcurrentBag<BatchRecompressor> _pool = [];

    private readonly RecordBatchBuilder _builder = new();
    private readonly ArrayBufferWriter<byte> _output = new();

    private BatchRecompressor()
    {
    }

    /// <summary>Where a records section is decompressed to.</summary>
    public ArrayBufferWriter<byte> Decompressed { get; } = new();

    public static BatchRecompressor Rent() => _pool.TryTake(out BatchRecompressor? idle) ? idle : new BatchRecompressor();

    /// <summary>Gives the working memory back; what it handed out is no longer valid.</summary>
    public void Return()
    {
        if (_pool.Count < MaxPooled && Decompressed.Capacity <= MaxKeptBytes) _pool.Add(this);
    }

    /// <summary>Builds valid batches again with a codec; valid until <see cref="Return"/>.</summary>
    public Memory<byte> Recompress(Memory<byte> batches, CompressionCodec codec)
    {
        _output.ResetWrittenCount();
        for (int position = 0; position < batches.Length;)
        {
            RecordBatchView batch = new(batches.Span[position..]);
            int size = batch.SizeInBytes;
            if (batch.Codec == codec) _output.Write(batches.Span.Slice(position, size));
            else _output.Write(Rebuild(batch, codec).Span);
            position += size;
        }
        // The writer's array belongs to this object, which the caller has to itself.
        return System.Runtime.InteropServices.MemoryMarshal.AsMemory(_output.WrittenMemory);
    }

    private Memory<byte> Rebuild(RecordBatchView batch, CompressionCodec codec)
    {
        _builder.Reset(batch.BaseTimestamp);
        RecordReader reader = new(BatchValidator.Decompress(batch, Decompressed), batch.RecordCount);
        while (reader.MoveNext()) _builder.AppendCopy(batch.BaseTimestamp + reader.Current.TimestampDelta, reader.Current);
        return _builder.Build(codec, batch.ProducerId, batch.ProducerEpoch, batch.BaseSequence, batch.IsTransactional);
    }
}
