using System.Threading.Tasks.Sources;
using Confluent.Kafka;

namespace MessagingModels.Kafka.Producing;

/// <summary>
/// A record between its hand-over and its acknowledgement. Taken from its producer's pool and returned to it: by its delivery, or where
/// somebody awaits the delivery by that await.
/// </summary>
internal sealed class PendingRecord : IValueTaskSource<RecordPosition>
{
    private readonly KafkaProducer _producer;

    // Continuations are the caller's code: it must not hold up the library's thread.
    private ManualResetValueTaskSourceCore<RecordPosition> _core = new() { RunContinuationsAsynchronously = true };
    private FlushEpoch? _epoch;
    private Action<MessagingModels.DeliveryReport>? _onDelivered;
    private bool _isAwaited;

    public PendingRecord(KafkaProducer producer)
    {
        _producer = producer;
        Handler = report => _producer.OnDelivered(this, report);
    }

    /// <summary>Told by the library; one delegate for the object's whole life.</summary>
    public Action<DeliveryReport<byte[]?, byte[]?>> Handler { get; }

    public int ReservedBytes { get; private set; }

    /// <summary>True where a failure is told to nobody, so that the next flush has to.</summary>
    public bool IsUnwatched => !_isAwaited && _onDelivered is null;

    public ValueTask<RecordPosition> Delivery => new(this, _core.Version);

    public void Begin(FlushEpoch epoch, int reservedBytes, bool isAwaited, Action<MessagingModels.DeliveryReport>? onDelivered)
    {
        _epoch = epoch;
        ReservedBytes = reservedBytes;
        _isAwaited = isAwaited;
        _onDelivered = onDelivered;
    }

    /// <summary>Tells whoever waits. Nothing of the record is used after it.</summary>
    public void Complete(in RecordPosition position, LogException? error)
    {
        FlushEpoch epoch = _epoch!;
        _epoch = null;
        if (_isAwaited)
        {
            if (error is null)
                _core.SetResult(position);
            else
                _core.SetException(error);
        }
        else
        {
            Action<MessagingModels.DeliveryReport>? onDelivered = _onDelivered;
            _onDelivered = null;
            _producer.Return(this);
            onDelivered?.Invoke(new MessagingModels.DeliveryReport(position, error));
        }

        epoch.Leave();
    }

    /// <summary>Gives the record up before the library took it.</summary>
    public void Abandon()
    {
        FlushEpoch epoch = _epoch!;
        _epoch = null;
        _onDelivered = null;
        _producer.Return(this);
        epoch.Leave();
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);

    public RecordPosition GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _producer.Return(this);
        }
    }
}

/// <summary>Records that are not in use at present. Thread-safe.</summary>
internal sealed class PendingRecordPool(KafkaProducer producer)
{
    private const int MaxPooled = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Stack<PendingRecord> _free = new();

    public PendingRecord Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out PendingRecord? record))
                return record;
        }

        return new PendingRecord(producer);
    }

    public void Return(PendingRecord record)
    {
        lock (_gate)
        {
            if (_free.Count < MaxPooled)
                _free.Push(record);
        }
    }
}
