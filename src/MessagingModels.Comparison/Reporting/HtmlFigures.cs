using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The figures of an experiment as a table: a column for each system, those in the process apart from those over a socket.</summary>
internal static class HtmlFigures
{
    public static void Add(HtmlPage page, IReadOnlyList<Measurement> measurements, Systems systems)
    {
        if (measurements.Count == 0)
            return;
        FigureTable table = FigureTable.Of(measurements, systems);
        page.Raw("<div class=\"scroll\">").Open("table", "figures").Raw("<thead>");
        AddPlaces(page, table, systems);
        page.Raw("<tr>").Element("th", "Figure, and what sets it apart");
        foreach (FigureColumn column in table.Columns)
        {
            page.Open("th", $"n {Edge(table, column, systems)}").Raw($"<i class=\"sw {systems.ColourOf(column.Target, column.Model)}\"></i>")
                .Element("span", NameOf(column, systems), "sys");
            if (table.CommonSettings(column) is { Count: > 0 } common)
                page.Element("small", Settings(common), "settings");
            page.Raw("</th>");
        }

        page.Element("th", "Settings of the row").Raw("</tr></thead><tbody>\n");
        foreach (IGrouping<(string Metric, string Unit), FigureRow> metric in table.Rows.GroupBy(static row => (row.Metric, row.Unit)))
            AddMetric(page, table, metric.Key.Metric, metric.Key.Unit, [.. metric], systems);
        page.CloseTable();
    }

    public static string Settings(IEnumerable<KeyValuePair<string, string>> settings)
        => string.Join(" · ", settings.Select(static setting => $"{setting.Key} {setting.Value}"));

    /// <summary>The smallest and the largest of some repeats, or that there is but one.</summary>
    public static string RangeOf(IReadOnlyList<double> repeats, string unit)
        => repeats.Count > 1 ? $"{Figures.InColumn(repeats.Min(), unit)} – {Figures.InColumn(repeats.Max(), unit)}" : "one value";

    private static string NameOf(FigureColumn column, Systems systems)
        => column.Model is null && systems.ModelOf(column.Target, null) is null
            ? $"{Systems.TitleOf(column.Target)}, broker or both"
            : systems.NameOf(column.Target, column.Model);

    /// <summary>A row that says which columns are in the process and which are behind a socket, where there are both.</summary>
    private static void AddPlaces(HtmlPage page, FigureTable table, Systems systems)
    {
        if (systems.Places.Count < 2)
            return;
        page.Raw("<tr class=\"places\"><td></td>");
        foreach (IGrouping<string, FigureColumn> place in table.Columns.GroupBy(column => systems.PlaceOf(column.Target)))
        {
            page.Raw(string.Create(CultureInfo.InvariantCulture, $"<th colspan=\"{place.Count()}\" class=\"{Edge(table, place.First(), systems)}\">"))
                .Element("span", place.Key).Raw("</th>");
        }

        page.Raw("<td></td></tr>\n");
    }

    private static void AddMetric(HtmlPage page, FigureTable table, string metric, string unit, IReadOnlyList<FigureRow> rows, Systems systems)
    {
        bool isSingle = rows is [{ Label.Length: 0 }];
        if (!isSingle)
        {
            page.Raw(string.Create(CultureInfo.InvariantCulture, $"<tr class=\"metric\"><th colspan=\"{table.Columns.Count + 2}\">"))
                .Element("span", metric).Raw(" ").Element("small", Figures.UnitWords(unit)).Raw("</th></tr>\n");
        }

        foreach (FigureRow row in rows)
        {
            page.Raw(isSingle ? "<tr class=\"metric\">" : "<tr>").Open("th").Element("span", isSingle ? metric : row.Label);
            if (isSingle)
                page.Raw(" ").Element("small", Figures.UnitWords(unit));
            page.Raw("</th>");
            foreach (FigureColumn column in table.Columns)
                AddCell(page, row, column, Edge(table, column, systems));
            AddSettings(page, table, row, systems);
            page.Raw("</tr>\n");
        }
    }

    private static void AddCell(HtmlPage page, FigureRow row, FigureColumn column, string edge)
    {
        page.Open("td", $"n {edge}");
        if (row.Cells.TryGetValue(column, out FigureCell? cell))
        {
            page.Element("b", Figures.InColumn(cell.Figure.Median, row.Unit));
            page.Element("small", RangeOf(cell.Figure.Repeats, row.Unit), "range");
            if (cell.Figure.Observations.Count > 0)
                page.Element("small", Settings(cell.Figure.Observations), "beside");
            foreach (Measurement beside in cell.Beside)
                page.Element("small", $"{beside.Metric}: {Figures.Format(beside.Median, beside.Unit)} ({RangeOf(beside.Repeats, beside.Unit)})", "beside");
        }

        page.Raw("</td>");
    }

    private static void AddSettings(HtmlPage page, FigureTable table, FigureRow row, Systems systems)
    {
        (IReadOnlyDictionary<string, string> shared, IReadOnlyDictionary<FigureColumn, IReadOnlyDictionary<string, string>> own) = table.SettingsOf(row);
        page.Open("td", "settings");
        if (shared.Count > 0)
            page.Element("span", Settings(shared));
        foreach (IGrouping<string, FigureColumn> same in own.GroupBy(static column => Settings(column.Value), static column => column.Key))
        {
            string systemsOf = string.Join(", ", same.Select(column => NameOf(column, systems)));
            page.Open("div").Element("b", row.Cells.Count == 1 ? "" : $"{systemsOf}: ").Element("span", same.Key).Close("div");
        }

        page.Raw("</td>");
    }

    /// <summary>The class of the first column of a place, which draws the line between the places.</summary>
    private static string Edge(FigureTable table, FigureColumn column, Systems systems)
        => table.Columns.First(other => systems.PlaceOf(other.Target) == systems.PlaceOf(column.Target)) == column ? "edge" : "";
}
