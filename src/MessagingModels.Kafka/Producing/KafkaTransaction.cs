namespace MessagingModels.Kafka.Producing;

/// <summary>A producer's open transaction. Ends once: by commit, by abort, or by disposal, which aborts.</summary>
internal sealed class KafkaTransaction(KafkaProducer producer) : ILogTransaction
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
        await producer.CommitAsync(cancellationToken).ConfigureAwait(false);
        _isOpen = false;
    }

    public async ValueTask AbortAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        _isOpen = false;
        await producer.AbortAsync(cancellationToken).ConfigureAwait(false);
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
