namespace MessagingModels.Broker.Partitions;

/// <summary>A topic as it is at present. Thread-safe.</summary>
internal sealed class Topic
{
    /// <summary>The partitions by number; a longer list takes its place when partitions are added.</summary>
    private volatile Partition[] _partitions = [];

    public required string Name { get; init; }

    /// <summary>Never zero; a topic created again under the same name has another.</summary>
    public required Guid Id { get; init; }

    public IReadOnlyList<Partition> Partitions => _partitions;
}
