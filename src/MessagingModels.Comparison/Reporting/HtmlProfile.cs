using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The profile: each experiment's charts, and the figures that they were drawn from.</summary>
internal static class HtmlProfile
{
    public static void Add(HtmlPage page, ComparisonReport report, Systems systems)
    {
        page.Open("section", id: "profile").Element("h2", "The profile: figures and how they were measured");
        page.Element("p", "A figure is the median of its repeats, with the smallest and the largest below it; where that says “one value”, it was counted or read once, and nothing is known of a spread. Warm-up is left out. "
            + "A latency is timed from the moment at which the message should have been sent, so that a stall counts against every message that it held up.");
        page.Open("ul", "contents");
        foreach (ExperimentReport experiment in report.Experiments)
            page.Open("li").Raw(HtmlAnswers.LinkTo(experiment.Name)).Close("li");
        page.Close("ul");
        foreach (ExperimentReport experiment in report.Experiments)
            AddExperiment(page, experiment, systems);
        page.Close("section");
    }

    private static void AddExperiment(HtmlPage page, ExperimentReport experiment, Systems systems)
    {
        page.Open("section", "experiment", $"x-{experiment.Name}").Element("h3", experiment.Title);
        page.Element("p", experiment.Method, "method");
        if (experiment.Error is { } error)
            page.Open("p", "warning failed").Element("strong", "Not run to its end.").Raw(" ").Element("span", error).Close("p");
        AddCharts(page, experiment, systems);
        foreach (string note in experiment.Notes)
            page.Element("p", note, "note");
        AddTables(page, experiment, systems);
        page.Command(experiment.Command).Close("section");
    }

    /// <summary>Below their charts the tables are folded; without any they are what there is to see.</summary>
    private static void AddTables(HtmlPage page, ExperimentReport experiment, Systems systems)
    {
        int count = experiment.Measurements.Count + experiment.Latencies.Count;
        if (count == 0)
            return;
        page.Raw(experiment.Charts.Count == 0 ? "<details open>" : "<details>")
            .Element("summary", $"{Words.Count(count, experiment.Measurements.Count == 0 ? "latency distribution" : "figure")}, with spread and settings");
        HtmlLatencies.Add(page, experiment.Latencies, systems);
        HtmlFigures.Add(page, experiment.Measurements, systems);
        page.Close("details");
    }

    /// <summary>Charts of the same title stand in a row, that of the process on the left and that over a socket on the right.</summary>
    private static void AddCharts(HtmlPage page, ExperimentReport experiment, Systems systems)
    {
        if (experiment.Charts.Count == 0)
            return;
        string[] places = [.. systems.Places.Where(place => experiment.Charts.Any(chart => chart.Place == place))];
        bool isApart = places.Length > 1;
        page.Open("div", isApart ? "charts apart" : "charts");
        foreach (string place in isApart ? places : [])
            page.Open("p", $"place-heading {Column(place)}").Element("span", place).Raw(" ").Element("small", $"{systems.ListAt(place)} · scales of its own").Close("p");
        int number = 0;
        foreach (Chart chart in experiment.Charts.GroupBy(static chart => chart.Title).SelectMany(group => group.OrderBy(chart => Array.IndexOf(places, chart.Place))))
        {
            AddChart(page, chart, isApart ? Column(chart.Place) : null, systems.Places.Count > 1, systems,
                string.Create(CultureInfo.InvariantCulture, $"{experiment.Name}-{number++}"));
        }

        page.Close("div");
    }

    private static string Column(string place) => place == TargetDescription.InProcess ? "left" : "right";

    private static void AddChart(HtmlPage page, Chart chart, string? column, bool namesPlace, Systems systems, string id)
    {
        page.Open("figure", column).Element("h4", chart.Title);
        if (namesPlace)
            page.Element("p", chart.Place, "place");
        page.Open("ul", "legend");
        for (int i = 0; i < chart.Series.Count; i++)
        {
            page.Open("li").Raw(ChartRenderer.RenderKey(chart, i, systems))
                .Element("span", LegendOf(chart, i, systems)).Close("li");
        }

        page.Close("ul").Raw(ChartRenderer.Render(chart, id, systems));
        if (chart.Caption.Length > 0)
            page.Element("figcaption", chart.Caption);
        page.Close("figure");
    }

    /// <summary>The name of a series: by that of its product where it begins with that of its system, which goes before it where several are about.</summary>
    private static string LegendOf(Chart chart, int series, Systems systems)
    {
        ChartSeries one = chart.Series[series];
        string system = Systems.TitleOf(one.Target);
        if (one.Target.Length > 0 && one.Name.StartsWith(one.Target, StringComparison.OrdinalIgnoreCase))
            return system + one.Name[one.Target.Length..];
        return one.Target.Length == 0 || systems.At(chart.Place).Count() < 2 ? one.Name : $"{system}: {one.Name}";
    }
}
