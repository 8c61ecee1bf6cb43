using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Transactions;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Embedded.Log;

internal sealed partial class EmbeddedProducer
{
    private readonly SemaphoreSlim _identityGate = new(1, 1);
    private ProducerIdentity _identity = ProducerIdentity.None;
    private volatile bool _hasIdentity;
    private volatile LogException? _fenced;
    private LogException? _transactionFailure;
    private ProducerTransaction? _transaction;
    private long _transactionNumber;
    private volatile bool _hasPart;

    /// <summary>Counts the producer's transactions: a partition is added to each once.</summary>
    internal long TransactionNumber => Volatile.Read(ref _transactionNumber);

    public async ValueTask InitializeTransactionsAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotTransactional();
        await TakeIdentityAsync(renew: true, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ILogTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotTransactional();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_fenced is { } fenced)
            throw new LogException(fenced.ErrorCode, fenced.Message, fenced);
        if (_transaction is { IsOpen: true })
            throw new InvalidOperationException("A transaction is open already; commit or abort it first.");
        await TakeIdentityAsync(renew: false, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _transactionFailure, null);
        Interlocked.Increment(ref _transactionNumber);
        _hasPart = false;
        return _transaction = new ProducerTransaction(this);
    }

    /// <summary>What the next batches carry; takes an id first where the producer needs one.</summary>
    internal async ValueTask<ProducerStamp> StampAsync()
    {
        if (!Options.Idempotence || Options.Acks != Acks.All)
            return ProducerStamp.None;
        if (!_hasIdentity)
            await TakeIdentityAsync(renew: false, CancellationToken.None).ConfigureAwait(false);
        return new ProducerStamp(_identity.ProducerId, _identity.Epoch, Options.TransactionalId is not null);
    }

    internal async ValueTask AddToTransactionAsync(TopicPartition partition)
    {
        _hasPart = true;
        Check(await _transactions.AddPartitionsAsync(Options.TransactionalId!, _identity, [partition], CancellationToken.None).ConfigureAwait(false));
    }

    public async ValueTask SendOffsetsAsync(
        IReadOnlyCollection<TopicPartitionOffset> offsets, GroupMembership group, CancellationToken cancellationToken)
    {
        _hasPart = true;
        Check(await _transactions.AddOffsetsAsync(Options.TransactionalId!, _identity, group.GroupId, cancellationToken).ConfigureAwait(false));
        GroupCaller caller = new(group.MemberId, group.GroupInstanceId, group.Generation);
        OffsetCommit[] commits = [.. offsets.Select(o => new OffsetCommit(o.TopicPartition, o.Offset, o.Metadata ?? ""))];
        foreach (LogErrorCode error in await _groups.CommitTransactionOffsetsAsync(
            group.GroupId, _identity.ProducerId, _identity.Epoch, caller, commits, cancellationToken).ConfigureAwait(false))
        {
            Check(error, _groups.Failure);
        }
    }

    public async ValueTask EndTransactionAsync(bool commit, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_known.Values.SelectMany(t => t.Batchers).Select(b => b.FlushAsync())).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (commit && Volatile.Read(ref _transactionFailure) is { } failure)
        {
            throw new LogException(failure.ErrorCode,
                $"A record of the transaction failed, so it cannot be committed; abort it. {failure.Message}", failure);
        }

        Interlocked.Exchange(ref _silentFailure, null);

        // As Kafka's clients do: the coordinator does not know of a transaction that nothing was added to.
        if (!_hasPart)
            return;
        Check(await _transactions.EndAsync(Options.TransactionalId!, _identity, commit, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask TakeIdentityAsync(bool renew, CancellationToken cancellationToken)
    {
        if (_hasIdentity && !renew)
            return;
        await _identityGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_hasIdentity && !renew)
                return;
            InitProducerIdResponse response = await _transactions.InitProducerIdAsync(
                Options.TransactionalId, Options.TransactionTimeout, null, cancellationToken).ConfigureAwait(false);
            Check(response.Error);
            _identity = response.Producer;
            _hasIdentity = true;
        }
        finally
        {
            _identityGate.Release();
        }
    }

    private void Check(LogErrorCode error) => Check(error, _transactions.Failure);

    private void Check(LogErrorCode error, StorageException? failure)
    {
        if (error == LogErrorCode.None)
            return;
        LogException exception = error.ToException(Options.TransactionalId is { } id ? $"Transactional id '{id}'" : "Producer", failure);
        if (exception.IsFenced)
            _fenced ??= exception;
        throw exception;
    }

    private void ThrowIfNotTransactional()
    {
        if (Options.TransactionalId is null)
            throw new InvalidOperationException("The producer has no TransactionalId; set it in its options to use transactions.");
    }
}
