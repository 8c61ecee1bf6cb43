using System.Reflection;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The report as one HTML file that fetches nothing: the answer first, then what changed, the claims, the faults, the profile, the conditions.</summary>
internal static class HtmlReport
{
    public static string Create(ComparisonReport report)
    {
        Systems systems = new(report.Conditions);
        HtmlPage page = new();
        page.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>Log or exchange?</title>\n<style>\n")
            .Raw(ReadStyleSheet()).Raw("</style>\n</head>\n<body>\n");
        HtmlHeader.Add(page, report, systems);
        page.Open("main");
        HtmlAnswers.Add(page, report, systems);
        HtmlChanges.Add(page, report, systems);
        HtmlClaims.Add(page, report, systems);
        HtmlFaults.Add(page, report, systems);
        HtmlProfile.Add(page, report, systems);
        HtmlConditions.Add(page, report, systems);
        return page.Close("main").Raw("</body>\n</html>\n").ToString();
    }

    private static string ReadStyleSheet()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
