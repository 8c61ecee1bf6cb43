namespace MessagingModels.Broker.Transactions;

/// <summary>A transactional id with what the coordinator keeps about it.</summary>
internal sealed class TransactionEntry(string transactionalId)
{
    private volatile TransactionMetadata? _state;

    public string TransactionalId { get; } = transactionalId;

    /// <summary>Held by whoever changes the state, over all its steps. Readers take nothing.</summary>
    public SemaphoreSlim Serial { get; } = new(1, 1);

    /// <summary>The state as it is stored; null until the first producer came.</summary>
    public TransactionMetadata? State
    {
        get => _state;
        set => _state = value;
    }

    public ITimer? Timer { get; set; }

    /// <summary>How often the decided transaction could not be completed yet. Belongs to whoever holds <see cref="Serial"/>.</summary>
    public int FailedAttempts { get; set; }
}
