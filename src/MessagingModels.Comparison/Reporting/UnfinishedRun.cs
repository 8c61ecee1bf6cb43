namespace MessagingModels.Comparison.Reporting;

/// <summary>What a run had still to do when its report was written between two experiments.</summary>
/// <param name="NotRun">The experiments that had not been run, by target, in the order of the run; a target without any is left out.</param>
public sealed record UnfinishedRun(IReadOnlyList<ExperimentsNotRun> NotRun)
{
    /// <summary>How many they are; one on several targets counts for each.</summary>
    internal int Count => NotRun.Sum(static target => target.Experiments.Count);
}

/// <summary>The experiments that had not been run on a target.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Experiments">The experiments' names.</param>
public sealed record ExperimentsNotRun(string Target, IReadOnlyList<string> Experiments);
