using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Embedded.Log;

/// <summary>
/// The batches of a producer that are not in use. It keeps as many as its buffer memory holds, as Kafka's client does: a producer that
/// waits for the broker goes through all of them again and again. Thread-safe; asked once for a batch, not for a record.
/// </summary>
internal sealed class ProducerBatchPool(ProducerOptions options)
{
    private readonly Lock _gate = new();
    private readonly Stack<ProducerBatch> _free = new();
    private readonly long _most = Math.Max(1, options.BufferMemoryBytes / Math.Max(options.BatchSizeBytes, RecordBatchLayout.HeaderSizeInBytes));
    private readonly int _mostBytes = Math.Max(2 * options.BatchSizeBytes, RecordBatchLayout.HeaderSizeInBytes);

    public ProducerBatch Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out ProducerBatch? batch))
                return batch;
        }

        return new ProducerBatch();
    }

    /// <summary>Takes a batch back, unless a record larger than a batch has blown it up.</summary>
    public void Return(ProducerBatch batch)
    {
        if (batch.SizeInBytes > _mostBytes)
            return;
        lock (_gate)
        {
            if (_free.Count < _most)
                _free.Push(batch);
        }
    }
}
