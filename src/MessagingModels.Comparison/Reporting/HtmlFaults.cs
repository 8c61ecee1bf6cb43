using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The fault matrix: settings by faults, the systems of a setting one below the other, lost and duplicated in each cell.</summary>
internal static class HtmlFaults
{
    public static void Add(HtmlPage page, ComparisonReport report, Systems systems)
    {
        if (report.FaultMatrix is not { } matrix || matrix.Rows.Count == 0)
            return;
        page.Open("section", id: "faults").Element("h2", "The fault matrix: what is lost, what comes twice");
        int[] sizes = [.. matrix.Rows.SelectMany(static row => row.Cells).Select(static cell => cell.Sent).Where(static sent => sent > 0).Distinct()];
        page.Element("p", "Every message has an id. A message counts as lost where the publisher counted it as sent and it never took effect, "
            + "and as “twice” where it took effect more than once. Each cell has a destination, a publisher and a consumer of its own"
            + (sizes is [var size] ? $", and {Words.Count(size, "message")}" : "")
            + ". Some cells of a column run side by side. Where a broker over a socket is killed, its settings all run at once and go through the same kill.");
        foreach (IGrouping<ModelKind, FaultRow> model in matrix.Rows.GroupBy(static row => row.Model).OrderBy(static model => model.Key))
        {
            page.Element("h3", $"{Words.Capitalised(Words.Of(model.Key))} model");
            page.OpenTable("faults", ["Setting", "System", .. matrix.Faults.Select(static fault => fault.Name)]);
            foreach (IGrouping<string, FaultRow> setting in model.GroupBy(static row => row.Setting))
                AddSetting(page, [.. setting.OrderBy(row => systems.OrderOf(row.Target))], matrix.Faults, sizes.Length > 1, systems);
            page.CloseTable();
        }

        page.Open("details").Element("summary", "What each fault is").Open("dl");
        foreach (FaultDescription fault in matrix.Faults)
            page.Element("dt", fault.Name).Element("dd", fault.Meaning);
        page.Close("dl").Close("details");
        if (report.Experiments.FirstOrDefault(static experiment => experiment.Name == "consistency") is { } experiment)
        {
            foreach (string note in experiment.Notes)
                page.Element("p", note, "note");
            page.Command(experiment.Command);
        }

        page.Close("section");
    }

    private static void AddSetting(HtmlPage page, FaultRow[] rows, IReadOnlyList<FaultDescription> faults, bool namesSize, Systems systems)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            page.Raw(i == 0 ? "<tr class=\"first\">" : "<tr>");
            if (i == 0)
                page.Raw(string.Create(CultureInfo.InvariantCulture, $"<th rowspan=\"{rows.Length}\">")).Element("span", rows[i].Setting).Raw("</th>");
            page.Open("td", "who").Raw($"<i class=\"sw {systems.ColourOf(rows[i].Target, rows[i].Model)}\"></i>").Element("span", Systems.TitleOf(rows[i].Target), "sys").Raw("</td>");
            foreach (FaultDescription fault in faults)
                AddCell(page, rows[i].Cells.FirstOrDefault(cell => cell.Fault == fault.Name), namesSize);
            page.Raw("</tr>\n");
        }
    }

    private static void AddCell(HtmlPage page, FaultCell? cell, bool namesSize)
    {
        if (cell is null or { WasTried: false })
        {
            page.Open("td", cell is { HasFailed: true } ? "failed" : "untried").Element("small", cell?.Note ?? "not tried").Raw("</td>");
            return;
        }

        page.Open("td", cell switch
        {
            { Lost: > 0 } => "lost",
            { Duplicated: > 0 } => "duplicated",
            _ => "sound",
        });
        page.Element("span", string.Create(CultureInfo.InvariantCulture, $"{cell.Lost} lost"), cell.Lost == 0 ? "none" : "some").Raw("<br>")
            .Element("span", string.Create(CultureInfo.InvariantCulture, $"{cell.Duplicated} twice"), cell.Duplicated == 0 ? "none" : "some");
        foreach (string detail in ((string[])[namesSize ? string.Create(CultureInfo.InvariantCulture, $"of {cell.Sent}") : "", cell.Note]).Where(static detail => detail.Length > 0))
            page.Raw("<br>").Element("small", detail);
        page.Raw("</td>");
    }
}
