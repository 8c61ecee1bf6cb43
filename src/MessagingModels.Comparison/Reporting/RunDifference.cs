namespace MessagingModels.Comparison.Reporting;

/// <summary>What changed from an earlier run to this one.</summary>
public sealed record RunDifference
{
    /// <summary>The name that the earlier run was saved under, or its file.</summary>
    public required string Name { get; init; }

    /// <summary>When the earlier run began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The version of the program that made it.</summary>
    public required string Version { get; init; }

    /// <summary>The command that repeats it.</summary>
    public required string Command { get; init; }

    /// <summary>What else changed: versions of systems and clients, of the operating system, where brokers came from, the workload.</summary>
    public IReadOnlyList<string> AlsoChanged { get; init; } = [];

    /// <summary>What speaks against comparing the two at all, and was overruled; empty where nothing does.</summary>
    public required IReadOnlyList<string> Mismatches { get; init; }

    /// <summary>The figures that both have, in the order in which they were measured.</summary>
    public required IReadOnlyList<FigureChange> Figures { get; init; }

    /// <summary>The figures that only the earlier run has, or that it measured with other settings.</summary>
    public required IReadOnlyList<string> OnlyBefore { get; init; }

    /// <summary>The figures that only this run has, or that it measured with other settings.</summary>
    public required IReadOnlyList<string> OnlyNow { get; init; }

    /// <summary>The difference in a few sentences.</summary>
    public string Summary
    {
        get
        {
            string single = Count(ChangeOutcome.SingleValues) is > 0 and int count ? $" {Words.Count(count, "figure")} of single values say nothing about change." : "";
            int judged = Figures.Count(static figure => figure.HasSpread);
            return judged == 0
                ? $"No figure of both runs has repeats, so that nothing can be said about change.{single}"
                : $"Of {Words.Count(judged, "figure")} with repeats in both runs {Count(ChangeOutcome.Higher)} are higher and {Count(ChangeOutcome.Lower)} lower by more than their spread; "
                    + $"{Count(ChangeOutcome.NoVisibleChange)} show no change that the spread allows to see. "
                    + $"Repeats follow each other within one run: from one run to the next figures can move further than that, so a change is to be seen twice before it is believed.{single}";
        }
    }

    /// <summary>How many figures came out so.</summary>
    private int Count(ChangeOutcome outcome) => Figures.Count(figure => figure.Outcome == outcome);
}

/// <summary>What can be said of a figure that was measured in two runs.</summary>
public enum ChangeOutcome
{
    /// <summary>The spreads overlap.</summary>
    NoVisibleChange,
    /// <summary>Every repeat of this run is above every repeat of the earlier one.</summary>
    Higher,
    /// <summary>Every repeat of this run is below every repeat of the earlier one.</summary>
    Lower,
    /// <summary>One of the runs has a single value, so that there is no spread to judge by.</summary>
    SingleValues,
}

/// <summary>A figure in two runs.</summary>
public sealed record FigureChange
{
    /// <summary>The experiment.</summary>
    public required string Experiment { get; init; }

    /// <summary>The system.</summary>
    public required string Target { get; init; }

    /// <summary>The model, or null where it concerns the whole broker.</summary>
    public required ModelKind? Model { get; init; }

    /// <summary>What was measured.</summary>
    public required string Metric { get; init; }

    /// <summary>What sets it apart from others of the same metric.</summary>
    public required string Label { get; init; }

    /// <summary>Its unit.</summary>
    public required string Unit { get; init; }

    /// <summary>The earlier run's.</summary>
    public required FigureSpread Before { get; init; }

    /// <summary>This run's.</summary>
    public required FigureSpread Now { get; init; }

    /// <summary>The settings that both were measured with.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>This run's median over the earlier one's; null where that is 0.</summary>
    public double? Ratio => Before.Median == 0 ? null : Now.Median / Before.Median;

    /// <summary>True where both have more than one repeat.</summary>
    public bool HasSpread => Before.Repeats > 1 && Now.Repeats > 1;

    /// <summary>What can be said.</summary>
    public ChangeOutcome Outcome => (HasSpread, Now.Minimum > Before.Maximum, Now.Maximum < Before.Minimum) switch
    {
        (false, _, _) => ChangeOutcome.SingleValues,
        (_, true, _) => ChangeOutcome.Higher,
        (_, _, true) => ChangeOutcome.Lower,
        _ => ChangeOutcome.NoVisibleChange,
    };
}

/// <summary>A figure's repeats, in short.</summary>
/// <param name="Median">Their median.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Repeats">How many there are.</param>
public sealed record FigureSpread(double Median, double Minimum, double Maximum, int Repeats);
