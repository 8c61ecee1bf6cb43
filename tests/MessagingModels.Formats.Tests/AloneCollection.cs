namespace MessagingModels.Formats.Tests;

/// <summary>Tests that count allocations: others that use the same codec pools would disturb them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
