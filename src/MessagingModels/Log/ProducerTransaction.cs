namespace MessagingModels;

/// <summary>What a producer does for its open transaction. Called by <see cref="ProducerTransaction"/> alone, while the transaction is open.</summary>
internal interface ITransactionSteps
{
    /// <summary>Makes offsets of a group part of the transaction.</summary>
    ValueTask SendOffsetsAsync(IReadOnlyCollection<TopicPartitionOffset> offsets, GroupMembership group, CancellationToken cancellationToken);

    /// <summary>Waits for everything produced, then commits or aborts.</summary>
    ValueTask EndTransactionAsync(bool commit, CancellationToken cancellationToken);
}

/// <summary>
/// A producer's open transaction, the same for every provider. Ends once: by a commit that succeeds, by an abort, or by disposal, which aborts.
/// A commit that fails leaves it open, so that it can be tried again or aborted.
/// </summary>
internal sealed class ProducerTransaction(ITransactionSteps producer) : ILogTransaction
{
    private volatile bool _isOpen = true;

    public bool IsOpen => _isOpen;

    public ValueTask SendOffsetsAsync(
        IReadOnlyCollection<TopicPartitionOffset> offsets, GroupMembership group, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        ArgumentNullException.ThrowIfNull(group);
        ThrowIfEnded();
        return producer.SendOffsetsAsync(offsets, group, cancellationToken);
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        await producer.EndTransactionAsync(commit: true, cancellationToken).ConfigureAwait(false);
        _isOpen = false;
    }

    public async ValueTask AbortAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        _isOpen = false;
        await producer.EndTransactionAsync(commit: false, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isOpen)
            return;
        try
        {
            await AbortAsync().ConfigureAwait(false);
        }
        catch (LogException)
        {
            // A fenced producer's transaction was aborted by whoever took over; any other open one is aborted by its time-out.
        }
    }

    private void ThrowIfEnded()
    {
        if (!_isOpen)
            throw new InvalidOperationException("The transaction has ended; begin another one.");
    }
}
