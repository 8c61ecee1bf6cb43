using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>What changed from a saved run to this one: medians with their spreads, and whether the spreads overlap.</summary>
internal static class HtmlChanges
{
    public static void Add(HtmlPage page, ComparisonReport report, Systems systems)
    {
        if (report.Against is not { } difference)
            return;
        page.Open("section", id: "changes").Element("h2", $"What changed against “{difference.Name}”");
        page.Open("p", "meta").Element("span", string.Create(
            CultureInfo.InvariantCulture, $"That run: {difference.StartedAt:yyyy-MM-dd HH:mm zzz}, program version {difference.Version}, by ")).Element("code", difference.Command).Close("p");
        foreach (string mismatch in difference.Mismatches)
            page.Open("p", "warning failed").Element("strong", "Compared by force.").Raw(" ").Element("span", $"{Words.Capitalised(mismatch)}.").Close("p");
        foreach (string change in difference.AlsoChanged)
            page.Element("p", $"{Words.Capitalised(change)}.", "note");
        page.Element("p", difference.Summary);
        page.Element("p", "Compared are figures of the same experiment, system, label and settings; a change is one where no repeat of one run lies within the spread of the other. The settings are in the profile.", "note");
        FigureChange[] visible = [.. difference.Figures.Where(static figure => figure.Outcome is ChangeOutcome.Higher or ChangeOutcome.Lower).OrderByDescending(Size)];
        if (visible.Length > 0)
            AddTable(page, visible, systems);
        AddFolded(page, "No change that the spread allows to see", [.. difference.Figures.Where(static figure => figure.Outcome == ChangeOutcome.NoVisibleChange)], systems);
        AddFolded(page, "Single values, which have no spread to judge by", [.. difference.Figures.Where(static figure => figure.Outcome == ChangeOutcome.SingleValues)], systems);
        AddNames(page, $"Only in “{difference.Name}”, or with other settings there", difference.OnlyBefore);
        AddNames(page, "Only in this run, or with other settings here", difference.OnlyNow);
        page.Close("section");
    }

    private static double Size(FigureChange change) => change.Ratio is > 0 and double ratio ? Math.Abs(Math.Log(ratio)) : double.MaxValue;

    private static void AddFolded(HtmlPage page, string title, IReadOnlyList<FigureChange> changes, Systems systems)
    {
        if (changes.Count == 0)
            return;
        page.Open("details").Element("summary", $"{title}: {Words.Count(changes.Count, "figure")}");
        AddTable(page, changes, systems);
        page.Close("details");
    }

    private static void AddNames(HtmlPage page, string title, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;
        page.Open("details").Element("summary", $"{title}: {Words.Count(names.Count, "figure")}").Open("ul");
        foreach (string name in names)
            page.Element("li", name);
        page.Close("ul").Close("details");
    }

    private static void AddTable(HtmlPage page, IReadOnlyList<FigureChange> changes, Systems systems)
    {
        page.OpenTable("figures changes", "Figure", "System", "#Before", "#least – most", "#Now", "#least – most", "#Now / before", "");
        foreach (IGrouping<(string Experiment, string Metric, string Unit), FigureChange> metric in changes.GroupBy(static change => (change.Experiment, change.Metric, change.Unit)))
        {
            page.Raw("<tr class=\"metric\"><th colspan=\"8\">").Element("span", metric.Key.Metric).Raw(" ").Element("small", $"{Figures.UnitWords(metric.Key.Unit)} · ")
                .Raw("<small>").Raw(HtmlAnswers.LinkTo(metric.Key.Experiment)).Raw("</small></th></tr>\n");
            foreach (FigureChange change in metric)
                AddRow(page, change, systems);
        }

        page.CloseTable();
    }

    private static void AddRow(HtmlPage page, FigureChange change, Systems systems)
    {
        page.Raw("<tr>").Element("th", change.Label).Open("td", "who").Raw($"<i class=\"sw {systems.ColourOf(change.Target, change.Model)}\"></i>")
            .Element("span", systems.NameOf(change.Target, change.Model), "sys").Raw("</td>");
        foreach (FigureSpread spread in (ReadOnlySpan<FigureSpread>)[change.Before, change.Now])
        {
            page.Open("td", "n").Element("b", Figures.InColumn(spread.Median, change.Unit)).Raw("</td>")
                .Element("td", spread.Repeats > 1 ? $"{Figures.InColumn(spread.Minimum, change.Unit)} – {Figures.InColumn(spread.Maximum, change.Unit)}" : "one value", "n range");
        }

        page.Element("td", change.Ratio is { } ratio ? Figures.Ratio(ratio) : "–", "n")
            .Element("td", change.Outcome is ChangeOutcome.Higher or ChangeOutcome.Lower ? Words.Of(change.Outcome) : "", "change").Raw("</tr>\n");
    }
}
