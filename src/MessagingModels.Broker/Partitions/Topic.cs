namespace MessagingModels.Broker.Partitions;

/// <summary>A topic as it is at present. Thread-safe; changed by the registry only.</summary>
internal sealed class Topic(string name, Guid id, TopicSettings settings, Partition[] partitions)
{
    private volatile TopicSettings _settings = settings;
    private volatile Partition[] _partitions = partitions;

    public string Name { get; } = name;

    /// <summary>Never zero; a topic created again under the same name has another.</summary>
    public Guid Id { get; } = id;

    public bool IsInternal => TopicName.IsInternal(Name);

    public TopicSettings Settings => _settings;

    /// <summary>The partitions by number: a snapshot, to which none is added.</summary>
    public IReadOnlyList<Partition> Partitions => _partitions;

    public void Extend(IEnumerable<Partition> added) => _partitions = [.. _partitions, .. added];

    public void Apply(TopicSettings settings)
    {
        _settings = settings;
        foreach (Partition partition in _partitions) partition.Apply(settings);
    }

    public TopicDescription Describe(int nodeId) => new(
        Name, Id, IsInternal,
        [.. _partitions.Select(partition => Describe(partition, nodeId))],
        _settings.Describe());

    private static PartitionDescription Describe(Partition partition, int nodeId)
    {
        string? error = partition.Error;
        return new PartitionDescription(partition.Id.Partition, error is null ? nodeId : -1, [nodeId], error is null ? [nodeId] : [], error);
    }
}
