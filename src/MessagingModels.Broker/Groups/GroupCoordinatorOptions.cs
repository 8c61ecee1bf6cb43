namespace MessagingModels.Broker.Groups;

/// <summary>Settings of the group coordinator, with Kafka's names in the comments and its defaults unless said otherwise.</summary>
internal sealed record GroupCoordinatorOptions
{
    /// <summary><c>group.min.session.timeout.ms</c>; Kafka's default is 6 s, an embedded group may be quicker.</summary>
    public TimeSpan MinSessionTimeout { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary><c>group.max.session.timeout.ms</c>.</summary>
    public TimeSpan MaxSessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary><c>group.max.size</c>.</summary>
    public int MaxGroupSize { get; init; } = int.MaxValue;

    /// <summary><c>group.initial.rebalance.delay.ms</c>; zero unlike Kafka's 3 s, which suits members that start on many machines.</summary>
    public TimeSpan InitialRebalanceDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How long a member that never got an answer to its first join is kept.</summary>
    public TimeSpan NewMemberJoinTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary><c>offsets.retention.minutes</c>.</summary>
    public TimeSpan OffsetsRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary><c>offsets.retention.check.interval.ms</c>; compaction of the offsets log runs with it.</summary>
    public TimeSpan MaintenanceInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary><c>offset.metadata.max.bytes</c>, counted in UTF-8.</summary>
    public int MaxOffsetMetadataBytes { get; init; } = 4096;

    public static GroupCoordinatorOptions From(EmbeddedBrokerOptions options) => new()
    {
        MinSessionTimeout = options.GroupMinSessionTimeout,
        MaxSessionTimeout = options.GroupMaxSessionTimeout,
        InitialRebalanceDelay = options.GroupInitialRebalanceDelay,
        OffsetsRetention = options.OffsetsRetention,
        MaxOffsetMetadataBytes = options.OffsetMetadataMaxBytes,
    };
}
