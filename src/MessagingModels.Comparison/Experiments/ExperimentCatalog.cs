namespace MessagingModels.Comparison.Experiments;

/// <summary>The experiments there are.</summary>
internal static class ExperimentCatalog
{
    /// <summary>In the order in which they run: the claims, then the profile.</summary>
    public static IReadOnlyList<IExperiment> All { get; } =
    [
        new DataModelExperiment(),
        new DistributionExperiment(),
        new PersistenceExperiment(),
        new ConsumptionExperiment(),
        new ConsistencyExperiment(),
        new ScalingExperiment(),
        new HistoryExperiment(),
        new ThroughputExperiment(),
        new LatencyExperiment(),
        new SustainedExperiment(),
        new FanoutExperiment(),
        new BacklogExperiment(),
        new StartupExperiment(),
        new MemoryExperiment(),
        new ClusterExperiment(),
    ];

    /// <exception cref="ComparisonInputException">A name is unknown.</exception>
    public static IReadOnlyList<IExperiment> Select(ComparisonOptions options)
    {
        if (options.Repeat < 1)
            throw new ComparisonInputException($"--repeat {options.Repeat} is not possible; it must be at least 1.");
        if (options.Experiments.Count == 0)
            return All;
        foreach (string name in options.Experiments)
        {
            if (!All.Any(experiment => Matches(experiment, name)))
            {
                throw new ComparisonInputException(
                    $"There is no experiment '{name}'. There are: {string.Join(", ", All.Select(static experiment => experiment.Info.Name))}.");
            }
        }

        return [.. All.Where(experiment => options.Experiments.Any(name => Matches(experiment, name)))];
    }

    private static bool Matches(IExperiment experiment, string name)
        => string.Equals(experiment.Info.Name, name, StringComparison.OrdinalIgnoreCase);
}
