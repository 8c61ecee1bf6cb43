using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>A claim of the textbook comparison.</summary>
/// <param name="Part">The part of the comparison.</param>
/// <param name="Model">The model it is about.</param>
/// <param name="Text">The sentence.</param>
/// <param name="TrueUntil">For a sentence of older comparisons: the last version that it was true of; else null.</param>
internal sealed record ClaimText(string Part, ModelKind Model, string Text, string? TrueUntil = null)
{
    public static readonly ClaimText ExchangeDataModel = new("data model", ModelKind.Exchange, "Producers publish to an exchange, which routes by rules to queues that consumers read.");
    public static readonly ClaimText LogDataModel = new("data model", ModelKind.Log, "Producers write to topic partitions that consumers subscribe to.");
    public static readonly ClaimText ExchangeDistribution = new("distribution", ModelKind.Exchange, "Exchange and binding rules route flexibly: broadcast, direct, topic match.");
    public static readonly ClaimText LogDistribution = new("distribution", ModelKind.Log, "Partitions parallelise and so speed up consumption; there is no flexible routing.");
    public static readonly ClaimText ExchangePersistence = new("persistence", ModelKind.Exchange, "Messages live in memory by default, can be made durable, and durable ones survive a restart.");
    public static readonly ClaimText LogPersistence = new("persistence", ModelKind.Log, "Messages are on disk by default and kept 7 days, adjustable.");
    public static readonly ClaimText ExchangeConsumption = new("consumption", ModelKind.Exchange, "Consumption is point-to-point and publish/subscribe.");
    public static readonly ClaimText LogConsumption = new("consumption", ModelKind.Log, "Consumption is naturally publish/subscribe: several groups consume a topic in parallel.");
    public static readonly ClaimText ExchangeConsistency = new("consistency", ModelKind.Exchange, "Messages can be lost or consumed twice.");
    public static readonly ClaimText LogConsistency = new("consistency", ModelKind.Log, "Partition, offset and group ensure that a message is consumed exactly once.");
    public static readonly ClaimText ExchangeScaling = new("scaling", ModelKind.Exchange, "Clusters or mirrored queues give availability and balance.");
    public static readonly ClaimText LogScaling = new("scaling", ModelKind.Log, "Distribution, replicas and partitions scale well and tolerate faults.");

    public static readonly ClaimText ExchangeReplay = new("consumption", ModelKind.Exchange, "A consumed message is gone: queues cannot be read again.", "RabbitMQ 3.8");
    public static readonly ClaimText MirroredQueues = new("scaling", ModelKind.Exchange, "Mirrored queues keep a copy of each queue on several nodes.", "RabbitMQ 3.13");
    public static readonly ClaimText LogQueues = new("consumption", ModelKind.Log, "There are no queues: a partition is read by one member of a group at a time.", "Kafka 4.1");

    /// <summary>The claim with its verdict, computed from the findings.</summary>
    public ClaimResult Judge(ExperimentContext context, IReadOnlyList<Finding> findings)
    {
        (Verdict verdict, string condition) = VerdictRule.Decide(findings);
        return new ClaimResult
        {
            Part = Part,
            Model = Model,
            Claim = Text,
            TrueUntil = TrueUntil,
            Target = context.Target.Description.Name,
            Verdict = verdict,
            Condition = condition,
            Findings = findings,
            Experiment = context.Name,
            Command = context.Command,
        };
    }
}
