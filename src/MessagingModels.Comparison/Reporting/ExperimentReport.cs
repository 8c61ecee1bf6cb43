namespace MessagingModels.Comparison.Reporting;

/// <summary>What an experiment measured.</summary>
public sealed record ExperimentReport
{
    /// <summary>Its name, as in <c>--experiments</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it measures, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>How it goes about it.</summary>
    public required string Method { get; init; }

    /// <summary>How long it took.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>The command that runs just this experiment again.</summary>
    public required string Command { get; init; }

    /// <summary>Why it could not be run to its end, with the target where there are several; null where it could.</summary>
    public string? Error { get; init; }

    /// <summary>What became of it on each system, in the order in which they ran; empty in reports of before version 2.1.</summary>
    public IReadOnlyList<TargetOutcome> Outcomes { get => field ?? []; init; } = [];

    /// <summary>Its figures.</summary>
    public IReadOnlyList<Measurement> Measurements { get; init; } = [];

    /// <summary>Its latencies.</summary>
    public IReadOnlyList<LatencyMeasurement> Latencies { get; init; } = [];

    /// <summary>Its charts.</summary>
    public IReadOnlyList<Chart> Charts { get; init; } = [];

    /// <summary>What a reader must know beside the figures.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What can become of an experiment.</summary>
public enum ExperimentEnd
{
    /// <summary>It ran to its end.</summary>
    Complete,
    /// <summary>It, or the rest of it, was not tried: the system lacks something that it needs, or a quick run has no time for it.</summary>
    LeftOut,
    /// <summary>It could not be run to its end.</summary>
    Failed,
}

/// <summary>What became of an experiment on a system.</summary>
/// <param name="Target">The system.</param>
/// <param name="End">What became of it.</param>
/// <param name="Reason">Why it was left out or failed; empty where it is complete.</param>
public sealed record TargetOutcome(string Target, ExperimentEnd End, string Reason);

/// <summary>A figure: the median of its repeats.</summary>
public sealed record Measurement
{
    /// <summary>What was measured.</summary>
    public required string Metric { get; init; }

    /// <summary>Its unit.</summary>
    public required string Unit { get; init; }

    /// <summary>The model, or null where it concerns the whole broker.</summary>
    public ModelKind? Model { get; init; }

    /// <summary>What sets this figure apart from others of the same metric, in a few words.</summary>
    public string Label { get; init; } = "";

    /// <summary>The system.</summary>
    public required string Target { get; init; }

    /// <summary>The median of <see cref="Repeats"/>.</summary>
    public required double Median { get; init; }

    /// <summary>The smallest.</summary>
    public required double Minimum { get; init; }

    /// <summary>The largest.</summary>
    public required double Maximum { get; init; }

    /// <summary>Every value, in the order in which they were measured; of a ratio, each value of the one side over each of the other.</summary>
    public required IReadOnlyList<double> Repeats { get; init; }

    /// <summary>Every setting that the figure depends on: durability, batching, acknowledgements, prefetch, sizes, counts.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>What was seen beside the figure and was nobody's choice: it may differ between two runs of the same thing.</summary>
    public IReadOnlyDictionary<string, string> Observations { get; init; } = new Dictionary<string, string>();
}

/// <summary>The distribution of a latency at a fixed rate, timed from the intended send time; in milliseconds.</summary>
public sealed record LatencyMeasurement
{
    /// <summary>From where to where.</summary>
    public required string Metric { get; init; }

    /// <summary>The model.</summary>
    public required ModelKind Model { get; init; }

    /// <summary>The system.</summary>
    public required string Target { get; init; }

    /// <summary>What sets it apart from others of the same metric, where the rate does not: a share of a rate that was found. Empty where the rate does.</summary>
    public string Label { get; init; } = "";

    /// <summary>The rate that was intended, in messages a second.</summary>
    public required double IntendedRate { get; init; }

    /// <summary>The rate that was reached.</summary>
    public required double AchievedRate { get; init; }

    /// <summary>How many messages were timed.</summary>
    public required long Samples { get; init; }

    /// <summary>Median.</summary>
    public required double P50 { get; init; }

    /// <summary>95th percentile.</summary>
    public required double P95 { get; init; }

    /// <summary>99th percentile.</summary>
    public required double P99 { get; init; }

    /// <summary>The median of each repeat by itself.</summary>
    public IReadOnlyList<double> P50Repeats { get; init; } = [];

    /// <summary>The 99th percentile of each repeat by itself.</summary>
    public IReadOnlyList<double> P99Repeats { get; init; } = [];

    /// <summary>99.9th percentile.</summary>
    public required double P999 { get; init; }

    /// <summary>The longest.</summary>
    public required double Maximum { get; init; }

    /// <summary>Percentile (0 to 100) and latency, in ascending order.</summary>
    public required IReadOnlyList<ChartPoint> Curve { get; init; }

    /// <summary>Every setting that the figures depend on.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>What was seen beside the figures and was nobody's choice.</summary>
    public IReadOnlyDictionary<string, string> Observations { get; init; } = new Dictionary<string, string>();
}

/// <summary>How a chart shows its series.</summary>
public enum ChartKind
{
    /// <summary>A group of bars for each category.</summary>
    Bars,
    /// <summary>Lines with markers.</summary>
    Lines,
    /// <summary>Latency over percentiles, spread out towards 100 %.</summary>
    Percentiles,
}

/// <summary>A chart, as data.</summary>
public sealed record Chart
{
    /// <summary>What it shows, as a sentence with the finding or a heading.</summary>
    public required string Title { get; init; }

    /// <summary>How.</summary>
    public required ChartKind Kind { get; init; }

    /// <summary>What the horizontal axis shows, with its unit.</summary>
    public required string XLabel { get; init; }

    /// <summary>What the vertical axis shows, with its unit.</summary>
    public required string YLabel { get; init; }

    /// <summary>The names along the horizontal axis, where it has names; points then have the x values 0, 1, 2 ...</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>True for a logarithmic vertical axis.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>The series.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>Settings that hold for all that is shown.</summary>
    public string Caption { get; init; } = "";

    /// <summary>Where the systems run that it shows, as in <see cref="TargetDescription.Place"/>: no chart shows both places.</summary>
    public string Place { get; init; } = TargetDescription.InProcess;
}

/// <summary>A series of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Model">The model, which gives the colour; null where it concerns neither alone.</param>
/// <param name="Points">Its points, by x.</param>
public sealed record ChartSeries(string Name, ModelKind? Model, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>The system.</summary>
    public string Target { get; init; } = "";
}

/// <summary>A point of a chart.</summary>
/// <param name="X">Horizontal.</param>
/// <param name="Y">Vertical.</param>
public readonly record struct ChartPoint(double X, double Y);
