using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Embedded.Log;

/// <summary>
/// Records of one partition that are sent together, and who waits for them. Belongs to its partition's batcher: filled under the batcher's
/// lock until it is sealed, then sent and completed by the batcher's drain, then used again.
/// </summary>
internal sealed class ProducerBatch
{
    private readonly RecordBatchBuilder _builder = new();
    private readonly List<Waiter> _waiters = [];
    private RecordHeaderData[] _headers = [];

    public int RecordCount => _builder.RecordCount;

    public int SizeInBytes => _builder.EstimatedSizeInBytes;

    /// <summary>What was taken from the producer's buffer memory for the records.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>The batch's number in its partition: a flush waits for a number.</summary>
    public long Number { get; private set; }

    /// <summary>The append that waits for durability.</summary>
    public Task<PartitionAppendResult>? Append { get; set; }

    public PartitionAppendResult Result { get; set; }

    public LogException? Error { get; set; }

    public void Begin(long number, long timestampMs)
    {
        _builder.Reset(timestampMs);
        _waiters.Clear();
        ReservedBytes = 0;
        Number = number;
        Append = null;
        Result = default;
        Error = null;
    }

    /// <param name="record">The record; copied.</param>
    /// <param name="timestampMs">Its time.</param>
    /// <param name="reservedBytes">What was reserved for it.</param>
    /// <param name="waiter">A <see cref="ProduceCompletion"/>, an <see cref="Action{DeliveryReport}"/>, or null where nobody asks for this record.</param>
    public void Add(in ProducerRecord record, long timestampMs, int reservedBytes, object? waiter)
    {
        ReservedBytes += reservedBytes;
        if (waiter is not null)
            _waiters.Add(new Waiter(waiter, _builder.RecordCount, timestampMs));
        ReadOnlySpan<byte> key = record.Key.GetValueOrDefault().Span, value = record.Value.GetValueOrDefault().Span;
        if (record.Headers is not { Count: > 0 } headers)
        {
            _builder.Append(timestampMs, key, record.Key.HasValue, value, record.Value.HasValue);
            return;
        }

        if (_headers.Length < headers.Count)
            _headers = new RecordHeaderData[headers.Count];
        for (int i = 0; i < headers.Count; i++)
            _headers[i] = new RecordHeaderData(headers[i].Key, headers[i].Value);
        _builder.Append(timestampMs, key, record.Key.HasValue, value, record.Value.HasValue, _headers.AsSpan(0, headers.Count));
    }

    public Memory<byte> Build(CompressionCodec codec, ProducerStamp stamp, int baseSequence) => stamp.ProducerId < 0
        ? _builder.Build(codec)
        : _builder.Build(codec, stamp.ProducerId, stamp.Epoch, baseSequence, stamp.IsTransactional);

    /// <summary>Tells everybody who waits. Called once, by the drain.</summary>
    public void Complete(TopicPartition partition, Acks acks)
    {
        foreach (Waiter waiter in _waiters)
        {
            RecordPosition position = Error is null ? PositionOf(partition, waiter, acks) : default;
            if (waiter.Target is ProduceCompletion completion)
                completion.Complete(position, Error);
            else
                ((Action<DeliveryReport>)waiter.Target)(new DeliveryReport(position, Error));
        }

        _waiters.Clear();
    }

    /// <summary>True where a record failed that nobody was told of.</summary>
    public bool HasSilentFailure(int waiters) => Error is not null && waiters < RecordCount;

    public int WaiterCount => _waiters.Count;

    private RecordPosition PositionOf(TopicPartition partition, Waiter waiter, Acks acks) => new(
        partition.Topic, partition.Partition,
        new Offset(acks == Acks.None ? -1 : Result.BaseOffset + waiter.Index),
        DateTimeOffset.FromUnixTimeMilliseconds(Result.LogAppendTimeMs >= 0 ? Result.LogAppendTimeMs : waiter.TimestampMs));

    private readonly record struct Waiter(object Target, int Index, long TimestampMs);
}

/// <summary>What an idempotent or transactional producer writes into its batches.</summary>
/// <param name="ProducerId">The id; -1 for none.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="IsTransactional">True inside of a transaction.</param>
internal readonly record struct ProducerStamp(long ProducerId, short Epoch, bool IsTransactional)
{
    public static ProducerStamp None => new(-1, -1, false);
}
