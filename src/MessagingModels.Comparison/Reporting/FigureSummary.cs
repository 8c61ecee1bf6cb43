namespace MessagingModels.Comparison.Reporting;

/// <summary>The figures of all experiments as one table for the console: a column for each system at a place.</summary>
internal static class FigureSummary
{
    public static SummaryTable Create(ComparisonReport report, string place, Systems systems)
    {
        (string Experiment, FigureTable Table)[] tables =
        [
            .. report.Experiments.Select(experiment => (experiment.Name, FigureTable.Of(
                [.. experiment.Measurements.Where(measurement => systems.PlaceOf(measurement.Target) == place)], systems))),
        ];
        FigureColumn[] columns = [.. tables.SelectMany(static table => table.Table.Columns).Distinct()
            .OrderBy(column => systems.OrderOf(column.Target)).ThenBy(static column => column.Model ?? (ModelKind)int.MaxValue)];
        return new SummaryTable(
            ReportSummary.At("Figures (medians; spread and settings are in the report)", place, systems),
            [new("Experiment"), new("Figure"), new("For"), .. columns.Select(column => new SummaryColumn(HeadingOf(column, systems), IsNumeric: true))],
            [.. tables.SelectMany(table => table.Table.Rows.SelectMany(row => RowsOf(table.Experiment, row, columns)))]);
    }

    /// <summary>The row of a figure, and one for each that was read beside it.</summary>
    private static IEnumerable<IReadOnlyList<string>> RowsOf(string experiment, FigureRow row, IReadOnlyList<FigureColumn> columns)
    {
        yield return Create(experiment, row.Metric, row.Unit, row.Label, columns.Select(column => row.Cells.GetValueOrDefault(column)?.Figure));
        foreach ((string metric, string unit) in row.Cells.Values.SelectMany(static cell => cell.Beside).Select(static beside => (beside.Metric, beside.Unit)).Distinct())
        {
            yield return Create(experiment, metric, unit, row.Label, columns.Select(column => row.Cells.GetValueOrDefault(column)?.Beside
                .FirstOrDefault(beside => beside.Metric == metric && beside.Unit == unit)));
        }
    }

    private static IReadOnlyList<string> Create(string experiment, string metric, string unit, string label, IEnumerable<Measurement?> figures) =>
    [
        experiment, unit is "" or "x" or "B" ? metric : $"{metric}, {Figures.UnitWords(unit)}", label,
        .. figures.Select(figure => figure is null ? "" : unit == "x" ? Figures.Format(figure.Median, unit) : Figures.InColumn(figure.Median, unit)),
    ];

    private static string HeadingOf(FigureColumn column, Systems systems)
        => column.Model is null ? $"{Systems.TitleOf(column.Target)} broker" : systems.NameOf(column.Target, column.Model);
}
