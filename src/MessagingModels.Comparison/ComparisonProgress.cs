namespace MessagingModels.Comparison;

/// <summary>What happened to an experiment.</summary>
public enum ComparisonStage
{
    /// <summary>It began.</summary>
    Started,
    /// <summary>It came to another step.</summary>
    Step,
    /// <summary>It ended and has a result.</summary>
    Finished,
    /// <summary>It could not be run to its end.</summary>
    Failed,
}

/// <summary>News of a running comparison.</summary>
/// <param name="Experiment">The experiment's name; empty while a target is started or stopped.</param>
/// <param name="Title">What it measures, in a few words.</param>
/// <param name="Index">Its place among those that run, from 1; an experiment on another target counts as another.</param>
/// <param name="Count">How many run, on all targets.</param>
/// <param name="Stage">What happened.</param>
/// <param name="Elapsed">Since the start of this experiment.</param>
/// <param name="Detail">The step, the outcome in a few words, or why it failed.</param>
public sealed record ComparisonProgress(
    string Experiment, string Title, int Index, int Count, ComparisonStage Stage, TimeSpan Elapsed, string Detail)
{
    /// <summary>The system that it runs on; empty where it concerns no single one.</summary>
    public string Target { get; init; } = "";
}

/// <summary>The user gave something that no run can start with: an unknown experiment, a file that is not there, a line that cannot be used.</summary>
public sealed class ComparisonInputException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong and what to do, in one line.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ComparisonInputException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
