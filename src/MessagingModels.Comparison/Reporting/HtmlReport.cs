using System.Globalization;
using System.Reflection;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The report as one HTML file that fetches nothing: the answer first, then the claims, the faults, the profile, the conditions.</summary>
internal static class HtmlReport
{
    public static string Create(ComparisonReport report)
    {
        HtmlPage page = new();
        page.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>Log or exchange?</title>\n<style>\n")
            .Raw(ReadStyleSheet()).Raw("</style>\n</head>\n<body>\n");
        AddHeader(page, report);
        page.Open("main");
        HtmlClaims.AddAnswers(page, report);
        HtmlClaims.AddClaims(page, report);
        HtmlFaults.Add(page, report);
        HtmlProfile.Add(page, report);
        HtmlConditions.Add(page, report);
        return page.Close("main").Raw("</body>\n</html>\n").ToString();
    }

    private static void AddHeader(HtmlPage page, ComparisonReport report)
    {
        RunConditions conditions = report.Conditions;
        page.Open("header").Element("h1", "Log or exchange?");
        page.Element("p", "Two messaging models, every textbook claim about them tried by experiment on this machine. "
            + "Nothing below is a quotation: each verdict is computed from the figures beside it, and each figure names the command that measures it again.", "lead");
        page.Element("p", string.Create(
            CultureInfo.InvariantCulture,
            $"{report.StartedAt:yyyy-MM-dd HH:mm zzz} · took {report.DurationSeconds:0} s · {conditions.Processor}, {conditions.Cores} cores · {conditions.Runtime} · {string.Join(", ", conditions.Targets.Select(static target => $"{target.Name} {target.Version} ({target.Place})"))}"), "meta");
        page.Raw("<nav><a href=\"#answer\">Answer</a> ");
        if (report.Claims.Count > 0)
            page.Raw("<a href=\"#claims\">Claims</a> ");
        if (report.FaultMatrix is { Rows.Count: > 0 })
            page.Raw("<a href=\"#faults\">Faults</a> ");
        page.Raw("<a href=\"#profile\">Profile</a> <a href=\"#conditions\">Conditions</a></nav>\n");
        foreach (ExperimentReport failed in report.Experiments.Where(static experiment => experiment.Error is not null))
        {
            page.Open("p", "warning").Element("strong", $"{failed.Name} could not be run to its end.").Raw(" ")
                .Element("span", failed.Error!).Close("p");
        }

        foreach (string warning in conditions.Warnings)
            page.Element("p", warning, "warning");
        if (report.Options.Quick)
            page.Element("p", "A quick run: short windows and a small backlog. The verdicts count; the figures have a wide spread.", "warning");
        page.Close("header");
    }

    private static string ReadStyleSheet()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
