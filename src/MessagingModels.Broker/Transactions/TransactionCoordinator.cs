using System.Collections.Concurrent;
using MessagingModels.Broker.Groups;
using MessagingModels.Storage;
using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Transactions;

/// <summary>Who produces: the id and its epoch; a higher epoch fences the lower ones.</summary>
internal readonly record struct ProducerIdentity(long ProducerId, short Epoch)
{
    public static ProducerIdentity None => new(-1, -1);
}

/// <summary>Kafka's InitProducerId response.</summary>
internal readonly record struct InitProducerIdResponse(LogErrorCode Error, ProducerIdentity Producer);

/// <summary>Writes the marker that ends a transaction in a partition; completes when it is durable. A marker may be written again.</summary>
internal delegate ValueTask TransactionMarkerWriter(TopicPartition partition, ProducerIdentity producer, int coordinatorEpoch, bool commit);

/// <summary>
/// Coordinates the transactions of all producers (KIP-98), in the Kafka protocol's terms. Thread-safe: serial per transactional id. An
/// answer waits until what it says is durable. A decided transaction is completed whatever happens: its markers are tried again, also
/// after a restart.
/// </summary>
internal sealed partial class TransactionCoordinator : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TransactionEntry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, TransactionEntry> _byProducer = [];
    private readonly TransactionStore _store;
    private readonly ProducerIdAllocator _producerIds;
    private readonly TransactionMarkerWriter _writeMarker;
    private readonly TransactionCoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _maintenance;
    private volatile bool _isClosed;

    private TransactionCoordinator(
        TransactionStore store, ProducerIdAllocator producerIds, TransactionMarkerWriter writeMarker,
        TransactionCoordinatorOptions options, TimeProvider time, ILogger logger)
    {
        _store = store;
        _producerIds = producerIds;
        _writeMarker = writeMarker;
        _options = options;
        _time = time;
        _logger = logger;
        _maintenance = time.CreateTimer(
            static state => ((TransactionCoordinator)state!).RunMaintenance(), this, options.MaintenanceInterval, options.MaintenanceInterval);
    }

    /// <summary>The damage for which the coordinator refuses requests; null while what it stores is sound.</summary>
    public StorageException? Failure => _store.Failure ?? _producerIds.Failure;

    private bool IsUnavailable => _isClosed || _store.Failure is not null;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens the coordinator and completes what was decided before the last end.</summary>
    /// <exception cref="StorageException">The data directory is broken. A damaged transaction log only makes the coordinator refuse requests.</exception>
    public static async ValueTask<TransactionCoordinator> OpenAsync(BrokerContext context, TransactionMarkerWriter writeMarker)
    {
        ILogger logger = context.Loggers.CreateLogger(typeof(TransactionCoordinator).FullName!);
        TransactionStore store = new(CoordinatorLog.Open(context, TransactionStore.DirectoryName, logger));
        ProducerIdAllocator producerIds = new(context.FileSystem, context.PathOf(CoordinatorLog.ParentDirectory), context.Durability);
        TransactionCoordinator coordinator = new(
            store, producerIds, writeMarker, TransactionCoordinatorOptions.From(context.Options), context.Time, logger);
        foreach (TransactionMetadata state in coordinator._store.Load())
        {
            TransactionEntry entry = coordinator.GetOrAdd(state.TransactionalId);
            coordinator.Apply(entry, state);
            if (!state.IsEnding)
                continue;
            await entry.Serial.WaitAsync().ConfigureAwait(false);
            await coordinator.CompleteAsync(entry).ConfigureAwait(false);
        }

        return coordinator;
    }

    /// <summary>Gives out no producer id up to one that is known to be in use.</summary>
    public void SkipProducerIdsTo(long usedId) => _producerIds.SkipTo(usedId);

    /// <summary>
    /// Gives a producer its id and epoch. With a transactional id an older producer is fenced, and its open transaction is aborted first.
    /// </summary>
    /// <param name="transactionalId">The name, or null for a producer that is only idempotent.</param>
    /// <param name="transactionTimeout">How long a transaction may stay open.</param>
    /// <param name="current">What the producer had, to recover from an error without losing its place (KIP-360); null at first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<InitProducerIdResponse> InitProducerIdAsync(
        string? transactionalId, TimeSpan transactionTimeout, ProducerIdentity? current, CancellationToken cancellationToken)
    {
        if (_isClosed || _producerIds.Failure is not null || (transactionalId is not null && IsUnavailable))
            return new(Failed(LogErrorCode.CoordinatorNotAvailable));
        if (transactionalId is null)
            return new(AllocateProducerId());
        if (transactionalId.Length == 0)
            return new(Failed(LogErrorCode.InvalidRequest));
        if (transactionTimeout <= TimeSpan.Zero || transactionTimeout > _options.MaxTimeout)
            return new(Failed(LogErrorCode.InvalidTransactionTimeout));
        return InitializeAsync(GetOrAdd(transactionalId), transactionTimeout, current, cancellationToken);
    }

    /// <summary>Makes partitions part of the transaction; the first call opens it.</summary>
    public ValueTask<LogErrorCode> AddPartitionsAsync(
        string transactionalId, ProducerIdentity producer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
        => ChangeAsync(transactionalId, state => TransactionState.AddPartitions(state, producer, partitions, NowMs), cancellationToken);

    /// <summary>Makes a group's offsets part of the transaction; the offsets follow by <see cref="GroupCoordinator.CommitTransactionOffsetsAsync"/>.</summary>
    public ValueTask<LogErrorCode> AddOffsetsAsync(
        string transactionalId, ProducerIdentity producer, string groupId, CancellationToken cancellationToken)
        => groupId.Length == 0
            ? new(LogErrorCode.InvalidGroupId)
            : AddPartitionsAsync(transactionalId, producer, [GroupStore.Partition], cancellationToken);

    /// <summary>Commits or aborts. Completes when the decision is durable and its markers are written, or will be as soon as they can.</summary>
    public ValueTask<LogErrorCode> EndAsync(
        string transactionalId, ProducerIdentity producer, bool commit, CancellationToken cancellationToken)
        => ChangeAsync(transactionalId, state => TransactionState.End(state, producer, commit, NowMs), cancellationToken);

    /// <summary>May the producer write to the partition? Takes no lock.</summary>
    public LogErrorCode CheckPartition(TopicPartition partition, long producerId, short producerEpoch)
    {
        if (_store.Failure is not null)
            return LogErrorCode.CoordinatorNotAvailable;
        if (!_byProducer.TryGetValue(producerId, out TransactionEntry? entry) || entry.State is not { } state || state.Producer.ProducerId != producerId)
            return LogErrorCode.InvalidProducerIdMapping;
        if (state.Producer.Epoch != producerEpoch)
            return LogErrorCode.InvalidProducerEpoch;
        return state.Status == TransactionStatus.Ongoing && state.Partitions.Contains(partition)
            ? LogErrorCode.None
            : LogErrorCode.InvalidTransactionState;
    }

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _maintenance.DisposeAsync().ConfigureAwait(false);
        foreach (TransactionEntry entry in _entries.Values)
        {
            await entry.Serial.WaitAsync().ConfigureAwait(false);
            entry.Timer?.Dispose();
            entry.Serial.Release();
        }

        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private static InitProducerIdResponse Failed(LogErrorCode error) => new(error, ProducerIdentity.None);

    private InitProducerIdResponse AllocateProducerId()
    {
        try
        {
            return new(LogErrorCode.None, new ProducerIdentity(_producerIds.Allocate(), 0));
        }
        catch (Exception error) when (error.IsStorageFailure())
        {
            LogNotStored(LogLevel.Error, error, "(none)");
            return Failed(LogErrorCode.KafkaStorageError);
        }
    }

    private async ValueTask<InitProducerIdResponse> InitializeAsync(
        TransactionEntry entry, TimeSpan timeout, ProducerIdentity? current, CancellationToken cancellationToken)
    {
        // A producer that names what it had is only fenced against others; a new one fences whoever is there.
        if (entry.State is { Status: TransactionStatus.Ongoing } open && (current is null || current == open.Producer))
        {
            LogErrorCode fenced = await ChangeAsync(
                entry.TransactionalId,
                state => state == open ? TransactionDecision.Become(TransactionState.Fence(open, NowMs)) : TransactionDecision.Unchanged,
                cancellationToken).ConfigureAwait(false);
            if (fenced != LogErrorCode.None)
                return Failed(fenced);
            // The fence has taken the epoch after the producer's own.
            if (current is not null) current = entry.State?.Producer;
        }

        LogErrorCode error = await ChangeAsync(
            entry.TransactionalId,
            state => TransactionState.Initialize(state, entry.TransactionalId, timeout, current, _producerIds.Allocate, NowMs),
            cancellationToken).ConfigureAwait(false);
        return error == LogErrorCode.None ? new(error, entry.State!.Producer) : Failed(error);
    }

    private async ValueTask<LogErrorCode> ChangeAsync(
        string transactionalId, Func<TransactionMetadata?, TransactionDecision> decide, CancellationToken cancellationToken)
    {
        if (IsUnavailable)
            return LogErrorCode.CoordinatorNotAvailable;
        if (!_entries.TryGetValue(transactionalId, out TransactionEntry? entry))
            return LogErrorCode.InvalidProducerIdMapping;
        await entry.Serial.WaitAsync(cancellationToken).ConfigureAwait(false);
        ValueTask<LogErrorCode> change = ChangeAsync(entry, decide);
        // Whoever stops waiting does not stop the change.
        return await (change.IsCompleted || !cancellationToken.CanBeCanceled
            ? change
            : new(change.AsTask().WaitAsync(cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Called with the entry's semaphore, which is released in the end.</summary>
    private async ValueTask<LogErrorCode> ChangeAsync(TransactionEntry entry, Func<TransactionMetadata?, TransactionDecision> decide)
    {
        bool isEnding = false;
        try
        {
            if (_isClosed || _entries.GetValueOrDefault(entry.TransactionalId) != entry)
                return LogErrorCode.CoordinatorNotAvailable;
            TransactionDecision decision = decide(entry.State);
            if (decision.Next is not { } next)
                return decision.Error;
            await StoreAsync(entry, next).ConfigureAwait(false);
            isEnding = next.IsEnding;
        }
        catch (Exception error) when (error.IsStorageFailure())
        {
            LogNotStored(LogLevel.Error, error, entry.TransactionalId);
            return LogErrorCode.KafkaStorageError;
        }
        finally
        {
            if (!isEnding) entry.Serial.Release();
        }

        if (isEnding) await CompleteAsync(entry).ConfigureAwait(false);
        return LogErrorCode.None;
    }

    private async ValueTask StoreAsync(TransactionEntry entry, TransactionMetadata next)
    {
        long waitFor = _store.Store(next);
        Apply(entry, next);
        await _store.WaitDurableAsync(waitFor).ConfigureAwait(false);
    }

    private void Apply(TransactionEntry entry, TransactionMetadata next)
    {
        if (entry.State is { } previous && previous.Producer.ProducerId != next.Producer.ProducerId)
            _byProducer.TryRemove(previous.Producer.ProducerId, out _);
        entry.State = next;
        _byProducer[next.Producer.ProducerId] = entry;
        if (next.Status == TransactionStatus.Ongoing)
            SetTimer(entry, TimeSpan.FromMilliseconds(Math.Max(1, next.DeadlineMs - NowMs)));
    }

    private TransactionEntry GetOrAdd(string transactionalId) => _entries.GetOrAdd(transactionalId, static id => new TransactionEntry(id));

    [LoggerMessage(Message = "The state of transactional id '{TransactionalId}' could not be stored.")]
    private partial void LogNotStored(LogLevel level, Exception error, string transactionalId);
}
