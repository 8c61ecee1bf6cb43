using System.Net;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The first two sections: which model for which need, and the claims with verdict and evidence.</summary>
internal static class HtmlClaims
{
    public static void AddAnswers(HtmlPage page, ComparisonReport report)
    {
        page.Open("section", id: "answer").Element("h2", "The answer: which model for which need");
        if (report.Answers.Count == 0)
        {
            page.Element("p", "None of the experiments that decide a need was run.").Close("section");
            return;
        }

        page.OpenTable("answers", "You need", "Choose", "Because, on this machine", "Measured by");
        foreach (NeedAnswer answer in report.Answers)
        {
            page.Raw("<tr>").Element("th", answer.Need)
                .Raw("<td>").Element("span", answer.Choice, $"choice {answer.Choice}").Raw("</td>")
                .Element("td", answer.Because)
                .Raw("<td>").Raw(LinkTo(answer.Experiment)).Raw("</td></tr>\n");
        }

        page.CloseTable().Close("section");
    }

    public static void AddClaims(HtmlPage page, ComparisonReport report)
    {
        if (report.Claims.Count == 0)
            return;
        page.Open("section", id: "claims").Element("h2", "The claims, and what became of them");
        page.Element("p", "A claim holds where everything it says was observed; it holds if … where a part of it was observed only under the condition named, "
            + "or could not be tried here; it does not hold where what it says at its core was not observed.");
        foreach (IGrouping<string, ClaimResult> part in report.Claims.GroupBy(static claim => claim.Part))
        {
            page.Element("h3", char.ToUpperInvariant(part.Key[0]) + part.Key[1..]).Open("div", "pair");
            foreach (ClaimResult claim in part)
                AddClaim(page, claim);
            page.Close("div").Command(part.First().Command);
        }

        page.Close("section");
    }

    /// <summary>A link to an experiment's place in the profile or among the methods.</summary>
    public static string LinkTo(string experiment)
        => $"<a href=\"#x-{WebUtility.HtmlEncode(experiment)}\">{WebUtility.HtmlEncode(experiment)}</a>";

    private static void AddClaim(HtmlPage page, ClaimResult claim)
    {
        string model = Words.Of(claim.Model);
        page.Open("article", $"claim {model}").Element("p", $"{model} model · {claim.Target}", "model").Element("blockquote", claim.Claim);
        page.Open("p").Element("strong", Words.Of(claim.Verdict), $"verdict v-{claim.Verdict.ToString().ToLowerInvariant()}");
        if (claim.Condition.Length > 0)
            page.Raw(" ").Element("span", claim.Condition);
        page.Close("p").Open("ul", "findings");
        foreach (Finding finding in claim.Findings)
        {
            page.Open("li").Element("span", Words.Of(finding.Outcome), $"outcome o-{finding.Outcome.ToString().ToLowerInvariant()}").Raw(" ")
                .Element("b", finding.Statement).Raw(" ").Element("span", finding.Evidence, "evidence").Close("li");
        }

        page.Close("ul").Close("article");
    }
}
