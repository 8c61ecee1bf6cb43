namespace MessagingModels.Broker.Routing.Channels;

internal sealed partial class ChannelCore
{
    private ChannelTransaction? _transaction;

    /// <summary>Makes publishes and settlements wait for the commit. No effect the second time.</summary>
    public void SelectTransaction()
    {
        lock (_publishing)
        {
            lock (_lock)
            {
                ThrowIfClosed();
                _transaction ??= new ChannelTransaction();
            }
        }
    }

    /// <summary>Does what was collected: whole per queue, not over several.</summary>
    /// <returns>The mandatory messages that had nowhere to go.</returns>
    /// <exception cref="ChannelException">406: the channel has no transactions.</exception>
    /// <exception cref="PublishNackedException">A queue or topic refused its part.</exception>
    public async ValueTask<IReadOnlyList<Queues.Message>> CommitAsync()
    {
        TransactionWork work;
        lock (_publishing)
        {
            lock (_lock)
            {
                ThrowIfClosed();
                work = (_transaction ?? throw ChannelErrors.Failed("channel is not transactional")).Take(_unacked);
            }
        }

        await work.CommitAsync(_host);
        if (Volatile.Read(ref _prefetch) != 0)
            ReturnCredits();
        return work.Returned;
    }

    /// <summary>Forgets what was collected; settled deliveries are unsettled again.</summary>
    /// <exception cref="ChannelException">406: the channel has no transactions.</exception>
    public void Rollback()
    {
        lock (_publishing)
        {
            lock (_lock)
            {
                ThrowIfClosed();
                (_transaction ?? throw ChannelErrors.Failed("channel is not transactional")).Rollback(_unacked);
            }
        }
    }
}
