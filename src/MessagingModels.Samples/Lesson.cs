namespace MessagingModels.Samples;

/// <summary>A short program that shows one thing, step by step.</summary>
/// <param name="number">Its place among the lessons, from 1.</param>
/// <param name="name">The name it is run by.</param>
/// <param name="summary">What it shows, in a sentence.</param>
public abstract class Lesson(int number, string name, string summary)
{
    /// <summary>Its place among the lessons, from 1.</summary>
    public int Number { get; } = number;

    /// <summary>The name it is run by.</summary>
    public string Name { get; } = name;

    /// <summary>What it shows, in a sentence.</summary>
    public string Summary { get; } = summary;

    /// <summary>Runs the program from start to end, on a broker of its own in memory.</summary>
    /// <param name="output">Takes what happens, line by line.</param>
    /// <param name="stopping">Ends the program early.</param>
    /// <returns>A task that completes at its end.</returns>
    public abstract Task RunAsync(TextWriter output, CancellationToken stopping);
}
