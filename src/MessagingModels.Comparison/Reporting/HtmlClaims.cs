namespace MessagingModels.Comparison.Reporting;

/// <summary>The claims: a row for each, a column for each place and system, the verdict in sight and the evidence to be opened.</summary>
internal static class HtmlClaims
{
    public static void Add(HtmlPage page, ComparisonReport report, Systems systems)
    {
        if (report.Claims.Count == 0)
            return;
        page.Open("section", id: "claims").Element("h2", "The claims, and what became of them");
        page.Element("p", "A claim holds where everything it says was observed; it holds if … where a part of it was observed only under the condition named, "
            + "or is undecided: it could not be tried here, or the figures do not tell it beyond their spread; it does not hold where what it says at its core was not observed, "
            + "and it was not tried where nothing of it could be. "
            + "The verdict is computed from the findings below it. What was timed confirms or refutes with all of its spread, and one value alone does neither; what was counted is as it is.");
        AddTable(page, [.. report.Claims.Where(static claim => claim.TrueUntil is null)], systems);
        ClaimResult[] once = [.. report.Claims.Where(static claim => claim.TrueUntil is not null)];
        if (once.Length > 0)
        {
            page.Element("h3", "Once true");
            page.Element("p", "Sentences of older comparisons that held up to the version named with them. The verdict is that of the version which was tried here; beside it stands what that version does instead.");
            AddTable(page, once, systems);
        }

        page.Close("section");
    }

    private static void AddTable(HtmlPage page, ClaimResult[] claims, Systems systems)
    {
        if (claims.Length == 0)
            return;
        string[] places = [.. systems.Places.Where(place => claims.Any(claim => systems.PlaceOf(claim.Target) == place))];
        page.Raw("<div class=\"scroll\">").Open("table", "claims").Raw("<thead><tr>").Element("th", "Claim");
        foreach (string place in places)
        {
            page.Open("th").Element("span", place, "place").Raw(" ")
                .Element("span", string.Join(" or ", systems.At(place).Where(target => claims.Any(claim => claim.Target == target.Name)).Select(static target => Systems.TitleOf(target.Name))))
                .Raw("</th>");
        }

        page.Raw("</tr></thead>\n");
        foreach (IGrouping<string, ClaimResult> part in claims.GroupBy(static claim => claim.Part))
            AddPart(page, part, places, systems);
        page.Raw("</table></div>\n");
    }

    private static void AddPart(HtmlPage page, IGrouping<string, ClaimResult> part, string[] places, Systems systems)
    {
        page.Raw("<tbody>");
        foreach (IGrouping<(ModelKind Model, string Claim), ClaimResult> claim in part.GroupBy(static claim => (claim.Model, claim.Claim)).OrderBy(static claim => claim.Key.Model))
        {
            string model = Words.Of(claim.Key.Model);
            page.Raw("<tr>").Open("th", "statement").Element("span", $"{Words.Capitalised(part.Key)} · {model} model", $"model {model}").Element("q", claim.Key.Claim);
            if (claim.First().TrueUntil is { } version)
                page.Element("span", $"true up to {version}", "until");
            page.Raw("</th>");
            foreach (string place in places)
            {
                page.Open("td").Element("span", place, "where");
                ClaimResult[] results = [.. claim.Where(result => systems.PlaceOf(result.Target) == place).OrderBy(result => systems.OrderOf(result.Target))];
                if (results.Length == 0)
                    page.Element("span", "not tried", "none");
                foreach (ClaimResult result in results)
                    AddResult(page, result, systems);
                page.Raw("</td>");
            }

            page.Raw("</tr>\n");
        }

        page.Raw("</tbody>\n");
    }

    private static void AddResult(HtmlPage page, ClaimResult result, Systems systems)
    {
        page.Open("div", "result").Open("p", "line").Raw($"<i class=\"sw {systems.ColourOf(result.Target, result.Model)}\"></i>")
            .Element("span", Systems.TitleOf(result.Target), "sys").Raw(" ")
            .Element("strong", Words.Of(result.Verdict), $"verdict v-{result.Verdict.ToString().ToLowerInvariant()}").Close("p");
        if (result.Condition.Length > 0)
            page.Element("p", result.Condition, "condition");
        page.Open("details").Element("summary", Words.Count(result.Findings.Count, "finding")).Open("ul", "findings");
        foreach (Finding finding in result.Findings)
        {
            page.Open("li").Element("span", Words.Of(finding.Outcome), $"outcome o-{finding.Outcome.ToString().ToLowerInvariant()}").Raw(" ")
                .Element("b", finding.Statement).Raw(" ").Element("span", finding.Evidence, "evidence");
            if (finding.IsEssential)
                page.Raw(" ").Element("small", "(the claim falls with this)", "note");
            page.Close("li");
        }

        page.Close("ul").Command(result.Command).Close("details").Close("div");
    }
}
