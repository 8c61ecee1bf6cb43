namespace MessagingModels.Comparison.Reporting;

/// <summary>Latencies as a table for each place: what was timed at which rate, and below it the systems.</summary>
internal static class HtmlLatencies
{
    public static void Add(HtmlPage page, IReadOnlyList<LatencyMeasurement> latencies, Systems systems)
    {
        foreach (string place in systems.Places)
        {
            LatencyMeasurement[] here = [.. latencies.Where(latency => systems.PlaceOf(latency.Target) == place)];
            if (here.Length == 0)
                continue;
            if (systems.Places.Count > 1)
                page.Element("p", place, "place-heading");
            page.OpenTable("figures latencies", "System", "#Asked", "#Reached /s", "#p50", "#p95", "#p99", "#p99.9", "#Max", "#Timed", "Settings");
            foreach (IGrouping<string, LatencyMeasurement> metric in here.GroupBy(static latency => latency.Metric))
            {
                page.Raw("<tr class=\"metric\"><th colspan=\"10\">").Element("span", Words.Capitalised(metric.Key)).Raw(" ").Element("small", "ms").Raw("</th></tr>\n");
                foreach (LatencyMeasurement latency in metric.OrderBy(static latency => latency.IntendedRate).ThenBy(static latency => latency.Settings.GetValueOrDefault("durability", ""))
                    .ThenBy(latency => systems.OrderOf(latency.Target)).ThenBy(static latency => latency.Model))
                {
                    AddRow(page, latency, systems);
                }
            }

            page.CloseTable();
        }
    }

    private static void AddRow(HtmlPage page, LatencyMeasurement latency, Systems systems)
    {
        page.Raw("<tr>").Open("td", "who").Raw($"<i class=\"sw {systems.ColourOf(latency.Target, latency.Model)}\"></i>")
            .Element("span", systems.NameOf(latency.Target, latency.Model), "sys").Raw("</td>");
        AddCell(page, latency.IntendedRate);
        AddCell(page, latency.AchievedRate);
        AddCell(page, latency.P50, latency.P50Repeats);
        AddCell(page, latency.P95);
        AddCell(page, latency.P99, latency.P99Repeats);
        AddCell(page, latency.P999);
        AddCell(page, latency.Maximum);
        page.Element("td", Figures.Count(latency.Samples), "n").Element("td", HtmlFigures.Settings(latency.Settings.Concat(latency.Observations)), "settings").Raw("</tr>\n");
    }

    private static void AddCell(HtmlPage page, double value, IReadOnlyList<double>? repeats = null)
    {
        page.Open("td", "n").Element("span", Figures.InColumn(value, ""));
        if (repeats is { Count: > 0 })
            page.Element("small", HtmlFigures.RangeOf(repeats, ""), "range");
        page.Raw("</td>");
    }
}
