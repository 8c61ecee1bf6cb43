namespace MessagingModels.Broker.Partitions;

/// <summary>The topics of a broker. Thread-safe: look-ups take no lock, changes are serial.</summary>
internal sealed class TopicRegistry
{
    /// <summary>Every topic, by name in ordinal order: a snapshot.</summary>
    public IReadOnlyList<Topic> Topics => throw new NotSupportedException();

    /// <summary>Grows with every topic created, deleted, extended or reconfigured.</summary>
    public long Version => throw new NotSupportedException();

    /// <summary>
    /// Asked, under the partition's lock, before the first batch of a producer's transaction is appended to a partition: anything but
    /// <see cref="LogErrorCode.None"/> refuses the batch. Must not block. The coordinator sets it; until then every transaction is open.
    /// A coordinator that ends a transaction answers <see cref="LogErrorCode.InvalidTransactionState"/> before it writes the markers.
    /// </summary>
    public Func<TopicPartition, long, short, LogErrorCode>? TransactionGate { get; set; }

    public Topic? Find(string name) => throw new NotSupportedException();

    public Topic? Find(Guid id) => throw new NotSupportedException();

    public Partition? Find(TopicPartition id) => throw new NotSupportedException();

    /// <exception cref="LogException"><see cref="LogErrorCode.UnknownTopicOrPartition"/>.</exception>
    public Topic Get(string name) => throw new NotSupportedException();

    /// <exception cref="LogException"><see cref="LogErrorCode.UnknownTopicOrPartition"/>.</exception>
    public Partition Get(TopicPartition id) => throw new NotSupportedException();

    /// <summary>Completes when <see cref="Version"/> is another than the one given.</summary>
    public ValueTask WaitForChangeAsync(long version, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Told of topics that were deleted, after they are gone, before the deletion is answered.</summary>
    public event Action<Topic>? Deleted { add => throw new NotSupportedException(); remove => throw new NotSupportedException(); }

    public ValueTask<Topic> CreateAsync(TopicSpecification specification, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask AddPartitionsAsync(string name, int totalPartitions, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask AlterConfigurationAsync(
        string name, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
