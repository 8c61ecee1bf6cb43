using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What is known of an experiment before it runs.</summary>
/// <param name="Name">Its name, as in <c>--experiments</c>.</param>
/// <param name="Title">What it measures, in a few words.</param>
/// <param name="Method">How it goes about it.</param>
public sealed record ExperimentInfo(string Name, string Title, string Method);

/// <summary>A part of the comparison that can be run by itself: a pair of claims, or a part of the profile.</summary>
internal interface IExperiment
{
    ExperimentInfo Info { get; }

    /// <summary>Runs it. What it put into the context's outcome counts even where it throws afterwards.</summary>
    Task RunAsync(ExperimentContext context, CancellationToken cancellationToken);
}

/// <summary>What an experiment works with, and where it puts its results.</summary>
internal sealed class ExperimentContext(IExperiment experiment, ComparisonOptions options, Action<string> onStep)
{
    public required IComparisonTarget Target { get; init; }

    public required Workload Workload { get; init; }

    public required RunScale Scale { get; init; }

    public ExperimentOutcome Outcome { get; } = new();

    public string Name => experiment.Info.Name;

    /// <summary>The command that runs just this experiment again.</summary>
    public string Command { get; } = CommandLine.For(options, experiment.Info.Name);

    /// <summary>Tells the user what is being done now.</summary>
    public void Step(string what) => onStep(what);

    /// <summary>Judges a claim by findings and adds it to the outcome.</summary>
    public void Judge(ClaimText claim, params IReadOnlyList<Finding> findings) => Outcome.Claims.Add(claim.Judge(this, findings));

    /// <summary>Adds a figure to the outcome.</summary>
    /// <returns>Its median.</returns>
    public double Measured(
        ModelKind? model, string metric, string label, string unit, IReadOnlyList<double> values, IReadOnlyDictionary<string, string> settings)
    {
        double median = Statistics.Median(values);
        Outcome.Measurements.Add(new Measurement
        {
            Metric = metric,
            Label = label,
            Unit = unit,
            Model = model,
            Target = Target.Description.Name,
            Median = median,
            Minimum = values.Min(),
            Maximum = values.Max(),
            Repeats = values,
            Settings = settings,
        });
        return median;
    }

    /// <summary>Adds an answer to the outcome.</summary>
    /// <param name="rank">Its place among all answers.</param>
    /// <param name="need">What someone wants to do.</param>
    /// <param name="choice">"log", "exchange", "either" or "both".</param>
    /// <param name="because">The figures that decide it.</param>
    public void Answer(int rank, string need, string choice, string because)
        => Outcome.Answers.Add(new RankedAnswer(rank, new NeedAnswer(need, choice, because, Name, Command)));
}
