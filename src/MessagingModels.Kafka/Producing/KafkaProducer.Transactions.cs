using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Producing;

internal sealed partial class KafkaProducer
{
    private readonly Lock _transactionGate = new();
    private ClientThread? _transactions;
    private KafkaTransaction? _transaction;
    private LogException? _transactionFailure;

    // Of the transactions' thread: what the library was told.
    private bool _isInitialized;
    private bool _isOpenInClient;
    private bool _mustRenew;

    public async ValueTask InitializeTransactionsAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotTransactional();
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        await StepAsync(Initialize, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ILogTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotTransactional();
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        ThrowIfFatal();
        if (_transaction is { IsOpen: true })
            throw new InvalidOperationException("A transaction is open already; commit or abort it first.");
        await StepAsync(
            () =>
            {
                if (_mustRenew)
                    Renew();
                Initialize();

                // The transaction before was left with its outcome unknown: what is still open of it is not wanted.
                if (_isOpenInClient)
                    Abort();
                _client.BeginTransaction();
                _isOpenInClient = true;
            },
            cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _transactionFailure, null);
        return _transaction = new KafkaTransaction(this);
    }

    internal async ValueTask SendOffsetsAsync(
        IReadOnlyCollection<MessagingModels.TopicPartitionOffset> offsets, GroupMembership group, CancellationToken cancellationToken)
    {
        Client.TopicPartitionOffset[] sent = [.. offsets.Select(ToClientOffset)];
        await StepAsync(
            () => Retry(timeout => _client.SendOffsetsToTransaction(sent, GroupMetadata.ToClient(group), timeout), _kafka.RequestTimeout),
            cancellationToken).ConfigureAwait(false);
    }

    internal async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await StepAsync(
            () =>
            {
                Retry(_client.CommitTransaction, Options.TransactionTimeout + _kafka.RequestTimeout);
                _isOpenInClient = false;
            },
            cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _silentFailure, null);
    }

    internal async ValueTask AbortAsync(CancellationToken cancellationToken)
    {
        // What still waits to be handed over belongs to this transaction.
        Task admitting;
        lock (_waiting)
            admitting = _admitting;
        await admitting.WaitAsync(cancellationToken).ConfigureAwait(false);
        await StepAsync(Abort, cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _silentFailure, null);
    }

    /// <summary>The API's offset as the library's.</summary>
    /// <exception cref="NotSupportedException">It carries text.</exception>
    internal static Client.TopicPartitionOffset ToClientOffset(MessagingModels.TopicPartitionOffset offset)
    {
        if (!string.IsNullOrEmpty(offset.Metadata))
            KafkaCapabilities.All.Demand(LogFeature.OffsetMetadata);
        return new(offset.Topic, offset.Partition, offset.Offset.Value);
    }

    private void Initialize()
    {
        if (_isInitialized)
            return;
        Retry(_client.InitTransactions, _kafka.RequestTimeout);
        _isInitialized = true;
    }

    private void Abort()
    {
        Retry(_client.AbortTransaction, _kafka.RequestTimeout);
        _isOpenInClient = false;
        _mustRenew = Volatile.Read(ref _transactionFailure) is not null;
    }

    /// <summary>
    /// Begins anew with a client of its own. After a record was refused, the library counts its sequence number all the same, so that the next
    /// transaction over the partition would fail for a gap.
    /// </summary>
    private void Renew()
    {
        _transactions!.RunUntil(_pushing);
        CloseClient();
        (_client, _topics) = Build();
        _isInitialized = _mustRenew = false;
    }

    /// <summary>A step that ran out of time is taken up again where it was, by the same call.</summary>
    private static void Retry(Action<TimeSpan> step, TimeSpan within)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            TimeSpan left = within - TimeProvider.System.GetElapsedTime(begin);
            try
            {
                step(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
                return;
            }
            catch (KafkaRetriableException) when (TimeProvider.System.GetElapsedTime(begin) < within)
            {
                continue;
            }
        }
    }

    /// <summary>Runs a step of a transaction on the thread they have, after those before.</summary>
    /// <exception cref="LogException">It failed.</exception>
    private async Task StepAsync(Action step, CancellationToken cancellationToken)
    {
        ClientThread thread;
        lock (_transactionGate)
            thread = _transactions ??= new ClientThread($"Kafka transactions of {Options.TransactionalId}");
        try
        {
            await thread.RunAsync(step).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw TransactionError(exception);
        }
    }

    private LogException TransactionError(KafkaException exception)
    {
        string subject = $"Transactional id '{Options.TransactionalId}'";
        if (exception.Error.IsFatal || exception is not KafkaTxnRequiresAbortException)
            return exception.ToException(subject);
        if (Volatile.Read(ref _transactionFailure) is { } failure)
        {
            return new LogException(
                failure.ErrorCode, $"A record of the transaction failed, so it cannot be committed; abort it. {failure.Message}", failure);
        }

        LogException error = exception.ToException(subject);
        return error.ErrorCode is LogErrorCode.UnknownServerError
            ? new LogException(LogErrorCode.TransactionAbortable, $"{error.Message} Abort the transaction.", exception)
            : error;
    }

    private void ThrowIfNotTransactional()
    {
        if (Options.TransactionalId is null)
            throw new InvalidOperationException("The producer has no TransactionalId; set it in its options to use transactions.");
    }
}
