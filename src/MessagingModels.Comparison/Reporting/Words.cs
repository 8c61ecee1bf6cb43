namespace MessagingModels.Comparison.Reporting;

/// <summary>The words that reports use for the values of enumerations.</summary>
internal static class Words
{
    public static string Of(ModelKind model) => model == ModelKind.Exchange ? "exchange" : "log";

    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.HoldsIf => "holds if …",
        _ => "does not hold",
    };

    public static string Of(FindingOutcome outcome) => outcome switch
    {
        FindingOutcome.Confirmed => "observed",
        FindingOutcome.Conditional => "only if",
        FindingOutcome.Refuted => "not so",
        _ => "not tested",
    };
}
