using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Brings together what one experiment found on several targets.</summary>
internal static class ResultMerge
{
    /// <summary>One report for an experiment, from its results on all targets.</summary>
    /// <param name="results">The results, at least one.</param>
    /// <param name="command">The command that runs the experiment again.</param>
    public static ExperimentReport ToReport(IReadOnlyList<TargetResult> results, string command)
    {
        ExperimentInfo info = results[0].Experiment.Info;
        string[] errors = [.. results.Where(static result => result.Error is not null)
            .Select(result => results.Count > 1 ? $"{result.Target.Name}: {result.Error}" : result.Error!)];
        return new ExperimentReport
        {
            Name = info.Name,
            Title = info.Title,
            Method = info.Method,
            DurationSeconds = results.Sum(static result => result.Duration.TotalSeconds),
            Command = command,
            Error = errors.Length > 0 ? string.Join(" ", errors) : null,
            Outcomes = [.. results.Select(static result => new TargetOutcome(
                result.Target.Name,
                result.Error is not null ? ExperimentEnd.Failed : result.LeftOut is not null ? ExperimentEnd.LeftOut : ExperimentEnd.Complete,
                result.Error ?? result.LeftOut ?? ""))],
            Measurements = [.. results.SelectMany(static result => result.Outcome.Measurements)],
            Latencies = [.. results.SelectMany(static result => result.Outcome.Latencies)],
            Charts = MergeCharts(results.SelectMany(static result => result.Outcome.Charts)),
            Notes = [.. results.SelectMany(static result => result.Outcome.Notes).Distinct()],
        };
    }

    /// <summary>
    /// One verdict for each claim and target, from the findings of all experiments that tried it: what one could not try and another did counts as tried.
    /// </summary>
    public static IReadOnlyList<ClaimResult> MergeClaims(IEnumerable<ClaimResult> claims) =>
    [
        .. claims.GroupBy(static claim => (claim.Claim, claim.Target)).Select(static group =>
        {
            Finding[] findings =
            [
                .. group.SelectMany(static claim => claim.Findings).GroupBy(static finding => finding.Statement)
                    .Select(static same => same.FirstOrDefault(static finding => finding.Outcome != FindingOutcome.NotTested) ?? same.First()),
            ];
            (Verdict verdict, string condition) = VerdictRule.Decide(findings);
            return group.First() with { Findings = findings, Verdict = verdict, Condition = condition };
        }),
    ];

    /// <summary>The rows of all targets in one matrix; null where none has one.</summary>
    public static FaultMatrix? MergeFaults(IEnumerable<TargetResult> results)
    {
        FaultMatrix[] matrices = [.. results.Select(static result => result.Outcome.FaultMatrix).OfType<FaultMatrix>()];
        return matrices.Length == 0 ? null : new FaultMatrix(matrices[0].Faults, [.. matrices.SelectMany(static matrix => matrix.Rows)]);
    }

    /// <summary>Charts that show the same in the same place, over the same axis, become one.</summary>
    internal static IReadOnlyList<Chart> MergeCharts(IEnumerable<Chart> charts) =>
    [
        .. charts.GroupBy(static chart => (chart.Title, chart.Place, Axis: string.Join('|', chart.Categories)))
            .Select(static group => group.First() with
            {
                Series = [.. group.SelectMany(static chart => chart.Series)],
                Caption = string.Join(" / ", group.Select(static chart => chart.Caption).Distinct()),
            }),
    ];
}
