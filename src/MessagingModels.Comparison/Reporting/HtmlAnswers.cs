using System.Net;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The first section: which model for which need, with the figures that decide it, for each place where it was measured.</summary>
internal static class HtmlAnswers
{
    public static void Add(HtmlPage page, ComparisonReport report, Systems systems)
    {
        page.Open("section", id: "answer").Element("h2", "The answer: which model for which need");
        if (report.Answers.Count == 0)
        {
            page.Element("p", "None of the experiments that decide a need was run.").Close("section");
            return;
        }

        page.Element("p", "A model is chosen where its figure is the better one with all of its spread: what was timed by a quarter at least, what was counted by anything. Otherwise the answer is either: both will do, or the spread does not tell them apart.");
        string[] places = [.. systems.Places.Where(place => report.Answers.Any(answer => answer.Place == place))];
        page.Raw("<div class=\"scroll\">").Open("table", "answers").Raw("<thead><tr>").Element("th", "You need");
        foreach (string place in places)
            page.Open("th").Element("span", place, "place").Raw(" ").Element("span", systems.ListAt(place)).Raw("</th>");
        page.Raw("</tr></thead><tbody>\n");
        foreach (IGrouping<string, NeedAnswer> need in report.Answers.GroupBy(static answer => answer.Need))
        {
            page.Raw("<tr>").Element("th", need.Key);
            foreach (string place in places)
                AddCell(page, place, [.. need.Where(answer => answer.Place == place)], systems);
            page.Raw("</tr>\n");
        }

        page.CloseTable().Close("section");
    }

    /// <summary>A link to an experiment's place in the profile.</summary>
    public static string LinkTo(string experiment)
        => $"<a href=\"#x-{WebUtility.HtmlEncode(experiment)}\">{WebUtility.HtmlEncode(experiment)}</a>";

    private static void AddCell(HtmlPage page, string place, IReadOnlyList<NeedAnswer> answers, Systems systems)
    {
        page.Open("td").Element("span", place, "where");
        if (answers.Count == 0)
            page.Element("span", "not measured", "none");
        foreach (NeedAnswer answer in answers)
        {
            page.Open("div", "decision").Open("p", "line").Element("span", answer.Choice, $"choice {answer.Choice}");
            if (NameChosen(answer, systems) is { } system)
                page.Raw(" ").Element("span", system, "sys");
            page.Close("p").Element("span", answer.Because).Raw(" <small>").Raw(LinkTo(answer.Experiment)).Raw("</small>").Close("div");
        }

        page.Raw("</td>");
    }

    /// <summary>The system that offers the model chosen, where the choice is one between systems.</summary>
    private static string? NameChosen(NeedAnswer answer, Systems systems)
        => answer.Targets.Count < 2
            ? null
            : answer.Targets.Where(target => systems.ModelOf(target, null) is { } model && Words.Of(model) == answer.Choice).Select(Systems.TitleOf).FirstOrDefault();
}
