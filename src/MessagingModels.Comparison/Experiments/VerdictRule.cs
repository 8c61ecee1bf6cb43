using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>How a verdict follows from findings.</summary>
internal static class VerdictRule
{
    /// <summary>
    /// Nothing tested: not tried. Everything confirmed: holds. An essential finding refuted, or all of them: does not hold. Else it holds under
    /// the conditions of the findings that were not confirmed.
    /// </summary>
    /// <exception cref="ArgumentException">There are no findings.</exception>
    public static (Verdict Verdict, string Condition) Decide(IReadOnlyList<Finding> findings)
    {
        if (findings.Count == 0)
            throw new ArgumentException("A verdict needs at least one finding.", nameof(findings));
        Finding[] open = [.. findings.Where(static finding => finding.Outcome != FindingOutcome.Confirmed)];
        if (open.Length == 0)
            return (Verdict.Holds, "");
        if (findings.All(static finding => finding.Outcome == FindingOutcome.NotTested))
            return (Verdict.NotTried, Join(findings));
        Finding[] refuted = [.. open.Where(static finding => finding.Outcome == FindingOutcome.Refuted)];
        bool fails = refuted.Any(static finding => finding.IsEssential) || refuted.Length == findings.Count;
        return fails ? (Verdict.DoesNotHold, Join(refuted)) : (Verdict.HoldsIf, Join(open));
    }

    private static string Join(IEnumerable<Finding> findings)
        => string.Join("; ", findings.Select(static finding => finding.Condition).Where(static condition => condition.Length > 0).Distinct());
}

/// <summary>Findings from observations.</summary>
internal static class Observe
{
    /// <summary>Confirmed or refuted; undecided where the spread of a figure does not tell, which is null.</summary>
    public static Finding That(string statement, bool? observed, string evidence, string contrary, bool isEssential = false)
        => Under("", statement, observed, observed, evidence, contrary, isEssential);

    /// <summary>Confirmed where it was observed in any case, conditional where for certain only under the condition, refuted where not even so; undecided where the spread of a figure does not tell, which is null.</summary>
    public static Finding Under(
        string condition, string statement, bool? observedWith, bool? observedWithout, string evidence, string contrary, bool isEssential = false)
        => (observedWith, observedWithout) switch
        {
            (_, true) => new Finding(statement, FindingOutcome.Confirmed, evidence, "", isEssential),
            (true, _) => new Finding(statement, FindingOutcome.Conditional, evidence, condition, isEssential),
            (false, _) => new Finding(statement, FindingOutcome.Refuted, evidence, contrary, isEssential),
            _ => new Finding(
                statement, FindingOutcome.NotTested, evidence, $"undecided here: {statement.TrimEnd('.')}, which the figures do not tell beyond their spread", isEssential),
        };

    /// <summary>What this target cannot show.</summary>
    public static Finding Nothing(string statement, string needs) => new(
        statement, FindingOutcome.NotTested, $"Not tried here: it needs {needs}.", $"untested here: {statement.TrimEnd('.')}, which needs {needs}");
}
