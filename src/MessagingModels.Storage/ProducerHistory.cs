using MessagingModels.Formats.Records;

namespace MessagingModels.Storage;

/// <summary>What the batches of a log say about producers, gathered in one pass from its start: which transactions were aborted, which are undecided, and each producer's last data batch.</summary>
internal sealed class ProducerHistory
{
    private readonly Dictionary<long, List<(long First, long Last)>> _aborted = [];
    private readonly Dictionary<long, long> _open = [];
    private readonly Dictionary<long, long> _lastDataOffsets = [];

    /// <summary>The first offset of a transaction whose marker has not been seen, or the greatest number.</summary>
    public long FirstUndecidedOffset => _open.Count == 0 ? long.MaxValue : _open.Values.Min();

    public void Add(RecordBatchView batch)
    {
        long producer = batch.ProducerId;
        if (batch.IsControl)
        {
            if (!ControlRecord.TryRead(batch, out ControlRecordType type) || !_open.Remove(producer, out long first)) return;
            if (type != ControlRecordType.Abort) return;
            if (!_aborted.TryGetValue(producer, out List<(long, long)>? spans)) _aborted[producer] = spans = [];
            spans.Add((first, batch.LastOffset));
            return;
        }
        if (!batch.HasProducerId) return;
        _lastDataOffsets[producer] = batch.LastOffset;
        if (batch.IsTransactional) _open.TryAdd(producer, batch.BaseOffset);
    }

    public bool IsAborted(RecordBatchView batch)
    {
        if (!batch.IsTransactional || !_aborted.TryGetValue(batch.ProducerId, out List<(long First, long Last)>? spans)) return false;
        foreach ((long first, long last) in spans)
        {
            if (batch.BaseOffset >= first && batch.LastOffset <= last) return true;
        }
        return false;
    }

    public bool IsUndecided(RecordBatchView batch) =>
        batch.IsTransactional && !batch.IsControl && _open.TryGetValue(batch.ProducerId, out long first) && batch.BaseOffset >= first;

    /// <summary>Whether the batch carries the producer's last sequence number, which must outlive its records.</summary>
    public bool IsLastOfProducer(RecordBatchView batch) =>
        batch.HasProducerId && !batch.IsControl && _lastDataOffsets.TryGetValue(batch.ProducerId, out long last) && batch.LastOffset == last;
}
