using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>The last section: machine, versions, workload, settings and commands.</summary>
internal static class HtmlConditions
{
    public static void Add(HtmlPage page, ComparisonReport report, Systems systems)
    {
        RunConditions conditions = report.Conditions;
        WorkloadSummary workload = report.Workload;
        page.Open("section", id: "conditions").Element("h2", "The conditions").Open("dl", "conditions");
        Entry(page, "Processor", $"{conditions.Processor} ({conditions.Architecture}), {conditions.Cores} cores for this process");
        Entry(page, "Memory", $"{Figures.Bytes(conditions.MemoryBytes)} for this process");
        Entry(page, "Operating system", conditions.OperatingSystem);
        Entry(page, "Disk", $"{conditions.WorkDirectory} on {conditions.FileSystem}, {Figures.Bytes(conditions.DiskFreeBytes)} free");
        Entry(page, ".NET", $"{conditions.Runtime}; {conditions.RuntimeSettings}");
        Entry(page, "Program", $"{conditions.Version}, {conditions.Configuration} build");
        foreach (TargetDescription target in conditions.Targets)
        {
            Entry(page, Systems.TitleOf(target.Name), string.Join("; ", Describe(target)));
            if (target.Settings.Count > 0)
                Entry(page, $"{Systems.TitleOf(target.Name)}: set by this run", string.Join("; ", target.Settings.OrderBy(static setting => setting.Key, StringComparer.Ordinal).Select(static setting => $"{setting.Key} {setting.Value}")));
        }

        foreach (UnavailableTarget target in conditions.UnavailableTargets)
            Entry(page, $"{Systems.TitleOf(target.Name)}: not measured",
                target.WasAsked ? $"{target.Reason} (it was asked for)" : target.WasConfigured ? $"{target.Reason} (it was configured)" : target.Reason);
        Entry(page, "Durability levels", "Memory is lost when the process ends; PageCache survives a killed process, not a power failure; Fsync survives a power failure.");
        Entry(page, "Repeats", string.Create(CultureInfo.InvariantCulture, $"each throughput figure is the median of {report.Options.Repeat} windows that follow each other within one run; each latency is timed {report.Options.Repeat} times"));
        Entry(page, "Workload", string.Create(
            CultureInfo.InvariantCulture,
            $"{workload.Source}: {Figures.Count(workload.Messages)} messages of {Figures.Bytes(workload.MeanBodyBytes)} on average, {Figures.Count(workload.Keys)} keys (the most frequent has {Figures.Share(workload.LargestKeyShare)}), {Figures.Count(workload.Routes)} routes"));
        Entry(page, "The whole run again", report.Command, "code");
        page.Close("dl");
        AddBadLines(page, workload);
        AddExperiments(page, report);
        page.Close("section");
    }

    private static IEnumerable<string> Describe(TargetDescription target)
    {
        yield return $"version {target.Version}, {target.Place}";
        yield return $"models: {string.Join(" and ", target.Models.Select(Words.Of))}";
        if (target.Client.Length > 0)
            yield return $"client {target.Client}";
        if (target.Origin.Length > 0)
            yield return target.Origin;
    }

    private static void AddExperiments(HtmlPage page, ComparisonReport report)
    {
        page.Element("h3", "What ran, and for how long");
        page.OpenTable("figures", "Experiment", "#Seconds", "Outcome", "Again with");
        foreach (ExperimentReport experiment in report.Experiments)
        {
            page.Raw("<tr><td>").Raw(HtmlAnswers.LinkTo(experiment.Name)).Raw("</td>")
                .Element("td", experiment.DurationSeconds.ToString("0.0", CultureInfo.InvariantCulture), "n")
                .Raw("<td>");
            AddOutcomes(page, experiment);
            page.Raw("</td><td>").Element("code", experiment.Command).Raw("</td></tr>\n");
        }

        page.CloseTable();
    }

    /// <summary>One word where all systems agree, else a line for each; what was left out, with the reason.</summary>
    private static void AddOutcomes(HtmlPage page, ExperimentReport experiment)
    {
        ExperimentEnd[] ends = [.. experiment.Outcomes.Select(static outcome => outcome.End).Distinct()];
        if (ends is [] or [not ExperimentEnd.LeftOut])
        {
            page.Element("span", experiment.Error is null ? Words.Of(ExperimentEnd.Complete) : Words.Of(ExperimentEnd.Failed));
            return;
        }

        foreach (TargetOutcome outcome in experiment.Outcomes)
        {
            page.Open("div").Element("span", $"{Systems.TitleOf(outcome.Target)}: {Words.Of(outcome.End)}");
            if (outcome.End == ExperimentEnd.LeftOut)
                page.Raw(" ").Element("small", outcome.Reason);
            page.Close("div");
        }
    }

    private static void AddBadLines(HtmlPage page, WorkloadSummary workload)
    {
        if (workload.BadLineCount == 0)
            return;
        page.Element("h3", $"Lines of {workload.Source} that could not be used: {Figures.Count(workload.BadLineCount)}").Open("ul");
        foreach (BadLine line in workload.BadLines)
            page.Element("li", string.Create(CultureInfo.InvariantCulture, $"line {line.Number}: {line.Reason}"));
        if (workload.BadLineCount > workload.BadLines.Count)
            page.Element("li", "… and more; the first hundred are listed.");
        page.Close("ul");
    }

    private static void Entry(HtmlPage page, string name, string text, string? element = null)
    {
        page.Element("dt", name).Open("dd");
        page.Element(element ?? "span", text).Close("dd");
    }
}
