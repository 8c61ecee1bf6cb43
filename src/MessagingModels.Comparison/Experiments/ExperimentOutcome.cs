using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What an experiment has found so far on one target.</summary>
internal sealed class ExperimentOutcome
{
    public List<Measurement> Measurements { get; private init; } = [];

    public List<LatencyMeasurement> Latencies { get; private init; } = [];

    public List<Chart> Charts { get; private init; } = [];

    public List<string> Notes { get; private init; } = [];

    public List<ClaimResult> Claims { get; private init; } = [];

    /// <summary>What is still to be weighed against the other model.</summary>
    public List<AnswerSide> Sides { get; private init; } = [];

    /// <summary>Answers that one target gives alone.</summary>
    public List<RankedAnswer> Answers { get; private init; } = [];

    public FaultMatrix? FaultMatrix { get; set; }

    /// <summary>What is there now. An experiment that was left behind may still add to the original, which this does not mind: the lists are copied as arrays.</summary>
    public ExperimentOutcome Copy() => new()
    {
        Measurements = [.. Measurements.ToArray()],
        Latencies = [.. Latencies.ToArray()],
        Charts = [.. Charts.ToArray()],
        Notes = [.. Notes.ToArray()],
        Claims = [.. Claims.ToArray()],
        Sides = [.. Sides.ToArray()],
        Answers = [.. Answers.ToArray()],
        FaultMatrix = FaultMatrix,
    };
}

/// <summary>An answer and its place among the answers.</summary>
internal readonly record struct RankedAnswer(int Rank, NeedAnswer Answer);
