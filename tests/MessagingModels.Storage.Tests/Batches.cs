using System.Text;
using MessagingModels.Formats.Records;

namespace MessagingModels.Storage.Tests;

/// <summary>Builds batches as a producer sends them, and reads stored ones.</summary>
internal static class Batches
{
    public static byte[] Of(int records = 1, int valueBytes = 20, long timestampMs = 1000, CompressionCodec codec = CompressionCodec.None)
    {
        RecordBatchBuilder builder = new();
        byte[] value = new byte[valueBytes];
        for (int i = 0; i < records; i++)
        {
            for (int j = 0; j < value.Length; j++) value[j] = (byte)(j + i + 1);
            builder.Append(timestampMs + i, default, false, value, true);
        }
        return builder.Build(codec).ToArray();
    }

    public static byte[] OfKeys(long timestampMs, CompressionCodec codec, params (string Key, string? Value)[] records) =>
        OfKeys(timestampMs, codec, -1, false, records);

    public static byte[] OfKeys(
        long timestampMs, CompressionCodec codec, long producerId, bool isTransactional, params (string Key, string? Value)[] records)
    {
        RecordBatchBuilder builder = new();
        foreach ((string key, string? value) in records)
            builder.Append(timestampMs, Encoding.UTF8.GetBytes(key), true, value is null ? default : Encoding.UTF8.GetBytes(value), value is not null);
        return builder.Build(codec, producerId, producerEpoch: (short)(producerId < 0 ? -1 : 0), baseSequence: producerId < 0 ? -1 : 0, isTransactional).ToArray();
    }

    public static byte[] Marker(ControlRecordType type, long producerId, long timestampMs)
    {
        byte[] marker = new byte[ControlRecord.MarkerSizeInBytes];
        ControlRecord.WriteMarker(marker, type, producerId, 0, 0, timestampMs);
        return marker;
    }

    /// <summary>All stored batches of a log from an offset on, one array each.</summary>
    public static List<byte[]> ReadAll(Log log, int maxBytes = 1 << 20)
    {
        List<byte[]> batches = [];
        for (long offset = log.LogStartOffset; offset < log.NextOffset;)
        {
            LogReadResult read = log.Read(offset, maxBytes);
            for (int position = 0; position < read.Batches.Length;)
            {
                RecordBatchView batch = new(read.Batches.Span[position..]);
                batches.Add(read.Batches.Slice(position, batch.SizeInBytes).ToArray());
                position += batch.SizeInBytes;
            }
            Assert.True(read.NextOffset > offset, "A read below the end moves on.");
            offset = read.NextOffset;
        }
        return batches;
    }

    public static long[] BaseOffsets(Log log) => [.. ReadAll(log).Select(b => new RecordBatchView(b).BaseOffset)];

    /// <summary>Offset, key and value of every record that is not a transaction marker.</summary>
    public static List<(long Offset, string Key, string? Value)> ReadKeys(Log log)
    {
        List<(long, string, string?)> found = [];
        System.Buffers.ArrayBufferWriter<byte>? buffer = null;
        foreach (byte[] bytes in ReadAll(log))
        {
            RecordBatchView batch = new(bytes);
            Assert.Equal(RecordBatchError.None, batch.Validate());
            if (batch.IsControl) continue;
            RecordReader reader = new(LogSegment.RecordsOf(batch, ref buffer), batch.RecordCount);
            while (reader.MoveNext())
            {
                RecordView record = reader.Current;
                found.Add((batch.BaseOffset + record.OffsetDelta, Encoding.UTF8.GetString(record.Key), record.HasValue ? Encoding.UTF8.GetString(record.Value) : null));
            }
        }
        return found;
    }
}
