namespace MessagingModels.Broker.Tests;

/// <summary>Tests that count what the whole process allocates: they run after all others, one by one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
