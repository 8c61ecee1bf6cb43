using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What an experiment has found so far on one target.</summary>
internal sealed class ExperimentOutcome
{
    public List<Measurement> Measurements { get; } = [];

    public List<LatencyMeasurement> Latencies { get; } = [];

    public List<Chart> Charts { get; } = [];

    public List<string> Notes { get; } = [];

    public List<ClaimResult> Claims { get; } = [];

    /// <summary>What is still to be weighed against the other model.</summary>
    public List<AnswerSide> Sides { get; } = [];

    /// <summary>Answers that one target gives alone.</summary>
    public List<RankedAnswer> Answers { get; } = [];

    public FaultMatrix? FaultMatrix { get; set; }
}

/// <summary>An answer and its place among the answers.</summary>
internal readonly record struct RankedAnswer(int Rank, NeedAnswer Answer);
