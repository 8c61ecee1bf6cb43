using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Queues;

/// <summary>The record batch that a queue's loop builds of the messages it took. Its buffers are used again.</summary>
internal sealed class MessageBatch(int sizeInBytes)
{
    private readonly RecordBatchBuilder _builder = new();
    private byte[] _key = new byte[256];

    public int Count => _builder.RecordCount;

    /// <summary>Whether it has its size.</summary>
    public bool IsFull => _builder.EstimatedSizeInBytes >= sizeInBytes;

    /// <summary>Adds a message, or the reference to its body where that is shared.</summary>
    public void Add(in Message message, bool isPersistent, long nowMs)
    {
        int keyBytes = QueueRecord.MaxKeyBytes(message);
        if (_key.Length < keyBytes)
            _key = new byte[keyBytes * 2];
        int length = QueueRecord.WriteKey(_key, message, isPersistent);
        if (message.Payload.IsNone)
        {
            _builder.Append(nowMs, _key.AsSpan(0, length), true, message.Body.Span, true);
            return;
        }

        Span<byte> reference = stackalloc byte[QueueRecord.PayloadReferenceBytes];
        QueueRecord.WritePayloadReference(reference, message);
        _builder.Append(nowMs, _key.AsSpan(0, length), true, reference, true);
    }

    /// <summary>Adds what a transaction removes, as the last record.</summary>
    public void AddRemovals(ReadOnlySpan<OffsetRange> removed, long nowMs)
    {
        byte[] value = new byte[OffsetRangeCodec.MaxBytes(removed.Length)];
        int length = OffsetRangeCodec.Write(value, removed);
        _builder.Append(nowMs, [(byte)QueueRecordFlags.Removals], true, value.AsSpan(0, length), true);
    }

    /// <summary>The batch; valid until the next call.</summary>
    public Span<byte> Build() => _builder.Build().Span;

    public void Reset() => _builder.Reset();
}
