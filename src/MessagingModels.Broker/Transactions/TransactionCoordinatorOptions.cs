namespace MessagingModels.Broker.Transactions;

/// <summary>Settings of the transaction coordinator, with Kafka's names in the comments and its defaults.</summary>
internal sealed record TransactionCoordinatorOptions
{
    /// <summary><c>transaction.max.timeout.ms</c>.</summary>
    public TimeSpan MaxTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary><c>transactional.id.expiration.ms</c>.</summary>
    public TimeSpan IdExpiration { get; init; } = TimeSpan.FromDays(7);

    /// <summary><c>transaction.remove.expired.transaction.cleanup.interval.ms</c>.</summary>
    public TimeSpan MaintenanceInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>When a marker that a partition could not take is tried again for the first time; each further wait is twice as long.</summary>
    public TimeSpan MarkerRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts. What is damaged stays so until the next start; a full disk may have room again.</summary>
    public TimeSpan MarkerMaxRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    public static TransactionCoordinatorOptions From(EmbeddedBrokerOptions options) => new() { MaxTimeout = options.TransactionMaxTimeout };
}
