namespace MessagingModels;

/// <summary>Where a consumer starts in a partition for which it has no valid offset.</summary>
public enum OffsetReset
{
    /// <summary>At the end: only records produced from now on.</summary>
    Latest,
    /// <summary>At the first record kept.</summary>
    Earliest,
    /// <summary>Nowhere: reading fails with <see cref="LogErrorCode.OffsetOutOfRange"/>.</summary>
    Fail,
}

/// <summary>Which records of transactions a consumer sees.</summary>
public enum IsolationLevel
{
    /// <summary>All records, those of open and aborted transactions too.</summary>
    ReadUncommitted,
    /// <summary>Only records of committed transactions and records without one; reading stops before the first open transaction.</summary>
    ReadCommitted,
}

/// <summary>Names of the built-in assignment strategies; others are registered with the broker as <see cref="IGroupAssignor"/>.</summary>
public static class AssignmentStrategy
{
    /// <summary>Neighbouring partitions of each topic to one member.</summary>
    public const string Range = "range";
    /// <summary>All partitions dealt out in turn.</summary>
    public const string RoundRobin = "roundrobin";
    /// <summary>Balanced, and as few moves as possible from one assignment to the next (KIP-54).</summary>
    public const string Sticky = "sticky";
    /// <summary>As sticky, and a member keeps reading what it does not lose while the group rebalances (KIP-429).</summary>
    public const string CooperativeSticky = "cooperative-sticky";
}

/// <summary>Settings of a consumer, with Kafka's defaults.</summary>
public sealed record ConsumerOptions
{
    /// <summary>A name for logs, metrics and group descriptions.</summary>
    public string ClientId { get; init; } = "mm-consumer";

    /// <summary>The group; null for a consumer that assigns its partitions itself and commits nothing.</summary>
    public string? GroupId { get; init; }

    /// <summary>A name that keeps its partitions over a restart within the session timeout (static membership, KIP-345); null for none.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>How partitions are dealt out, in order of preference: names of <see cref="AssignmentStrategy"/> or of assignors registered with the broker. Every member of a group must share one.</summary>
    public IReadOnlyList<string> AssignmentStrategies { get; init; } = [AssignmentStrategy.Range, AssignmentStrategy.CooperativeSticky];

    /// <summary>Where to start without a committed offset.</summary>
    public OffsetReset OffsetReset { get; init; } = OffsetReset.Latest;

    /// <summary>Which records of transactions are seen.</summary>
    public IsolationLevel IsolationLevel { get; init; } = IsolationLevel.ReadUncommitted;

    /// <summary>True to commit what was read at every <see cref="AutoCommitInterval"/>, when partitions are revoked and at disposal. What was handed out by the last read counts as read with the next.</summary>
    public bool AutoCommit { get; init; }

    /// <summary>The time between automatic commits.</summary>
    public TimeSpan AutoCommitInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A member that was not heard of for this long is dropped from its group.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>The time between heartbeats; below the session timeout, and best a third of it at most, so that one may be lost.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A member that did not read for this long leaves its group; also the time a rebalance waits for its members.</summary>
    public TimeSpan MaxPollInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much one fetch returns at most over all partitions; the first batch is returned even where it is larger.</summary>
    public int FetchMaxBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How much one fetch returns at most from one partition.</summary>
    public int MaxPartitionFetchBytes { get; init; } = 1024 * 1024;

    /// <summary>Refuses settings that contradict each other or are out of their bounds; called by every provider.</summary>
    /// <exception cref="ArgumentException">Names the setting, and what to do.</exception>
    internal static void ThrowIfContradictory(ConsumerOptions options)
    {
        if (options.GroupId is { Length: 0 })
            throw new ArgumentException("GroupId is empty; name the group, or leave it null for a consumer without one.", nameof(options));
        if (options.GroupInstanceId is not null && options.GroupId is null)
            throw new ArgumentException("GroupInstanceId needs a GroupId.", nameof(options));
        if (options.AutoCommit && options.GroupId is null)
            throw new ArgumentException("AutoCommit needs a GroupId: without a group nothing is committed.", nameof(options));
        if (options.GroupId is not null && options.AssignmentStrategies.Count == 0)
            throw new ArgumentException("AssignmentStrategies is empty; name at least one.", nameof(options));
        if (options.HeartbeatInterval <= TimeSpan.Zero || options.HeartbeatInterval >= options.SessionTimeout)
            throw new ArgumentException($"HeartbeatInterval ({options.HeartbeatInterval}) must be positive and below SessionTimeout ({options.SessionTimeout}).", nameof(options));
        if (options.MaxPartitionFetchBytes <= 0 || options.FetchMaxBytes <= 0 || options.AutoCommitInterval <= TimeSpan.Zero || options.MaxPollInterval <= TimeSpan.Zero)
            throw new ArgumentException("MaxPartitionFetchBytes, FetchMaxBytes, AutoCommitInterval and MaxPollInterval must be positive.", nameof(options));
    }
}
