using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The report in a few tables, for the console.</summary>
public static class ReportSummary
{
    /// <summary>Picks out what fits on a screen.</summary>
    /// <param name="report">The report.</param>
    /// <returns>The tables that have rows, in the order of the HTML report.</returns>
    public static IReadOnlyList<SummaryTable> Create(ComparisonReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Systems systems = new(report.Conditions);
        SummaryTable[] tables =
        [
            .. systems.Places.Select(place => Answers(report, place, systems)),
            Changes(report, systems),
            Claims(report, systems),
            Conditions(report),
            .. Enum.GetValues<ModelKind>().Select(model => Faults(report, model)),
            .. systems.Places.Select(place => Latencies(report, place, systems)),
            .. systems.Places.Select(place => FigureSummary.Create(report, place, systems)),
            LeftOut(report),
            Unavailable(report),
            Failures(report),
        ];
        return [.. tables.Where(static table => table.Rows.Count > 0)];
    }

    /// <summary>The title of a table about one of several places.</summary>
    internal static string At(string title, string place, Systems systems)
        => systems.Places.Count > 1 ? $"{title}: {place} ({systems.ListAt(place)})" : title;

    private static SummaryTable Answers(ComparisonReport report, string place, Systems systems) => new(
        At("Which model for which need", place, systems),
        [new("Need"), new("Choose"), new("Because")],
        [.. report.Answers.Where(answer => answer.Place == place).Select(static answer => (IReadOnlyList<string>)[answer.Need, answer.Choice, answer.Because])]);

    private static SummaryTable Claims(ComparisonReport report, Systems systems)
    {
        string[] targets = [.. report.Claims.Select(static claim => claim.Target).Distinct().OrderBy(systems.OrderOf)];
        return new SummaryTable(
            "The claims",
            [new("Part"), new("Model"), new("Claim"), .. targets.Select(static target => new SummaryColumn(Systems.TitleOf(target)))],
            [.. report.Claims.GroupBy(static claim => (claim.Part, claim.Model, claim.Claim)).Select(claim => (IReadOnlyList<string>)
                [
                    claim.Key.Part, Words.Of(claim.Key.Model), claim.Key.Claim,
                    .. targets.Select(target => claim.FirstOrDefault(result => result.Target == target) is { } found ? Words.Of(found.Verdict) : ""),
                ])]);
    }

    private static SummaryTable Conditions(ComparisonReport report) => new(
        "What the verdicts depend on, what speaks against, or what trying needs",
        [new("Part"), new("Model"), new("System"), new("Verdict"), new("Condition, contrary or need")],
        [.. report.Claims.Where(static claim => claim.Condition.Length > 0).Select(static claim => (IReadOnlyList<string>)
            [claim.Part, Words.Of(claim.Model), Systems.TitleOf(claim.Target), Words.Of(claim.Verdict), claim.Condition])]);

    private static SummaryTable Faults(ComparisonReport report, ModelKind model) => new(
        $"Faults, {Words.Of(model)} model: messages lost / duplicated",
        [new("Setting"), new("System"), .. (report.FaultMatrix?.Faults ?? []).Select(static fault => new SummaryColumn(fault.Name, IsNumeric: true))],
        [.. (report.FaultMatrix?.Rows ?? []).Where(row => row.Model == model).GroupBy(static row => row.Setting).SelectMany(static rows => rows)
            .Select(row => (IReadOnlyList<string>)
            [
                row.Setting, Systems.TitleOf(row.Target),
                .. report.FaultMatrix!.Faults.Select(fault => row.Cells.FirstOrDefault(cell => cell.Fault == fault.Name) switch
                {
                    { WasTried: true } cell => string.Create(CultureInfo.InvariantCulture, $"{cell.Lost} / {cell.Duplicated}"),
                    { HasFailed: true } => "failed",
                    _ => "not tried",
                }),
            ])]);

    private static SummaryTable Latencies(ComparisonReport report, string place, Systems systems) => new(
        At("Latency at fixed rates, from the intended send time, in ms", place, systems),
        [new("System"), new("What"), new("Rate/s", true), new("Durability"), new("p50", true), new("p95", true), new("p99", true), new("p99.9", true), new("max", true)],
        [.. report.Experiments.SelectMany(static experiment => experiment.Latencies).Where(latency => systems.PlaceOf(latency.Target) == place)
            .Select(latency => (IReadOnlyList<string>)
            [
                systems.NameOf(latency.Target, latency.Model), latency.Metric, Figures.InColumn(latency.IntendedRate, ""), latency.Settings.GetValueOrDefault("durability", ""),
                .. new[] { latency.P50, latency.P95, latency.P99, latency.P999, latency.Maximum }.Select(static value => Figures.InColumn(value, "")),
            ])]);

    private static SummaryTable Changes(ComparisonReport report, Systems systems) => new(
        $"What changed against '{report.Against?.Name}'",
        [new("Experiment"), new("System"), new("Figure"), new("Before (spread)", true), new("Now (spread)", true), new("Ratio", true), new("Change")],
        [.. (report.Against?.Figures ?? []).Where(static change => change.Outcome is ChangeOutcome.Higher or ChangeOutcome.Lower).Select(change => (IReadOnlyList<string>)
            [
                change.Experiment, systems.NameOf(change.Target, change.Model),
                string.Join(", ", ((string[])[change.Metric, change.Label, change.Unit]).Where(static word => word.Length > 0)),
                Spread(change.Before, change.Unit), Spread(change.Now, change.Unit), change.Ratio is { } ratio ? Figures.Ratio(ratio) : "", Words.Of(change.Outcome),
            ])]);

    private static string Spread(FigureSpread spread, string unit)
        => $"{Short(spread.Median, unit)} ({Short(spread.Minimum, unit)} – {Short(spread.Maximum, unit)})";

    private static string Short(double value, string unit) => unit is "B" or "B/s" ? Figures.Format(value, unit) : Figures.Number(value);

    private static SummaryTable LeftOut(ComparisonReport report) => new(
        "Left out, wholly or from some point on",
        [new("Experiment"), new("System"), new("Why")],
        [.. report.Experiments.SelectMany(static experiment => experiment.Outcomes.Where(static outcome => outcome.End == ExperimentEnd.LeftOut)
            .Select(outcome => (IReadOnlyList<string>)[experiment.Name, Systems.TitleOf(outcome.Target), outcome.Reason]))]);

    private static SummaryTable Unavailable(ComparisonReport report) => new(
        "Systems, and ways to them, that could not be had",
        [new("System"), new("Why")],
        [
            .. report.Conditions.UnavailableTargets.Select(static target => (IReadOnlyList<string>)[Systems.TitleOf(target.Name), target.Reason]),
            .. report.Conditions.Targets.Where(static target => target.FailedBefore.Length > 0)
                .Select(static target => (IReadOnlyList<string>)[Systems.TitleOf(target.Name), $"{target.FailedBefore}; another way worked"]),
        ]);

    private static SummaryTable Failures(ComparisonReport report) => new(
        "Experiments that could not be run to their end",
        [new("Experiment"), new("Why"), new("Again with")],
        [.. report.Experiments.Where(static experiment => experiment.Error is not null).Select(static experiment => (IReadOnlyList<string>)
            [experiment.Name, experiment.Error!, experiment.Command])]);
}
