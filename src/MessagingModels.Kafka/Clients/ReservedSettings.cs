namespace MessagingModels.Kafka.Clients;

/// <summary>Settings of librdkafka that callers cannot pass through: the adapter's own promises rest on them.</summary>
internal static class ReservedSettings
{
    private static readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = "the addresses are BootstrapServers",
        ["metadata.broker.list"] = "the addresses are BootstrapServers",
        ["group.id"] = "the group is ConsumerOptions.GroupId",
        ["group.instance.id"] = "the static name is ConsumerOptions.GroupInstanceId",
        ["partition.assignment.strategy"] = "the strategies are ConsumerOptions.AssignmentStrategies",
        ["auto.offset.reset"] = "the start is ConsumerOptions.OffsetReset",
        ["isolation.level"] = "what is seen of transactions is ConsumerOptions.IsolationLevel",
        ["enable.auto.commit"] = "automatic commits are ConsumerOptions.AutoCommit",
        ["auto.commit.interval.ms"] = "the interval is ConsumerOptions.AutoCommitInterval",
        ["auto.commit.enable"] = "automatic commits are ConsumerOptions.AutoCommit",
        ["enable.auto.offset.store"] = "the consumer itself decides which records count as read",
        ["enable.partition.eof"] = "the consumer needs it for its positions",
        ["transactional.id"] = "the id is ProducerOptions.TransactionalId",
        ["enable.idempotence"] = "it is ProducerOptions.Idempotence",
        ["partitioner"] = "the choice of partitions is ProducerOptions.Partitioner",
        ["log_level"] = "the levels are those of the logger",
    };

    /// <summary>Why a setting is refused, as a clause; null where it may be set.</summary>
    public static string? FindFault(string name)
    {
        if (_reasons.TryGetValue(name, out string? reason))
            return reason;
        if (name.StartsWith("dotnet.", StringComparison.Ordinal))
            return "it is none of librdkafka's but belongs to the client that the adapter wraps";
        return name.EndsWith("_cb", StringComparison.Ordinal) ? "callbacks belong to the adapter" : null;
    }
}
