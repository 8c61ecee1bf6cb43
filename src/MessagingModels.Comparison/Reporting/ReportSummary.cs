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
        SummaryTable[] tables = [Answers(report), Claims(report), Faults(report), Latencies(report), Measurements(report), Failures(report)];
        return [.. tables.Where(static table => table.Rows.Count > 0)];
    }

    private static SummaryTable Answers(ComparisonReport report) => new(
        "Which model for which need",
        [new("Need"), new("Choose"), new("Because")],
        [.. report.Answers.Select(static answer => (IReadOnlyList<string>)[answer.Need, answer.Choice, answer.Because])]);

    private static SummaryTable Claims(ComparisonReport report) => new(
        "The claims",
        [new("Part"), new("Model"), new("Claim"), new("Verdict"), new("Condition or contrary")],
        [.. report.Claims.Select(static claim => (IReadOnlyList<string>)
            [claim.Part, Words.Of(claim.Model), claim.Claim, Words.Of(claim.Verdict), claim.Condition])]);

    private static SummaryTable Faults(ComparisonReport report) => report.FaultMatrix is not { } matrix
        ? new SummaryTable("", [], [])
        : new SummaryTable(
            "Faults: messages lost / duplicated",
            [new("Model"), new("Setting"), .. matrix.Faults.Select(static fault => new SummaryColumn(fault.Name, IsNumeric: true))],
            [.. matrix.Rows.Select(static row => (IReadOnlyList<string>)
                [
                    Words.Of(row.Model), row.Setting,
                    .. row.Cells.Select(static cell => cell.Sent == 0 ? "not tried" : string.Create(CultureInfo.InvariantCulture, $"{cell.Lost} / {cell.Duplicated}")),
                ])]);

    private static SummaryTable Latencies(ComparisonReport report) => new(
        "Latency at fixed rates, from the intended send time, in ms",
        [new("Model"), new("What"), new("Rate/s", true), new("Durability"), new("p50", true), new("p95", true), new("p99", true), new("p99.9", true), new("max", true)],
        [.. report.Experiments.SelectMany(static experiment => experiment.Latencies).Select(static latency => (IReadOnlyList<string>)
            [
                Words.Of(latency.Model), latency.Metric, Figures.Number(latency.IntendedRate), latency.Settings.GetValueOrDefault("durability", ""),
                Figures.Number(latency.P50), Figures.Number(latency.P95), Figures.Number(latency.P99), Figures.Number(latency.P999), Figures.Number(latency.Maximum),
            ])]);

    private static SummaryTable Measurements(ComparisonReport report) => new(
        "Figures (medians; spread and settings are in the report)",
        [new("Experiment"), new("Figure"), new("For"), new("Exchange", true), new("Log", true), new("Broker", true)],
        [.. report.Experiments.SelectMany(static experiment => experiment.Measurements
            .GroupBy(static measurement => (measurement.Metric, measurement.Label))
            .Select(group => (IReadOnlyList<string>)
            [
                experiment.Name, group.Key.Metric, group.Key.Label, Median(group, ModelKind.Exchange), Median(group, ModelKind.Log), Median(group, null),
            ]))]);

    private static string Median(IEnumerable<Measurement> measurements, ModelKind? model)
        => measurements.FirstOrDefault(measurement => measurement.Model == model) is { } found ? Figures.Format(found.Median, found.Unit) : "";

    private static SummaryTable Failures(ComparisonReport report) => new(
        "Experiments that could not be run to their end",
        [new("Experiment"), new("Why"), new("Again with")],
        [.. report.Experiments.Where(static experiment => experiment.Error is not null).Select(static experiment => (IReadOnlyList<string>)
            [experiment.Name, experiment.Error!, experiment.Command])]);
}
