namespace MessagingModels.Kafka.Consuming;

/// <summary>
/// The partitions of a consumer and the records that were taken from the library and not handed out yet. Filled by the consumer's thread,
/// emptied by its caller. Thread-safe.
/// </summary>
internal sealed class ConsumedPartitions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, ConsumedPartition> _assigned = [];
    private readonly Queue<BufferedRecord> _buffer = new();
    private ConsumedPartition? _last;
    private int _buffered;

    /// <summary>How many records can be handed out.</summary>
    public int Buffered => Volatile.Read(ref _buffered);

    public TopicPartition[] Ids
    {
        get
        {
            lock (_gate)
                return [.. _assigned.Keys];
        }
    }

    public ConsumedPartition[] All
    {
        get
        {
            lock (_gate)
                return [.. _assigned.Values];
        }
    }

    /// <summary>A partition, or null where it is not assigned.</summary>
    public ConsumedPartition? Find(TopicPartition id)
    {
        lock (_gate)
            return _assigned.GetValueOrDefault(id);
    }

    /// <summary>A partition.</summary>
    /// <exception cref="InvalidOperationException">It is not assigned.</exception>
    public ConsumedPartition Get(TopicPartition id)
        => Find(id) ?? throw new InvalidOperationException($"Partition {id} is not assigned to this consumer.");

    public void Add(ConsumedPartition partition)
    {
        lock (_gate)
            _assigned[partition.Id] = partition;
    }

    /// <summary>Takes partitions away, with what is buffered of them.</summary>
    /// <returns>Those that were assigned.</returns>
    public TopicPartition[] Remove(IEnumerable<TopicPartition> ids)
    {
        List<TopicPartition> removed = [];
        lock (_gate)
        {
            foreach (TopicPartition id in ids)
            {
                if (!_assigned.Remove(id, out ConsumedPartition? partition))
                    continue;
                Drop(partition);
                removed.Add(id);
            }

            _last = null;
        }

        return [.. removed];
    }

    /// <summary>Forgets what is buffered and sets the next offset to hand out.</summary>
    public void SetPosition(ConsumedPartition partition, long position)
    {
        lock (_gate)
        {
            Drop(partition);
            partition.Position = position;
            partition.EndSeen = 0;
            partition.NeedsSeek = false;
        }
    }

    /// <summary>Forgets what is buffered; it is read again when the partition is resumed.</summary>
    public void Pause(ConsumedPartition partition)
    {
        lock (_gate)
        {
            partition.IsPaused = true;
            partition.NeedsSeek |= Drop(partition);
        }
    }

    /// <summary>Takes a record in.</summary>
    public void Buffer(Client.ConsumeResult<byte[]?, byte[]?> result)
    {
        lock (_gate)
        {
            if (FindLast(result.Topic, result.Partition.Value) is not { } partition || partition.Position == ConsumedPartition.NoPosition)
                return;
            if (partition.IsPaused)
            {
                partition.NeedsSeek = true;
                return;
            }

            _buffer.Enqueue(new BufferedRecord(partition, partition.Epoch, ToRecord(partition, result)));
            partition.Buffered++;
            Volatile.Write(ref _buffered, _buffered + 1);
        }
    }

    /// <summary>
    /// Notes the end of what can be read: where everything before it was handed out, it is the position. It lies past control records, and
    /// before a position that was out of range.
    /// </summary>
    public void ReachEnd(TopicPartition id, long offset)
    {
        lock (_gate)
        {
            if (!_assigned.TryGetValue(id, out ConsumedPartition? partition) || partition.Position == ConsumedPartition.NoPosition || partition.IsPaused)
                return;
            partition.EndSeen = offset;
            if (partition.Buffered == 0)
                partition.Position = offset;
        }
    }

    /// <summary>Hands a record out.</summary>
    public bool TryTake(out LogRecord record)
    {
        lock (_gate)
            return TryTakeNext(out record);
    }

    /// <summary>Hands records out until a list has as many as it may hold.</summary>
    public void Take(int maxRecords, List<LogRecord> records)
    {
        lock (_gate)
        {
            while (records.Count < maxRecords && TryTakeNext(out LogRecord record))
                records.Add(record);
        }
    }

    private bool TryTakeNext(out LogRecord record)
    {
        while (_buffer.TryDequeue(out BufferedRecord next))
        {
            ConsumedPartition partition = next.Partition;
            if (next.Epoch != partition.Epoch)
                continue;
            record = next.Record;
            partition.Buffered--;
            Volatile.Write(ref _buffered, _buffered - 1);
            partition.Position = record.Offset.Value + 1;
            if (partition.Buffered == 0)
                partition.Position = Math.Max(partition.Position, partition.EndSeen);
            return true;
        }

        record = default;
        return false;
    }

    private bool Drop(ConsumedPartition partition)
    {
        bool had = partition.Buffered > 0;
        Volatile.Write(ref _buffered, _buffered - partition.Buffered);
        partition.Buffered = 0;
        partition.Epoch++;
        return had;
    }

    private ConsumedPartition? FindLast(string topic, int number)
    {
        if (_last is { } last && last.Id.Partition == number && last.Id.Topic == topic)
            return last;
        return _last = _assigned.GetValueOrDefault(new TopicPartition(topic, number));
    }

    private static LogRecord ToRecord(ConsumedPartition partition, Client.ConsumeResult<byte[]?, byte[]?> result)
    {
        Client.Message<byte[]?, byte[]?> message = result.Message;
        RecordHeaders? headers = null;
        if (message.Headers is { Count: > 0 } sent)
        {
            headers = [];
            foreach (Client.IHeader header in sent)
                headers.Add(header.Key, ToMemory(header.GetValueBytes()));
        }

        return new LogRecord(
            partition.Id.Topic, partition.Id.Partition, new Offset(result.Offset.Value), message.Timestamp.UnixTimestampMs,
            ToMemory(message.Key), ToMemory(message.Value), headers);
    }

    private static ReadOnlyMemory<byte>? ToMemory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : bytes;

    private readonly record struct BufferedRecord(ConsumedPartition Partition, int Epoch, LogRecord Record);
}
