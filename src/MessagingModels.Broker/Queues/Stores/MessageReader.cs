using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>Reads the messages of a queue's log one by one. Ascending offsets are read in passing; any other begins a new read of the log.
/// Used by one loop.</summary>
internal sealed class MessageReader(Log log, TailCache? tail, int readBytes)
{
    private RecordCursor _cursor = new(default);
    private StoredMessage _last;
    private long _lastOffset = -1;

    /// <exception cref="StorageException">The log does not hold the offset, or is damaged.</exception>
    public StoredMessage Read(long offset)
    {
        if (offset == _lastOffset)
            return _last;
        _last = ReadOther(offset);
        _lastOffset = offset;
        return _last;
    }

    /// <summary>Lets go of the memory.</summary>
    public void Release()
    {
        _cursor = new RecordCursor(default);
        _last = default;
        _lastOffset = -1;
    }

    private StoredMessage ReadOther(long offset)
    {
        if (offset >= _cursor.NextOffset && _cursor.TryRead(offset, out StoredMessage message))
            return message;
        ReadOnlyMemory<byte> batches = tail is null ? default : tail.Read(offset);
        if (batches.IsEmpty)
            batches = log.Read(offset, readBytes).Batches;
        _cursor = new RecordCursor(batches);
        return _cursor.TryRead(offset, out message)
            ? message
            : throw new StorageException($"The message at offset {offset} is not in '{log.Directory}'.");
    }
}
