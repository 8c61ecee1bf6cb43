using System.Buffers;
using System.Text;
using MessagingModels.Formats.Records;

namespace MessagingModels.Formats.Tests.Records;

/// <summary>A record copied out of a batch, for comparison.</summary>
internal sealed record DecodedRecord(long Offset, long TimestampMs, string? Key, string? Value, string Headers)
{
    public static IReadOnlyList<DecodedRecord> ReadAll(byte[] batch, int maxSizeInBytes = 1 << 20)
    {
        var view = new RecordBatchView(batch);
        var section = new ArrayBufferWriter<byte>();
        RecordCompression.Decompress(view.Codec, view.RecordsSection, section, maxSizeInBytes);

        var records = new List<DecodedRecord>();
        var reader = new RecordReader(section.WrittenSpan, view.RecordCount);
        while (reader.MoveNext())
        {
            RecordView record = reader.Current;
            var headers = new StringBuilder();
            foreach (RecordHeaderView header in record.Headers)
                headers.Append(header.Key).Append('=').Append(header.HasValue ? Encoding.UTF8.GetString(header.Value) : "null").Append(';');
            records.Add(new DecodedRecord(
                view.BaseOffset + record.OffsetDelta,
                view.TimestampType == TimestampType.LogAppendTime ? view.MaxTimestamp : view.BaseTimestamp + record.TimestampDelta,
                record.HasKey ? Encoding.UTF8.GetString(record.Key) : null,
                record.HasValue ? Encoding.UTF8.GetString(record.Value) : null,
                headers.ToString()));
        }

        return records;
    }
}
