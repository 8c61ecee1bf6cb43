using System.Net;
using System.Text.RegularExpressions;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

/// <summary>The HTML report of a run on three systems.</summary>
public partial class SideBySideTests
{
    private static readonly ComparisonReport Report = ThreeSystemReport.Create();
    private static readonly string Html = HtmlReport.Create(Report);

    [Fact]
    public void Why_a_process_and_a_socket_are_no_equals_is_said_before_any_figure()
    {
        int place = Html.IndexOf("no serialisation for the wire", StringComparison.Ordinal);

        Assert.InRange(place, 0, Html.IndexOf("<main", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_in_one_place_has_nothing_to_say_about_places()
    {
        string html = HtmlReport.Create(Report with { Conditions = Report.Conditions with { Targets = [ThreeSystemReport.Native] } });

        Assert.DoesNotContain("no serialisation for the wire", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<div class=\"charts apart\">", html, StringComparison.Ordinal);
    }

    [Fact]
    public void No_chart_shows_systems_of_both_places()
    {
        Match[] figures = [.. ChartFigure().Matches(Html).Cast<Match>()];

        Assert.NotEmpty(figures);
        Assert.All(figures, static figure => Assert.False(
            figure.Value.Contains("c-kafka-", StringComparison.Ordinal) && Regex.IsMatch(figure.Value, "c-(exchange|log)-[0-9]")));
        Assert.All(figures, static figure => Assert.Matches(">in your process<|>over a socket<", figure.Value));
    }

    [Fact]
    public void Each_claim_has_one_row_and_the_verdict_of_each_system()
    {
        string section = Section("claims");

        foreach (IGrouping<string, ClaimResult> claim in Report.Claims.GroupBy(static claim => claim.Claim))
        {
            string text = WebUtility.HtmlEncode(claim.Key);
            Assert.Equal(2, section.Split(text).Length);
            string row = section[section.IndexOf(text, StringComparison.Ordinal)..];
            row = row[..row.IndexOf("</tr>", StringComparison.Ordinal)];
            Assert.All(claim, result => Assert.Contains(Systems.TitleOf(result.Target), row, StringComparison.Ordinal));
            Assert.Equal(claim.Select(static result => Words.Of(result.Verdict)), Verdict().Matches(row).Select(static match => WebUtility.HtmlDecode(match.Groups[1].Value)));
        }
    }

    [Fact]
    public void What_was_true_once_stands_under_a_heading_of_its_own_with_its_last_version()
    {
        string section = Section("claims");
        int heading = section.IndexOf("<h3>Once true</h3>", StringComparison.Ordinal);

        Assert.All(Report.Claims, claim => Assert.Equal(
            claim.TrueUntil is not null, section.IndexOf(WebUtility.HtmlEncode(claim.Claim), StringComparison.Ordinal) > heading));
        Assert.Contains("true up to RabbitMQ 3.8", section[heading..], StringComparison.Ordinal);
        Assert.DoesNotContain("true up to", section[..heading], StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_of_today_alone_have_no_such_heading()
        => Assert.DoesNotContain(
            "Once true", HtmlReport.Create(Report with { Claims = [.. Report.Claims.Where(static claim => claim.TrueUntil is null)] }), StringComparison.Ordinal);

    [Fact]
    public void Evidence_conditions_and_commands_stand_with_their_verdict()
    {
        string section = Section("claims");

        Assert.All(Report.Claims, claim => Assert.Contains(WebUtility.HtmlEncode(claim.Condition), section, StringComparison.Ordinal));
        Assert.All(Report.Claims.SelectMany(static claim => claim.Findings), finding => Assert.Contains(WebUtility.HtmlEncode(finding.Evidence), section, StringComparison.Ordinal));
        Assert.All(Report.Claims, claim => Assert.Contains(claim.Command, section, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_need_has_one_row_with_the_choice_in_each_place()
    {
        string section = Section("answer");

        Assert.Equal(Report.Answers.Select(static answer => answer.Need).Distinct().Count(), Rows(section));
        Assert.All(Report.Answers, answer => Assert.Contains(WebUtility.HtmlEncode(answer.Because), section, StringComparison.Ordinal));
        Assert.Contains("not measured", section, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fault_matrix_has_a_row_for_each_system_of_a_setting()
    {
        string section = Section("faults");

        Assert.Equal(Report.FaultMatrix!.Rows.Count, Rows(section));
        Assert.Contains("12 lost", section, StringComparison.Ordinal);
        Assert.Contains("the client gives no hold on its connection", section, StringComparison.Ordinal);
        Assert.Contains("200 messages", section, StringComparison.Ordinal);
    }

    [Fact]
    public void Beside_a_rate_stand_settings_processor_time_and_memory()
    {
        string section = Section("x-throughput");

        Assert.Contains("acks all, idempotent", section, StringComparison.Ordinal);
        Assert.Contains("client Confluent.Kafka 2.12.0", section, StringComparison.Ordinal);
        Assert.Contains("durability PageCache", section, StringComparison.Ordinal);
        Assert.Contains("broker CPU for each message: 11.5 µs", WebUtility.HtmlDecode(section), StringComparison.Ordinal);
        Assert.Contains("broker resident memory: 488 MiB", section, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_experiment_has_its_section_and_its_command()
        => Assert.All(Report.Experiments, static experiment => Assert.Contains(experiment.Command, Section($"x-{experiment.Name}"), StringComparison.Ordinal));

    [Fact]
    public void A_system_that_could_not_be_had_is_named_with_the_reason()
    {
        Assert.Contains(Report.Conditions.UnavailableTargets[0].Reason, Html[..Html.IndexOf("<main", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains(Report.Conditions.UnavailableTargets[0].Reason, Section("conditions"), StringComparison.Ordinal);
    }

    [Fact]
    public void How_each_system_was_had_and_by_which_client_is_among_the_conditions()
        => Assert.All(Report.Conditions.Targets, static target =>
        {
            Assert.Contains(target.Version, Section("conditions"), StringComparison.Ordinal);
            Assert.Contains(target.Client, Section("conditions"), StringComparison.Ordinal);
            Assert.Contains(target.Origin, Section("conditions"), StringComparison.Ordinal);
        });

    [Fact]
    public void What_changed_comes_after_the_answer_with_the_spread_of_both_runs()
    {
        ComparisonReport before = RunDifferenceTests.WithFigures(RunDifferenceTests.Figure([100, 90, 110]));
        ComparisonReport now = RunDifferenceTests.WithFigures(RunDifferenceTests.Figure([200, 190, 210]));
        string html = HtmlReport.Create(SavedRuns.Compare(new SavedRun(SampleReport.Nasty, before, ["there were 2 cores and are 4"]), now));

        Assert.Contains("90 – 110", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.Contains("190 – 210", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.Contains(">2.00<", html, StringComparison.Ordinal);
        Assert.Contains(">higher<", html, StringComparison.Ordinal);
        Assert.Contains("There were 2 cores and are 4.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(\"x\")", html, StringComparison.Ordinal);
        Assert.InRange(html.IndexOf("id=\"changes\"", StringComparison.Ordinal), html.IndexOf("id=\"answer\"", StringComparison.Ordinal), html.IndexOf("id=\"claims\"", StringComparison.Ordinal));
    }

    private static string Section(string id)
    {
        string section = Html[Html.IndexOf($" id=\"{id}\"", StringComparison.Ordinal)..];
        return section[..section.IndexOf("</section>", StringComparison.Ordinal)];
    }

    /// <summary>The rows below the headings.</summary>
    private static int Rows(string section) => Regex.Count(section, "<tr") - Regex.Count(section, "<thead><tr");

    [GeneratedRegex("<figure.*?</figure>", RegexOptions.Singleline)]
    private static partial Regex ChartFigure();

    [GeneratedRegex("""class="verdict [^"]*">([^<]*)<""")]
    private static partial Regex Verdict();
}
