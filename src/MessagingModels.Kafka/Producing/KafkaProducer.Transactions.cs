using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Producing;

internal sealed partial class KafkaProducer
{
    /// <summary>By how much a call of the library may come back late; after that it is taken for stuck.</summary>
    private static readonly TimeSpan StepGrace = TimeSpan.FromSeconds(1);

    private readonly Lock _transactionGate = new();
    private ClientThread? _transactions;
    private ProducerTransaction? _transaction;
    private LogException? _transactionFailure;
    private volatile Task _overdue = Task.CompletedTask;

    // Of the transactions' thread: what the library was told.
    private bool _isInitialized;
    private bool _isOpenInClient;
    private bool _mustRenew;
    private long _stepBegin;

    public async ValueTask InitializeTransactionsAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotTransactional();
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        await StepAsync("starting its transactions", Initialize, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ILogTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotTransactional();
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        ThrowIfFatal();
        if (_transaction is { IsOpen: true })
            throw new InvalidOperationException("A transaction is open already; commit or abort it first.");
        await StepAsync(
            "beginning a transaction",
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
        return _transaction = new ProducerTransaction(this);
    }

    public async ValueTask SendOffsetsAsync(
        IReadOnlyCollection<MessagingModels.TopicPartitionOffset> offsets, GroupMembership group, CancellationToken cancellationToken)
    {
        Client.TopicPartitionOffset[] sent = [.. offsets.Select(ToClientOffset)];
        await StepAsync(
            "sending offsets to the transaction",
            () => Retry(timeout => _client.SendOffsetsToTransaction(sent, GroupMetadata.ToClient(group), timeout)),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask EndTransactionAsync(bool commit, CancellationToken cancellationToken)
        => commit ? CommitAsync(cancellationToken) : AbortAsync(cancellationToken);

    private async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await StepAsync(
            "committing the transaction",
            () =>
            {
                Retry(_client.CommitTransaction);
                _isOpenInClient = false;
            },
            cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _silentFailure, null);
    }

    private async ValueTask AbortAsync(CancellationToken cancellationToken)
    {
        // What still waits to be handed over belongs to this transaction.
        Task admitting;
        lock (_waiting)
            admitting = _admitting;
        await admitting.WaitAsync(cancellationToken).ConfigureAwait(false);
        await StepAsync("aborting the transaction", Abort, cancellationToken).ConfigureAwait(false);
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
        Retry(_client.InitTransactions);
        _isInitialized = true;
    }

    private void Abort()
    {
        Retry(_client.AbortTransaction);
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

    /// <summary>
    /// Makes a call of the step under way, all of which together have the request's time-out. One that ran out of time is taken up again where it
    /// was, by the same call.
    /// </summary>
    private void Retry(Action<TimeSpan> call)
    {
        while (true)
        {
            TimeSpan left = _kafka.RequestTimeout - TimeProvider.System.GetElapsedTime(_stepBegin);
            try
            {
                call(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
                return;
            }
            catch (KafkaRetriableException) when (TimeProvider.System.GetElapsedTime(_stepBegin) < _kafka.RequestTimeout)
            {
                continue;
            }
        }
    }

    /// <summary>
    /// Runs a step of a transaction on the thread they have, after those before. The library's calls have a time-out, but do not keep it in every
    /// state that a lost broker leaves them in: a step that is overdue is left to its thread.
    /// </summary>
    /// <exception cref="LogException">It failed, or did not end in time.</exception>
    private async Task StepAsync(string what, Action step, CancellationToken cancellationToken)
    {
        if (!_overdue.IsCompleted)
            throw Overdue(what, null);
        ClientThread thread;
        lock (_transactionGate)
            thread = _transactions ??= new ClientThread($"Kafka transactions of {Options.TransactionalId}", owner: this);
        Task running = thread.RunAsync(() =>
        {
            _stepBegin = TimeProvider.System.GetTimestamp();
            step();
        });
        try
        {
            await running.WaitAsync(_kafka.RequestTimeout + StepGrace, cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw TransactionError(exception);
        }
        catch (TimeoutException late) when (!running.IsCompleted)
        {
            _overdue = running;
            TaskWaits.Leave(running);
            throw Overdue(what, late);
        }
    }

    private LogException Overdue(string what, Exception? inner) => new(
        LogErrorCode.RequestTimedOut,
        $"Transactional id '{Options.TransactionalId}': {what} did not end within {_kafka.RequestTimeout.TotalSeconds:0.###} s. The transaction's outcome is unknown: dispose this producer and go on with a new one of the same transactional id, which fences it.",
        inner);

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
