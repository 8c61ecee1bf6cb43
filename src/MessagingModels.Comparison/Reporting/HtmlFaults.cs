using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The fault matrix: settings by faults, lost and duplicated in each cell.</summary>
internal static class HtmlFaults
{
    public static void Add(HtmlPage page, ComparisonReport report)
    {
        if (report.FaultMatrix is not { } matrix || matrix.Rows.Count == 0)
            return;
        page.Open("section", id: "faults").Element("h2", "The fault matrix: what is lost, what comes twice");
        page.Element("p", "Every message has an id. A message counts as lost where the publisher counted it as sent and it never took effect, "
            + "and as duplicated where it took effect more than once. Each cell is a run of its own on a fresh broker.");
        foreach (IGrouping<ModelKind, FaultRow> model in matrix.Rows.GroupBy(static row => row.Model))
        {
            page.Element("h3", $"{char.ToUpperInvariant(Words.Of(model.Key)[0])}{Words.Of(model.Key)[1..]} model");
            page.OpenTable("faults", ["Setting", .. matrix.Faults.Select(static fault => fault.Name)]);
            foreach (FaultRow row in model)
                AddRow(page, row);
            page.CloseTable();
        }

        page.Open("dl", "faults");
        foreach (FaultDescription fault in matrix.Faults)
            page.Element("dt", fault.Name).Element("dd", fault.Meaning);
        page.Close("dl");
        if (report.Experiments.FirstOrDefault(static experiment => experiment.Name == "consistency") is { } experiment)
        {
            foreach (string note in experiment.Notes)
                page.Element("p", note, "note");
            page.Command(experiment.Command);
        }

        page.Close("section");
    }

    private static void AddRow(HtmlPage page, FaultRow row)
    {
        page.Raw("<tr>").Element("th", row.Setting);
        foreach (FaultCell cell in row.Cells)
        {
            if (cell.Sent == 0)
            {
                page.Open("td", "untried").Element("small", cell.Note).Raw("</td>");
                continue;
            }

            page.Open("td", cell switch
            {
                { Lost: > 0 } => "lost",
                { Duplicated: > 0 } => "duplicated",
                _ => "sound",
            });
            page.Element("span", cell.Lost == 0 ? "0 lost" : string.Create(CultureInfo.InvariantCulture, $"{cell.Lost} lost"), cell.Lost == 0 ? "none" : "some")
                .Raw("<br>")
                .Element("span", string.Create(CultureInfo.InvariantCulture, $"{cell.Duplicated} twice"), cell.Duplicated == 0 ? "none" : "some")
                .Raw("<br>")
                .Element("small", string.Create(CultureInfo.InvariantCulture, $"of {cell.Sent}"));
            if (cell.Note.Length > 0)
                page.Raw("<br>").Element("small", cell.Note);
            page.Raw("</td>");
        }

        page.Raw("</tr>\n");
    }
}
