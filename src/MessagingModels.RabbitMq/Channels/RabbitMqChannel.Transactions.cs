using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Channels;

internal sealed partial class RabbitMqChannel
{
    private volatile bool _isTransactional;
    private bool _hasCollected;
    private bool _isTransactionLost;

    public async ValueTask SelectTransactionAsync(CancellationToken cancellationToken = default)
    {
        await CallAsync(
            async channel =>
            {
                await channel.TxSelectAsync().ConfigureAwait(false);
                _isTransactional = true;
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken = default)
    {
        bool isLost = await CallAsync(channel => SettlingAsync(() => CommitOrForgetAsync(channel)), cancellationToken).ConfigureAwait(false);
        if (isLost)
        {
            throw new ConnectionException(
                ReplyCode.ConnectionForced,
                "The connection to RabbitMQ was lost during the transaction: nothing of it was done. Publish and acknowledge again.");
        }
    }

    public async ValueTask RollbackAsync(CancellationToken cancellationToken = default)
    {
        await CallAsync(
            channel => SettlingAsync(async () =>
            {
                TakeTransaction();
                await channel.TxRollbackAsync().ConfigureAwait(false);
                EndTransaction(isCommitted: false);
                return true;
            }),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What was collected before a lost connection is gone, so what came after it must not be committed alone.</summary>
    private async Task<bool> CommitOrForgetAsync(IChannel channel)
    {
        bool isLost = TakeTransaction();
        if (isLost)
            await channel.TxRollbackAsync().ConfigureAwait(false);
        else
            await channel.TxCommitAsync().ConfigureAwait(false);
        EndTransaction(isCommitted: !isLost);
        return isLost;
    }

    /// <summary>Something was published or settled in a transaction.</summary>
    private void NoteCollected()
    {
        if (!_isTransactional)
            return;
        lock (_lock)
            _hasCollected = true;
    }

    /// <summary>Begins anew; from here on a lost connection fails the call that ends the transaction and not the next one.</summary>
    /// <returns>True where the connection was lost since something was collected.</returns>
    private bool TakeTransaction()
    {
        lock (_lock)
        {
            bool isLost = _isTransactionLost;
            _isTransactionLost = false;
            _hasCollected = false;
            return isLost;
        }
    }

    /// <summary>Keeps settlements out of a transaction's end: they belong before it or after it.</summary>
    private async Task<T> SettlingAsync<T>(Func<Task<T>> action)
    {
        await _settling.WaitAsync().ConfigureAwait(false);
        try
        {
            return await action().ConfigureAwait(false);
        }
        finally
        {
            _settling.Release();
        }
    }

    private void EndTransaction(bool isCommitted)
    {
        if (!isCommitted)
            _unsettled.Restore(_settledInTransaction);
        _settledInTransaction.Clear();
    }
}
