using System.Buffers;
using MessagingModels.Formats.Records;

namespace MessagingModels.Storage;

/// <summary>
/// Decides batch by batch, from the start of the log on, what compaction keeps. As Kafka's cleaner does:
/// the last record of a key stays, a record without key goes, the records of an aborted transaction go, an undecided transaction is left alone;
/// a tombstone, and the marker of a transaction of which nothing is left, stay until the delete horizon that the first compaction sets
/// (KIP-534: attribute bit 6, with the horizon in place of the base timestamp); offsets never change; the last batch of a producer stays
/// at least as an empty batch, for its sequence number. For one thread.
/// </summary>
internal sealed class BatchCompaction(ProducerHistory history, LatestOffsets latest, long nowMs, TimeSpan deleteRetention)
{
    private readonly long _newHorizonMs = nowMs + (long)deleteRetention.TotalMilliseconds;
    private readonly HashSet<long> _transactionsWithRecords = [];
    private readonly RecordBatchBuilder _builder = new();
    private ArrayBufferWriter<byte>? _buffer;

    public long RemovedRecords { get; private set; }

    /// <summary>What takes the place of a batch: the batch itself, a smaller one (valid until the next call), or nothing.</summary>
    public ReadOnlyMemory<byte> Compact(ReadOnlyMemory<byte> bytes)
    {
        RecordBatchView batch = new(bytes.Span);
        if (batch.IsControl) return CompactMarker(bytes);
        if (history.IsUndecided(batch))
        {
            _transactionsWithRecords.Add(batch.ProducerId);
            return bytes;
        }
        if (history.IsAborted(batch)) return Nothing(batch);

        (int kept, bool needsHorizon) = Count(batch);
        if (kept > 0 && batch.IsTransactional) _transactionsWithRecords.Add(batch.ProducerId);
        if (kept == 0) return Nothing(batch);
        if (kept == batch.RecordCount && !needsHorizon) return bytes;
        RemovedRecords += batch.RecordCount - kept;
        return Rebuild(batch, needsHorizon);
    }

    private ReadOnlyMemory<byte> CompactMarker(ReadOnlyMemory<byte> bytes)
    {
        RecordBatchView batch = new(bytes.Span);
        if (_transactionsWithRecords.Remove(batch.ProducerId)) return bytes;
        if (batch.HasDeleteHorizon)
        {
            if (nowMs < batch.BaseTimestamp) return bytes;
            RemovedRecords += batch.RecordCount;
            return default;
        }
        _builder.Reset(_newHorizonMs);
        RecordReader records = new(LogSegment.RecordsOf(batch, ref _buffer), batch.RecordCount);
        while (records.MoveNext()) _builder.AppendCopy(batch.BaseTimestamp + records.Current.TimestampDelta, records.Current);
        return _builder.BuildReplacement(batch, hasDeleteHorizon: true);
    }

    private ReadOnlyMemory<byte> Nothing(RecordBatchView batch)
    {
        RemovedRecords += batch.RecordCount;
        if (!history.IsLastOfProducer(batch)) return default;
        _builder.Reset(batch.BaseTimestamp);
        return _builder.BuildReplacement(batch, hasDeleteHorizon: false);
    }

    private (int Kept, bool NeedsHorizon) Count(RecordBatchView batch)
    {
        int kept = 0;
        bool needsHorizon = false;
        RecordReader records = new(LogSegment.RecordsOf(batch, ref _buffer), batch.RecordCount);
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            if (!Stays(batch, record)) continue;
            kept++;
            needsHorizon |= !record.HasValue && !batch.HasDeleteHorizon;
        }
        return (kept, needsHorizon);
    }

    private Memory<byte> Rebuild(RecordBatchView batch, bool needsHorizon)
    {
        _builder.Reset(needsHorizon ? _newHorizonMs : batch.BaseTimestamp);
        RecordReader records = new(LogSegment.RecordsOf(batch, ref _buffer), batch.RecordCount);
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            if (Stays(batch, record)) _builder.AppendCopy(batch.BaseTimestamp + record.TimestampDelta, record);
        }
        return _builder.BuildReplacement(batch, needsHorizon || batch.HasDeleteHorizon);
    }

    private bool Stays(RecordBatchView batch, RecordView record)
    {
        if (!record.HasKey || latest.IsSuperseded(record.Key, batch.BaseOffset + record.OffsetDelta)) return false;
        return record.HasValue || !batch.HasDeleteHorizon || nowMs < batch.BaseTimestamp;
    }
}
