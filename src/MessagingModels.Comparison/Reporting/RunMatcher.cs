using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>Finds the figures that two runs have in common.</summary>
internal static class RunMatcher
{
    public static RunDifference Compare(SavedRun earlier, ComparisonReport now)
    {
        List<Figure> before = [.. FiguresOf(earlier.Report)];
        List<FigureChange> changes = [];
        List<string> onlyNow = [];
        foreach (Figure figure in FiguresOf(now))
        {
            int index = before.FindIndex(other => other.Key == figure.Key);
            if (index < 0)
            {
                onlyNow.Add(figure.Name);
                continue;
            }

            changes.Add(figure.Change with { Before = before[index].Change.Now });
            before.RemoveAt(index);
        }

        return new RunDifference
        {
            Name = earlier.Name,
            StartedAt = earlier.Report.StartedAt,
            Version = earlier.Report.Conditions.Version,
            Command = earlier.Report.Command,
            Mismatches = earlier.Mismatches,
            AlsoChanged = [.. AlsoChanged(earlier.Report, now)],
            Figures = changes,
            OnlyBefore = [.. before.Select(static figure => figure.Name)],
            OnlyNow = onlyNow,
        };
    }

    private static IEnumerable<string> AlsoChanged(ComparisonReport earlier, ComparisonReport now)
    {
        if (earlier.Workload.Source != now.Workload.Source || earlier.Workload.Messages != now.Workload.Messages)
            yield return $"the workload was {earlier.Workload.Source} with {Figures.Count(earlier.Workload.Messages)} messages and is {now.Workload.Source} with {Figures.Count(now.Workload.Messages)}";
        if (SavedRuns.IsSameMachine(earlier.Conditions, now.Conditions) == true && earlier.Conditions.OperatingSystem != now.Conditions.OperatingSystem)
            yield return $"the operating system was {earlier.Conditions.OperatingSystem} and is {now.Conditions.OperatingSystem}";
        if (earlier.Conditions.FileSystem != now.Conditions.FileSystem)
            yield return $"the data lay on {earlier.Conditions.FileSystem} and lies on {now.Conditions.FileSystem}";
        foreach (TargetDescription target in now.Conditions.Targets)
        {
            if (earlier.Conditions.Targets.FirstOrDefault(other => other.Name == target.Name) is not { } before)
                continue;
            foreach ((string what, string then, string later) in ((string, string, string)[])[("version", before.Version, target.Version), ("client", before.Client, target.Client), ("broker", before.Origin, target.Origin)])
            {
                if (then != later)
                    yield return $"{Systems.TitleOf(target.Name)}'s {what} was “{then}” and is “{later}”";
            }
        }
    }

    private static IEnumerable<Figure> FiguresOf(ComparisonReport report)
    {
        foreach (ExperimentReport experiment in report.Experiments)
        {
            foreach (Measurement measurement in experiment.Measurements)
            {
                yield return Create(
                    experiment.Name, measurement.Target, measurement.Model, measurement.Metric, measurement.Label, measurement.Unit, measurement.Settings,
                    new FigureSpread(measurement.Median, measurement.Minimum, measurement.Maximum, measurement.Repeats.Count));
            }

            foreach (LatencyMeasurement latency in experiment.Latencies)
            {
                string label = latency.Label.Length > 0
                    ? $"{latency.Metric} at {latency.Label}"
                    : string.Create(CultureInfo.InvariantCulture, $"{latency.Metric} at {Figures.Number(latency.IntendedRate)} messages/s");
                yield return Create(experiment.Name, latency.Target, latency.Model, "latency p50", label, "ms", latency.Settings, SpreadOf(latency.P50, latency.P50Repeats));
                yield return Create(experiment.Name, latency.Target, latency.Model, "latency p99", label, "ms", latency.Settings, SpreadOf(latency.P99, latency.P99Repeats));
            }
        }
    }

    private static FigureSpread SpreadOf(double value, IReadOnlyList<double> repeats)
        => repeats.Count == 0 ? new FigureSpread(value, value, value, 1) : new FigureSpread(value, repeats.Min(), repeats.Max(), repeats.Count);

    private static Figure Create(
        string experiment, string target, ModelKind? model, string metric, string label, string unit, IReadOnlyDictionary<string, string> settings, FigureSpread spread)
    {
        string[] choices = [.. settings.OrderBy(static setting => setting.Key, StringComparer.Ordinal)
            .Select(static setting => $"{setting.Key}={setting.Value}")];
        FigureChange change = new()
        {
            Experiment = experiment,
            Target = target,
            Model = model,
            Metric = metric,
            Label = label,
            Unit = unit,
            Before = spread,
            Now = spread,
            Settings = settings,
        };
        return new Figure(change, string.Join('\n', [experiment, target, model?.ToString() ?? "", metric, label, unit, .. choices]));
    }

    /// <summary>A figure of one run, and what it must have in common with one of the other.</summary>
    private sealed record Figure(FigureChange Change, string Key)
    {
        public string Name => string.Join(", ", ((string[])[Change.Experiment, Change.Target, Change.Model is { } model ? Words.Of(model) : "", Change.Metric, Change.Label]).Where(static word => word.Length > 0));
    }
}
