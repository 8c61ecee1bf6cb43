using System.Text.RegularExpressions;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

public partial class HtmlReportTests
{
    private static readonly string Html = HtmlReport.Create(SampleReport.Create());

    [Fact]
    public void Nothing_is_fetched()
    {
        Assert.DoesNotMatch(Fetching(), Html);
        Assert.DoesNotContain("<script", Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", Html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Text_is_escaped()
    {
        Assert.Contains("&lt;script&gt;alert", Html, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(\"x\")", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_come_in_the_order_in_which_a_sceptic_asks()
    {
        int[] places = [.. new[] { "answer", "claims", "faults", "profile", "conditions" }
            .Select(static id => Html.IndexOf($"<section id=\"{id}\"", StringComparison.Ordinal))];

        Assert.All(places, static place => Assert.True(place > 0));
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void Every_link_within_the_page_has_its_target()
    {
        foreach (Match link in InnerLink().Matches(Html))
            Assert.Contains($"id=\"{link.Groups[1].Value}\"", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_id_is_there_once()
    {
        string[] ids = [.. Id().Matches(Html).Select(static match => match.Groups[1].Value)];

        Assert.Equal(ids.Distinct().Count(), ids.Length);
    }

    [Fact]
    public void Beside_each_experiment_stands_the_command_that_runs_it_again()
    {
        Assert.Contains("compare --experiments throughput", Html, StringComparison.Ordinal);
        Assert.Contains("compare --experiments latency", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_that_could_not_be_tried_says_so_and_what_it_needs()
    {
        ComparisonReport sample = SampleReport.Create();
        ClaimResult untried = sample.Claims[0] with { Verdict = Verdict.NotTried, Condition = "untested here: it flies, which needs wings" };
        string html = HtmlReport.Create(sample with { Claims = [untried] });

        Assert.Contains("<strong class=\"verdict v-nottried\">not tried</strong>", html, StringComparison.Ordinal);
        Assert.Contains("which needs wings", html, StringComparison.Ordinal);
        Assert.DoesNotContain(">holds if", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_conditions_say_how_this_run_set_a_broker()
        => Assert.Contains("native: set by this run", Html, StringComparison.Ordinal);

    [Fact]
    public void Beside_a_figure_stands_its_spread_or_that_it_has_none()
    {
        ComparisonReport report = SampleReport.Create();
        ExperimentReport experiment = report.Experiments[0];
        string html = HtmlReport.Create(report with
        {
            Experiments = [experiment with { Measurements = [experiment.Measurements[0] with { Median = 7, Minimum = 7, Maximum = 7, Repeats = [7] }] }],
        });

        Assert.Contains(">100,000 – 150,000<", Html, StringComparison.Ordinal);
        Assert.DoesNotContain(">one value<", Html, StringComparison.Ordinal);
        Assert.Contains(">one value<", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Beside_the_percentiles_of_all_repeats_together_stands_the_spread_of_those_that_each_repeat_has()
    {
        Assert.Contains("0.04 – 0.06", Html, StringComparison.Ordinal);
        Assert.Contains("0.300 – 0.700", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_experiment_is_named_at_the_top()
    {
        string header = Html[..Html.IndexOf("<main", StringComparison.Ordinal)];

        Assert.Contains("1 of 2 experiments could not be run to the end", header, StringComparison.Ordinal);
        Assert.Contains("#x-latency", header, StringComparison.Ordinal);
        Assert.Contains("It broke", header, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unfinished_report_says_so_before_anything_else_and_names_what_was_not_run()
    {
        string html = HtmlReport.Create(SampleReport.CreateUnfinished());
        string top = html[..html.IndexOf("Two messaging models", StringComparison.Ordinal)];

        Assert.Contains("This report is unfinished", top, StringComparison.Ordinal);
        Assert.Contains("<li>on native: latency</li>", top, StringComparison.Ordinal);
        Assert.Contains("<li>on Kafka: throughput, latency</li>", top, StringComparison.Ordinal);
        Assert.DoesNotContain("unfinished", Html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Bad_lines_are_listed_with_their_numbers()
        => Assert.Contains("line 7: it is not JSON", Html, StringComparison.Ordinal);

    [Fact]
    public void There_are_styles_for_dark_screens_and_for_paper()
    {
        Assert.Contains("prefers-color-scheme: dark", Html, StringComparison.Ordinal);
        Assert.Contains("@media print", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_of_a_single_experiment_is_complete_in_itself()
    {
        string html = HtmlReport.Create(SampleReport.Create() with { Answers = [], Claims = [], FaultMatrix = null });

        Assert.DoesNotContain("href=\"#claims\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"#faults\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"profile\"", html, StringComparison.Ordinal);
    }

    [GeneratedRegex("""(?:src|href|data|action)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?!#)""", RegexOptions.IgnoreCase)]
    private static partial Regex Fetching();

    [GeneratedRegex("""href="#([^"]+)""")]
    private static partial Regex InnerLink();

    [GeneratedRegex(""" id="([^"]+)""")]
    private static partial Regex Id();
}
