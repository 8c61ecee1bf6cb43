using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The profile: each experiment's charts and figures.</summary>
internal static class HtmlProfile
{
    public static void Add(HtmlPage page, ComparisonReport report)
    {
        page.Open("section", id: "profile").Element("h2", "The profile: figures and how they were measured");
        page.Element("p", "A figure is the median of its repeats, with the smallest and the largest beside it; warm-up is left out. "
            + "A latency is timed from the moment at which the message should have been sent, so that a stall counts against every message that it held up.");
        foreach (ExperimentReport experiment in report.Experiments)
            AddExperiment(page, experiment);
        page.Close("section");
    }

    private static void AddExperiment(HtmlPage page, ExperimentReport experiment)
    {
        page.Open("section", "experiment", $"x-{experiment.Name}").Element("h3", experiment.Title);
        page.Element("p", experiment.Method, "method");
        if (experiment.Error is { } error)
            page.Open("p", "warning").Element("strong", "Not run to its end.").Raw(" ").Element("span", error).Close("p");
        if (experiment.Charts.Count > 0)
        {
            page.Open("div", "charts");
            for (int i = 0; i < experiment.Charts.Count; i++)
                AddChart(page, experiment.Charts[i], string.Create(CultureInfo.InvariantCulture, $"{experiment.Name}-{i}"));
            page.Close("div");
        }

        AddLatencies(page, experiment.Latencies);
        AddMeasurements(page, experiment.Measurements);
        foreach (string note in experiment.Notes)
            page.Element("p", note, "note");
        page.Command(experiment.Command).Close("section");
    }

    private static void AddChart(HtmlPage page, Chart chart, string id)
    {
        page.Open("figure").Element("h4", chart.Title).Open("ul", "legend");
        for (int i = 0; i < chart.Series.Count; i++)
        {
            page.Open("li").Raw($"<svg class=\"key\" viewBox=\"0 0 14 10\" aria-hidden=\"true\"><rect class=\"f {ChartPalette.ClassOf(chart, i)}\" width=\"14\" height=\"10\" rx=\"2\"/></svg>")
                .Element("span", chart.Series[i].Name).Close("li");
        }

        page.Close("ul").Raw(ChartRenderer.Render(chart, id));
        if (chart.Caption.Length > 0)
            page.Element("figcaption", chart.Caption);
        page.Close("figure");
    }

    private static void AddLatencies(HtmlPage page, IReadOnlyList<LatencyMeasurement> latencies)
    {
        if (latencies.Count == 0)
            return;
        page.OpenTable("figures", "Model", "From … to", "#Rate asked", "#reached", "#p50 ms", "#p95", "#p99", "#p99.9", "#max", "#Messages timed", "Settings");
        foreach (LatencyMeasurement latency in latencies)
        {
            page.Raw("<tr>").Element("td", Words.Of(latency.Model), Words.Of(latency.Model)).Element("td", latency.Metric);
            foreach (double value in (ReadOnlySpan<double>)[latency.IntendedRate, latency.AchievedRate, latency.P50, latency.P95, latency.P99, latency.P999, latency.Maximum])
                page.Element("td", Figures.Number(value), "n");
            page.Element("td", Figures.Count(latency.Samples), "n").Element("td", Settings(latency.Settings), "settings").Raw("</tr>\n");
        }

        page.CloseTable();
    }

    private static void AddMeasurements(HtmlPage page, IReadOnlyList<Measurement> measurements)
    {
        if (measurements.Count == 0)
            return;
        page.OpenTable("figures", "Model", "Figure", "", "#Median", "#Least", "#Most", "Settings");
        foreach (Measurement measurement in measurements)
        {
            string model = measurement.Model is { } known ? Words.Of(known) : "both";
            page.Raw("<tr>").Element("td", model, model).Element("td", measurement.Metric).Element("td", measurement.Label, "label")
                .Element("td", Figures.Format(measurement.Median, measurement.Unit), "n")
                .Element("td", measurement.Repeats.Count > 1 ? Figures.Format(measurement.Minimum, measurement.Unit) : "", "n")
                .Element("td", measurement.Repeats.Count > 1 ? Figures.Format(measurement.Maximum, measurement.Unit) : "", "n")
                .Element("td", Settings(measurement.Settings), "settings").Raw("</tr>\n");
        }

        page.CloseTable();
    }

    private static string Settings(IReadOnlyDictionary<string, string> settings)
        => string.Join(" · ", settings.Select(static setting => $"{setting.Key} {setting.Value}"));
}
