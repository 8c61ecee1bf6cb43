using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Partitions;

/// <summary>What all partitions of a broker share.</summary>
internal sealed class PartitionEnvironment(BrokerContext context)
{
    public BrokerContext Context { get; } = context;

    public ILogger Logger { get; } = context.Loggers.CreateLogger("MessagingModels.Broker.Partitions");

    /// <inheritdoc cref="TopicRegistry.TransactionGate"/>
    public Func<TopicPartition, long, short, LogErrorCode>? TransactionGate { get; set; }

    public long NowMs => Context.Time.GetUtcNow().ToUnixTimeMilliseconds();
}
