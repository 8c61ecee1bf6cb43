using Confluent.Kafka;
using MessagingModels.Kafka.Administration;
using MessagingModels.Kafka.Clients;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Kafka.Producing;

/// <summary>
/// A producer over the library's. Partitions are chosen and memory is counted here, so that keys go where they go in every other broker of
/// the API and a full buffer is awaited; batches, retries and order on the wire are the library's.
/// </summary>
internal sealed partial class KafkaProducer : ILogProducer, ITransactionSteps
{
    private readonly KafkaOptions _kafka;
    private readonly Dictionary<string, string> _settings;
    private readonly IPartitioner _partitioner;
    private readonly BufferMemory _memory;
    private readonly FlushEpochs _epochs = new();
    private readonly PendingRecordPool _pool;
    private readonly ClientEvents _events;
    private readonly ILogger _logger;
    private readonly bool _lingers;
    private IProducer<byte[]?, byte[]?> _client;
    private ProducerTopics _topics;
    private Task _pushing = Task.CompletedTask;
    private LogException? _silentFailure;
    private int _isDisposed;

    /// <exception cref="ArgumentException">Two settings contradict each other, or the library refuses one.</exception>
    public KafkaProducer(KafkaOptions kafka, ProducerOptions options, ILogger logger)
    {
        _settings = ClientSettings.ForProducer(kafka, options);
        _kafka = kafka;
        Options = options;
        _logger = logger;
        _partitioner = options.Partitioner ?? Murmur2Partitioner.Instance;
        _memory = new BufferMemory(options.BufferMemoryBytes);
        _pool = new PendingRecordPool(this);
        _events = new ClientEvents(logger, $"Producer '{options.ClientId}'");
        _lingers = double.Parse(_settings["linger.ms"], System.Globalization.CultureInfo.InvariantCulture) > FlushLingerMs;
        (_client, _topics) = Build();
    }

    public ProducerOptions Options { get; }

    public ValueTask<RecordPosition> ProduceAsync(ProducerRecord record, CancellationToken cancellationToken = default)
    {
        PendingRecord pending = Begin(record, isAwaited: true, onDelivered: null, cancellationToken);
        ValueTask<RecordPosition> delivery = pending.Delivery;
        if (!TryHandOver(record, pending))
            return ProduceLaterAsync(record, pending, delivery, cancellationToken);
        return cancellationToken.CanBeCanceled && !delivery.IsCompleted ? new(delivery.AsTask().WaitAsync(cancellationToken)) : delivery;
    }

    public ValueTask EnqueueAsync(
        ProducerRecord record, Action<MessagingModels.DeliveryReport>? onDelivered = null, CancellationToken cancellationToken = default)
    {
        PendingRecord pending = Begin(record, isAwaited: false, onDelivered, cancellationToken);
        return TryHandOver(record, pending) ? ValueTask.CompletedTask : new(HandOverLaterAsync(record, pending, cancellationToken));
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        await DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (Interlocked.Exchange(ref _silentFailure, null) is { } failure)
            throw failure;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        if (_transaction is { IsOpen: true } open)
            await open.DisposeAsync().ConfigureAwait(false);
        await DrainAsync().ConfigureAwait(false);
        await _pushing.ConfigureAwait(false);
        Task ending = EndAsync();
        if (await ending.EndsWithinAsync(_kafka.CloseTimeout).ConfigureAwait(false))
            await ending.ConfigureAwait(false);
        else
            KafkaLog.LeftBehind(_logger, $"Producer '{Options.ClientId}'", _kafka.CloseTimeout.TotalSeconds);
    }

    /// <summary>Ends the client, but not under a step of a transaction that is stuck in it.</summary>
    private async Task EndAsync()
    {
        if (_transactions is { } transactions)
            await transactions.DisposeAsync().ConfigureAwait(false);
        await Task.Factory.StartNew(
            CloseClient, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>Called on the library's thread when a record is acknowledged or has failed.</summary>
    internal void OnDelivered(PendingRecord pending, DeliveryReport<byte[]?, byte[]?> report)
    {
        _memory.Release(pending.ReservedBytes);
        if (!report.Error.IsError)
        {
            pending.Complete(
                new RecordPosition(
                    report.Topic, report.Partition.Value, new(Math.Max(-1, report.Offset.Value)),
                    DateTimeOffset.FromUnixTimeMilliseconds(report.Message.Timestamp.UnixTimestampMs)),
                null);
            return;
        }

        LogException error = Failed(report);
        if (report.Error.Code is not (ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight))
            Interlocked.CompareExchange(ref _transactionFailure, error, null);
        if (error.ErrorCode is LogErrorCode.UnknownTopicOrPartition)
            _topics.Forget(report.Topic);
        if (pending.IsUnwatched)
            Interlocked.CompareExchange(ref _silentFailure, error, null);
        pending.Complete(default, error);
    }

    internal void Return(PendingRecord record) => _pool.Return(record);

    private (IProducer<byte[]?, byte[]?> Client, ProducerTopics Topics) Build()
    {
        IProducer<byte[]?, byte[]?> client = ClusterAdmin.BuildWith(new ProducerBuilder<byte[]?, byte[]?>(_settings)
            .SetErrorHandler((_, error) => _events.OnError(error))
            .SetLogHandler((_, line) => _events.OnLog(line))
            .Build);
        return (client, new ProducerTopics(client.Handle, _kafka, Options.BatchSizeBytes));
    }

    private void CloseClient()
    {
        _topics.Dispose();
        _client.Dispose();
    }

    private LogException Failed(DeliveryReport<byte[]?, byte[]?> report)
    {
        string subject = $"A record to partition {new TopicPartition(report.Topic, report.Partition)} failed";

        // What a fatal error purges has failed of that error.
        Error error = report.Error.Code is ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight && _events.Fatal is { } fatal ? fatal : report.Error;
        return error.ToException(subject);
    }

    private PendingRecord Begin(
        in ProducerRecord record, bool isAwaited, Action<MessagingModels.DeliveryReport>? onDelivered, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentException.ThrowIfNullOrEmpty(record.Topic, nameof(record));
        ThrowIfFatal();
        if (Options.TransactionalId is not null && _transaction is not { IsOpen: true })
            throw new InvalidOperationException("The producer has a transactional id, so it writes in transactions only; begin one first.");
        int bytes = BufferMemory.RecordOverheadBytes + (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);
        foreach (RecordHeader header in record.Headers ?? RecordHeaders.Empty)
            bytes += header.Key.Length + (header.Value?.Length ?? 0);
        PendingRecord pending = _pool.Rent();
        pending.Begin(_epochs.Enter(), bytes, isAwaited, onDelivered);
        return pending;
    }

    private void ThrowIfFatal()
    {
        if (_events.Fatal is { } fatal)
            throw fatal.ToException($"Producer '{Options.ClientId}' cannot go on");
    }

    /// <summary>Waits for everything handed over so far, and sends what lingers.</summary>
    private Task DrainAsync()
    {
        Task drained = _epochs.Close();
        if (!drained.IsCompleted && _lingers)
            PushOut(drained);
        return drained;
    }

    /// <summary>The library sends before the linger time is over while somebody waits in its flush, which blocks.</summary>
    private void PushOut(Task drained)
    {
        Task pushing = Task.Factory.StartNew(
            () =>
            {
                while (!drained.IsCompleted)
                    _client.Flush(FlushSlice);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        lock (_waiting)
            _pushing = _pushing.IsCompleted ? pushing : Task.WhenAll(_pushing, pushing);
    }
}
