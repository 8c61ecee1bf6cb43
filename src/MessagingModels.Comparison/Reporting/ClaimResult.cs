namespace MessagingModels.Comparison.Reporting;

/// <summary>The two messaging models.</summary>
public enum ModelKind
{
    /// <summary>Exchanges, bindings and queues (RabbitMQ's).</summary>
    Exchange,
    /// <summary>Topics and partitions (Kafka's).</summary>
    Log,
}

/// <summary>What became of a claim.</summary>
public enum Verdict
{
    /// <summary>Everything it says was observed.</summary>
    Holds,
    /// <summary>It was observed under a condition only, or a part of it is undecided; which is named.</summary>
    HoldsIf,
    /// <summary>What it says at its core was not observed.</summary>
    DoesNotHold,
    /// <summary>Nothing that it says could be tried on this system.</summary>
    NotTried,
}

/// <summary>A claim of the textbook comparison, with its verdict.</summary>
public sealed record ClaimResult
{
    /// <summary>The part of the comparison: "data model" to "scaling".</summary>
    public required string Part { get; init; }

    /// <summary>The model it is about.</summary>
    public required ModelKind Model { get; init; }

    /// <summary>The sentence.</summary>
    public required string Claim { get; init; }

    /// <summary>For a sentence of older comparisons: the last version that it was true of, such as "Kafka 4.1"; null for one of today.</summary>
    public string? TrueUntil { get; init; }

    /// <summary>The system it was tried on.</summary>
    public required string Target { get; init; }

    /// <summary>The verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The condition of <see cref="Verdict.HoldsIf"/>, what speaks against it, or what trying it needs; empty where it holds.</summary>
    public required string Condition { get; init; }

    /// <summary>What the verdict follows from.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The experiment that found it out.</summary>
    public required string Experiment { get; init; }

    /// <summary>The command that runs just this experiment again.</summary>
    public required string Command { get; init; }
}

/// <summary>What an observation says about a part of a claim.</summary>
public enum FindingOutcome
{
    /// <summary>Observed.</summary>
    Confirmed,
    /// <summary>Observed under a condition only.</summary>
    Conditional,
    /// <summary>The contrary was observed.</summary>
    Refuted,
    /// <summary>Undecided: it cannot be tried on this target, or the figures do not tell it beyond their spread.</summary>
    NotTested,
}

/// <summary>A part of a claim and what was measured about it.</summary>
/// <param name="Statement">The part, as a sentence.</param>
/// <param name="Outcome">What was observed.</param>
/// <param name="Evidence">The figures.</param>
/// <param name="Condition">The condition of <see cref="FindingOutcome.Conditional"/>, what was found instead where refuted, what is needed or missing where undecided; else empty.</param>
/// <param name="IsEssential">True where the claim falls with it.</param>
public sealed record Finding(string Statement, FindingOutcome Outcome, string Evidence, string Condition = "", bool IsEssential = false);

/// <summary>Which model for a need.</summary>
/// <param name="Need">What someone wants to do.</param>
/// <param name="Choice">"log", "exchange", "either" or "both".</param>
/// <param name="Because">The figures that decide it.</param>
/// <param name="Experiment">Where they were measured.</param>
/// <param name="Command">The command that measures them again.</param>
public sealed record NeedAnswer(string Need, string Choice, string Because, string Experiment, string Command)
{
    /// <summary>Where the systems run that were weighed against each other, as in <see cref="TargetDescription.Place"/>.</summary>
    public string Place { get; init; } = TargetDescription.InProcess;

    /// <summary>The names of those systems: one that offers both models, or one for each.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];
}

/// <summary>Messages lost and duplicated, by setting and fault.</summary>
/// <param name="Faults">The columns.</param>
/// <param name="Rows">The settings.</param>
public sealed record FaultMatrix(IReadOnlyList<FaultDescription> Faults, IReadOnlyList<FaultRow> Rows);

/// <summary>A fault that was injected.</summary>
/// <param name="Name">A few words.</param>
/// <param name="Meaning">What was done.</param>
public sealed record FaultDescription(string Name, string Meaning);

/// <summary>A setting and what it lost and duplicated.</summary>
/// <param name="Model">The model.</param>
/// <param name="Target">The system.</param>
/// <param name="Setting">How publisher and consumer were set.</param>
/// <param name="Cells">One for each fault, in order.</param>
public sealed record FaultRow(ModelKind Model, string Target, string Setting, IReadOnlyList<FaultCell> Cells);

/// <summary>What one setting did under one fault, counted by message id.</summary>
/// <param name="Fault">The fault's name.</param>
/// <param name="Sent">How many messages went through it; 0 where it could not be tried or failed, and then <paramref name="Note"/> says why.</param>
/// <param name="Lost">How many of them had no effect.</param>
/// <param name="Duplicated">How many had their effect more than once.</param>
/// <param name="Note">What else there is to say; empty for nothing.</param>
public sealed record FaultCell(string Fault, int Sent, int Lost, int Duplicated, string Note = "")
{
    /// <summary>True where it was tried and could not be run to its end.</summary>
    public bool HasFailed { get; init; }

    /// <summary>True where it was run to its end: nothing else says what is lost or comes twice.</summary>
    internal bool WasTried => Sent > 0;

    /// <summary>True where it was tried and nothing was lost or came twice.</summary>
    internal bool IsSound => WasTried && Lost + Duplicated == 0;
}
