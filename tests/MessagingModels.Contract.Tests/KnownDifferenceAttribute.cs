namespace MessagingModels.Contract.Tests;

/// <summary>
/// A row of the README's table of differences. The test that has it shows the difference: it demands one thing of the embedded broker and another
/// of the real one, so that the row is true as long as the test passes on both.
/// </summary>
/// <param name="what">What differs.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KnownDifferenceAttribute(string what) : Attribute
{
    public string What { get; } = what;

    /// <summary>What the embedded broker does.</summary>
    public required string Native { get; init; }

    /// <summary>What the real one does.</summary>
    public required string Real { get; init; }

    /// <summary>Why it stays.</summary>
    public required string Reason { get; init; }
}
