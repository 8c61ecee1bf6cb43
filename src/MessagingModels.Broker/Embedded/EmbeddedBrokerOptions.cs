using System.Globalization;
using MessagingModels.Storage;

namespace MessagingModels.Broker;

/// <summary>Settings of an embedded broker. Without a data directory everything lives in memory and is gone when the process ends.</summary>
public sealed class EmbeddedBrokerOptions
{
    /// <summary>Where records and messages are kept; null for memory. One broker at a time may have it open.</summary>
    public string? DataDirectory { get; set; }

    /// <summary>What an acknowledged write survives; null for <see cref="Storage.Durability.PageCache"/> with a directory and <see cref="Storage.Durability.Memory"/> without.</summary>
    public Durability? Durability { get; set; }

    /// <summary>Settings for topics that do not set them themselves, under the names of <see cref="TopicConfiguration"/>.</summary>
    public IDictionary<string, string> TopicDefaults { get; } = new Dictionary<string, string>();

    /// <summary>How often segments are checked for retention, compaction and age.</summary>
    public TimeSpan RetentionCheckInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the offsets of a group without members are kept (Kafka: <c>offsets.retention.minutes</c>).</summary>
    public TimeSpan OffsetsRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How much text may be committed with an offset (Kafka: <c>offset.metadata.max.bytes</c>).</summary>
    public int OffsetMetadataMaxBytes { get; set; } = 4096;

    /// <summary>The shortest session timeout a group member may ask for (Kafka: <c>group.min.session.timeout.ms</c>, 6 s there).</summary>
    public TimeSpan GroupMinSessionTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest session timeout a group member may ask for (Kafka: <c>group.max.session.timeout.ms</c>).</summary>
    public TimeSpan GroupMaxSessionTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long the first rebalance of an empty group waits for more members (Kafka: <c>group.initial.rebalance.delay.ms</c>, 3 s there).</summary>
    public TimeSpan GroupInitialRebalanceDelay { get; set; } = TimeSpan.Zero;

    /// <summary>The longest transaction a producer may ask for (Kafka: <c>transaction.max.timeout.ms</c>).</summary>
    public TimeSpan TransactionMaxTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The size at which a queue begins a new segment; space comes back by the segment.</summary>
    public int QueueSegmentBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Bodies of at least this size that go to several durable queues are written once and shared.</summary>
    public int SharedPayloadThresholdBytes { get; set; } = 4096;

    /// <summary>Exchange types beside the built-in ones.</summary>
    public IList<IExchangeType> ExchangeTypes { get; } = [];

    /// <summary>Group assignors beside the built-in ones.</summary>
    public IList<IGroupAssignor> GroupAssignors { get; } = [];

    /// <summary>The clock; that of the system unless a test says otherwise.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal Durability EffectiveDurability
        => Durability ?? (DataDirectory is null ? Storage.Durability.Memory : Storage.Durability.PageCache);

    /// <summary>Looks for settings that are not legal.</summary>
    /// <returns>A sentence for each; none where all is well.</returns>
    public IReadOnlyList<string> Validate()
    {
        List<string> failures = [];
        if (DataDirectory is not null && string.IsNullOrWhiteSpace(DataDirectory))
            failures.Add("DataDirectory is blank; name a directory, or leave it out to keep everything in memory.");
        if (DataDirectory is null && Durability is Storage.Durability.PageCache or Storage.Durability.Fsync)
            failures.Add($"Durability is {Durability} but there is no DataDirectory; name one, or use Memory.");
        if (DataDirectory is not null && Durability is Storage.Durability.Memory)
            failures.Add("Durability is Memory but DataDirectory is set; leave one of them out.");
        Positive(RetentionCheckInterval, nameof(RetentionCheckInterval));
        Positive(OffsetsRetention, nameof(OffsetsRetention));
        Positive(GroupMinSessionTimeout, nameof(GroupMinSessionTimeout));
        Positive(TransactionMaxTimeout, nameof(TransactionMaxTimeout));
        if (GroupMaxSessionTimeout < GroupMinSessionTimeout)
            failures.Add($"GroupMaxSessionTimeout ({GroupMaxSessionTimeout}) is below GroupMinSessionTimeout ({GroupMinSessionTimeout}).");
        if (GroupInitialRebalanceDelay < TimeSpan.Zero)
            failures.Add($"GroupInitialRebalanceDelay ({GroupInitialRebalanceDelay}) is negative; use zero for no delay.");
        AtLeast(OffsetMetadataMaxBytes, 0, nameof(OffsetMetadataMaxBytes));
        AtLeast(QueueSegmentBytes, 64 * 1024, nameof(QueueSegmentBytes));
        AtLeast(SharedPayloadThresholdBytes, 256, nameof(SharedPayloadThresholdBytes));
        return failures;

        void Positive(TimeSpan value, string name)
        {
            if (value <= TimeSpan.Zero)
                failures.Add($"{name} ({value}) must be more than zero.");
        }

        void AtLeast(int value, int minimum, string name)
        {
            if (value < minimum)
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{name} ({value}) must be at least {minimum}."));
        }
    }
}
