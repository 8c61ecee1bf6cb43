using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The top of the page: what this is, which systems it is about and where they run, and what to know before believing it.</summary>
internal static class HtmlHeader
{
    public static void Add(HtmlPage page, ComparisonReport report, Systems systems)
    {
        RunConditions conditions = report.Conditions;
        page.Open("header").Element("h1", "Log or exchange?");
        AddUnfinished(page, report);
        page.Element("p", "Two messaging models, every textbook claim about them tried by experiment on this machine. "
            + "Nothing below is a quotation: each verdict is computed from the figures beside it, and each figure names the command that measures it again.", "lead");
        page.Element("p", string.Create(
            CultureInfo.InvariantCulture,
            $"{report.StartedAt:yyyy-MM-dd HH:mm zzz} · took {report.DurationSeconds:0} s · {conditions.Processor}, {conditions.Cores} cores · {conditions.Runtime}"), "meta");
        AddNavigation(page, report);
        AddSystems(page, conditions, systems);
        AddPlaces(page, systems);
        AddWarnings(page, report);
        page.Close("header");
    }

    private static void AddUnfinished(HtmlPage page, ComparisonReport report)
    {
        if (report.Unfinished is not { } unfinished)
            return;
        page.Open("div", "warning failed").Element("strong", "This report is unfinished: it was written before the run had come to its end.").Raw(" ")
            .Element("span", "Verdicts and answers rest on what had been measured by then.");
        if (unfinished.Count > 0)
        {
            page.Raw(" ").Element("span", "Not run yet:").Open("ul");
            foreach (ExperimentsNotRun target in unfinished.NotRun)
                page.Element("li", $"on {Systems.TitleOf(target.Target)}: {string.Join(", ", target.Experiments)}");
            page.Close("ul");
        }

        page.Close("div");
    }

    private static void AddNavigation(HtmlPage page, ComparisonReport report)
    {
        page.Raw("<nav><a href=\"#answer\">Answer</a> ");
        if (report.Against is not null)
            page.Raw("<a href=\"#changes\">What changed</a> ");
        if (report.Claims.Count > 0)
            page.Raw("<a href=\"#claims\">Claims</a> ");
        if (report.FaultMatrix is { Rows.Count: > 0 })
            page.Raw("<a href=\"#faults\">Faults</a> ");
        page.Raw("<a href=\"#profile\">Profile</a> <a href=\"#conditions\">Conditions</a></nav>\n");
    }

    private static void AddSystems(HtmlPage page, RunConditions conditions, Systems systems)
    {
        page.Open("ul", "systems");
        foreach (TargetDescription target in systems.All.OrderBy(target => systems.OrderOf(target.Name)))
        {
            page.Open("li").Open("span", "keys");
            foreach (ModelKind model in target.Models)
                page.Raw($"<i class=\"sw {systems.ColourOf(target.Name, model)}\"></i>").Element("span", Words.Of(model));
            page.Close("span").Element("strong", $"{Systems.TitleOf(target.Name)} {WithoutCommit(target.Version)}").Raw(" ").Element("span", target.Place, "place");
            foreach (string detail in ((string[])[target.Client.Length > 0 ? $"client {target.Client}" : "", target.Origin]).Where(static detail => detail.Length > 0))
                page.Element("small", detail);
            page.Close("li");
        }

        foreach (UnavailableTarget target in conditions.UnavailableTargets)
        {
            page.Open("li", "missing").Element("strong", Systems.TitleOf(target.Name)).Raw(" ").Element("span", "not measured", "place")
                .Element("small", target.Reason).Close("li");
        }

        page.Close("ul");
    }

    private static void AddPlaces(HtmlPage page, Systems systems)
    {
        if (systems.Places.Count < 2)
            return;
        page.Element("p", $"Two kinds of figure, never to be read as equals. A broker in your process ({systems.ListAt(TargetDescription.InProcess)}) is called as a library: "
            + "no serialisation for the wire, no system calls to send or receive, and it shares memory, processor and garbage collector with publisher and consumer. "
            + $"A broker over a socket ({systems.ListAt(TargetDescription.OverSocket)}) pays for all of these with every message, and offers for it what a library cannot: other machines. "
            + "Charts and columns keep the two apart.", "places-note");
    }

    private static void AddWarnings(HtmlPage page, ComparisonReport report)
    {
        ExperimentReport[] failed = [.. report.Experiments.Where(static experiment => experiment.Error is not null)];
        if (failed.Length > 0)
        {
            page.Open("div", "warning failed").Element("strong", $"{failed.Length} of {Words.Count(report.Experiments.Count, "experiment")} could not be run to the end.").Open("ul");
            foreach (ExperimentReport experiment in failed)
                page.Open("li").Raw(HtmlAnswers.LinkTo(experiment.Name)).Raw(" ").Element("span", experiment.Error!).Close("li");
            page.Close("ul").Close("div");
        }

        foreach (string warning in report.Conditions.Warnings)
            page.Element("p", warning, "warning");
        if (report.Options.Quick)
            page.Element("p", "A quick run: short windows and a small backlog. Its figures have a wide spread, and verdicts and answers that rest on them may come out otherwise in a full run.", "warning");
    }

    /// <summary>A version without the commit it was built from, which stands among the conditions.</summary>
    private static string WithoutCommit(string version) => version.Split('+')[0];
}
