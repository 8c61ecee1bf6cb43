namespace MessagingModels.Kafka;

/// <summary>What Kafka offers through its .NET client.</summary>
internal static class KafkaCapabilities
{
    /// <summary>The system's name in messages and tables.</summary>
    public const string SystemName = "Apache Kafka";

    /// <summary>The one statement; it does not depend on the cluster.</summary>
    public static readonly Capabilities<LogFeature> All = new(
        SystemName,
        new Dictionary<LogFeature, string>
        {
            [LogFeature.StickyAssignment] = "its client library has no eager sticky strategy; use cooperative-sticky, range or roundrobin",
            [LogFeature.OwnGroupAssignors] = "its client library takes no assignor from outside; use range, roundrobin or cooperative-sticky",
            [LogFeature.OffsetMetadata] = "its client library commits offsets without text; keep the text in a topic of your own",
        },
        new Dictionary<LogFeature, string>
        {
            [LogFeature.CooperativeRebalancing] =
                "alone in the list; where eager strategies stand beside it (as in the default) the group is eager in Kafka too, and the client uses the eager ones",
            [LogFeature.Transactions] = "a record's delivery timeout is at most the transaction's timeout; an abort drops what was not sent yet",
            [LogFeature.GroupDescriptions] = "the generation is not told (-1)",
            [LogFeature.PatternSubscription] = "matched by the adapter, with .NET's rules, against the cluster's topics at every MetadataRefreshInterval",
        });
}
