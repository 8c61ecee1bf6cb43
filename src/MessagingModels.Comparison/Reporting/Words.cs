namespace MessagingModels.Comparison.Reporting;

/// <summary>The words that reports use for the values of enumerations.</summary>
internal static class Words
{
    public static string Of(ModelKind model) => model == ModelKind.Exchange ? "exchange" : "log";

    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.HoldsIf => "holds if …",
        Verdict.DoesNotHold => "does not hold",
        _ => "not tried",
    };

    public static string Of(FindingOutcome outcome) => outcome switch
    {
        FindingOutcome.Confirmed => "observed",
        FindingOutcome.Conditional => "only if",
        FindingOutcome.Refuted => "not so",
        _ => "undecided",
    };

    public static string Of(ExperimentEnd end) => end switch
    {
        ExperimentEnd.Complete => "complete",
        ExperimentEnd.LeftOut => "left out",
        _ => "failed",
    };

    public static string Of(ChangeOutcome outcome) => outcome switch
    {
        ChangeOutcome.Higher => "higher",
        ChangeOutcome.Lower => "lower",
        ChangeOutcome.NoVisibleChange => "no change that the spread allows to see",
        _ => "single values, no spread",
    };

    public static string Capitalised(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>A count with its noun.</summary>
    public static string Count(int count, string noun) => $"{Figures.Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
