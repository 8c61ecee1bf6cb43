using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What is known of an experiment before it runs.</summary>
/// <param name="Name">Its name, as in <c>--experiments</c>.</param>
/// <param name="Title">What it measures, in a few words.</param>
/// <param name="Method">How it goes about it.</param>
public sealed record ExperimentInfo(string Name, string Title, string Method);

/// <summary>A part of the comparison that can be run by itself, on one target at a time: a pair of claims, or a part of the profile.</summary>
internal interface IExperiment
{
    ExperimentInfo Info { get; }

    /// <summary>True where a quick run leaves it out on a kind of target, unless it was named: it starts and stops processes for longer than a quick run may take.</summary>
    bool IsLongOn(TargetKind kind) => false;

    /// <summary>Runs it for the models that the target offers. What it put into the context's outcome counts even where it throws afterwards.</summary>
    Task RunAsync(ExperimentContext context, CancellationToken cancellationToken);
}

/// <summary>What an experiment works with on a target, and where it puts its results.</summary>
internal sealed class ExperimentContext(IExperiment experiment, ComparisonOptions options, Action<string> onStep)
{
    public required IComparisonTarget Target { get; init; }

    public required Workload Workload { get; init; }

    public required RunScale Scale { get; init; }

    public ExperimentOutcome Outcome { get; } = new();

    public string Name => experiment.Info.Name;

    /// <summary>The command that runs just this experiment again.</summary>
    public string Command { get; } = CommandLine.For(options, experiment.Info.Name);

    /// <summary>The models that the target offers.</summary>
    public IReadOnlyList<ModelKind> Models => Target.Description.Models;

    public bool Offers(ModelKind model) => Target.Offers(model);

    /// <summary>Tells the user what is being done now.</summary>
    public void Step(string what) => onStep(what);

    /// <summary>Opens a session at the weakest level that the target has, for what durability has no part in.</summary>
    public Task<TargetSession> OpenAsync(CancellationToken cancellationToken) => Target.OpenAsync(Target.Levels[0], cancellationToken);

    /// <summary>Opens a session at a level, or at the nearest that the target has.</summary>
    public Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken)
        => Target.OpenAsync(Target.Nearest(durability), cancellationToken);

    /// <summary>Judges a claim by findings and adds it to the outcome.</summary>
    public void Judge(ClaimText claim, params IReadOnlyList<Finding> findings) => Outcome.Claims.Add(claim.Judge(this, findings));

    /// <summary>Adds a figure to the outcome: the median of its values, with their spread.</summary>
    /// <param name="model">The model, or null where it concerns the whole broker.</param>
    /// <param name="metric">What was measured.</param>
    /// <param name="label">What sets it apart from others of the same metric.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="values">The values of all repeats.</param>
    /// <param name="settings">The choices that it depends on.</param>
    /// <param name="observations">What was seen beside it and was nobody's choice; null for nothing.</param>
    public Measurement Measured(
        ModelKind? model, string metric, string label, string unit, IReadOnlyList<double> values, IReadOnlyDictionary<string, string> settings,
        IReadOnlyDictionary<string, string>? observations = null)
    {
        Measurement measurement = new()
        {
            Metric = metric,
            Label = label,
            Unit = unit,
            Model = model,
            Target = Target.Description.Name,
            Median = Statistics.Median(values),
            Minimum = values.Min(),
            Maximum = values.Max(),
            Repeats = values,
            Settings = settings,
            Observations = WithTools(unit, observations ?? new Dictionary<string, string>()),
        };
        Outcome.Measurements.Add(measurement);
        return measurement;
    }

    /// <summary>Adds the ratio of two figures, with the spreads of both.</summary>
    /// <param name="model">The model.</param>
    /// <param name="metric">What was measured.</param>
    /// <param name="label">What of it over what.</param>
    /// <param name="ratio">The ratio. Where nothing got through in some window there is no figure, and that is said.</param>
    /// <param name="settings">The choices that it depends on.</param>
    public void MeasuredRatio(ModelKind model, string metric, string label, Spread ratio, IReadOnlyDictionary<string, string> settings)
    {
        if (!ratio.IsFinite)
        {
            Outcome.Notes.Add($"{Target.Description.Name}: no figure for {metric}, {label}: a window of what it is measured against had nothing in it.");
            return;
        }

        Measured(model, metric, label, "x", ratio.Values, new Dictionary<string, string>(settings)
        {
            ["ratio"] = "each repeat of the one over each of the other, so that the smallest is the lowest over the highest",
        });
    }

    /// <summary>Whoever reads a rate of Kafka's is told whether it was held against Kafka's own tools.</summary>
    private IReadOnlyDictionary<string, string> WithTools(string unit, IReadOnlyDictionary<string, string> observations)
        => Target.Description.Kind == TargetKind.Kafka && unit.EndsWith("/s", StringComparison.Ordinal) && !observations.ContainsKey(ToolCheck.Observation)
            ? new Dictionary<string, string>(observations) { [ToolCheck.Observation] = "not run with this workload" }
            : observations;

    /// <summary>Adds a chart of this target. Charts of one title and place become one, with the series of all their targets.</summary>
    public void AddChart(Chart chart) => Outcome.Charts.Add(chart with
    {
        Place = Target.Description.Place,
        Series = [.. chart.Series.Select(series => series with { Target = Target.Description.Name })],
    });

    /// <summary>The name of a model's series: the system's, where it offers no other model.</summary>
    public string SeriesName(ModelKind model) => Models.Count > 1 ? Words.Of(model) : Target.Description.Name;

    /// <summary>Adds one model's count to the answer to a need; it is weighed against the other model's once that is known too.</summary>
    /// <param name="need">The need.</param>
    /// <param name="model">The model.</param>
    /// <param name="count">The number that decides: counted, and so without a spread.</param>
    /// <param name="evidence">The number, as a sentence.</param>
    public void Weigh(Need need, ModelKind model, double count, string evidence) => Weigh(need, model, Spread.Counted(count), evidence);

    /// <summary>Adds one model's figure to the answer to a need, with the range that it lies in.</summary>
    /// <param name="need">The need.</param>
    /// <param name="model">The model.</param>
    /// <param name="figure">The figure that decides.</param>
    /// <param name="evidence">The figure, as a sentence.</param>
    public void Weigh(Need need, ModelKind model, Spread figure, string evidence)
        => Outcome.Sides.Add(new AnswerSide(need, model, Target.Description, figure, evidence, Name, Command));

    /// <summary>Adds one model's figure to the answer to a need, with its spread.</summary>
    /// <param name="need">The need.</param>
    /// <param name="model">The model.</param>
    /// <param name="figure">The figure that decides; one value alone decides nothing.</param>
    /// <param name="evidence">The figure, as a sentence without its end: the spread is added.</param>
    public void Weigh(Need need, ModelKind model, Measurement figure, string evidence)
        => Weigh(
            need, model, Spread.Of(figure.Repeats),
            $"{evidence} ({(figure.Repeats.Count > 1 ? $"{Figures.Number(figure.Minimum)} to {Figures.Number(figure.Maximum)} in {figure.Repeats.Count} repeats" : "one value, which decides nothing")}).");

    /// <summary>Adds an answer that this target gives alone.</summary>
    /// <param name="need">The need.</param>
    /// <param name="choice">"log", "exchange", "either" or "both".</param>
    /// <param name="because">The figures that decide it.</param>
    public void Answer(Need need, string choice, string because) => Outcome.Answers.Add(new RankedAnswer(
        need.Rank, new NeedAnswer(need.Text, choice, because, Name, Command) { Place = Target.Description.Place, Targets = [Target.Description.Name] }));
}
