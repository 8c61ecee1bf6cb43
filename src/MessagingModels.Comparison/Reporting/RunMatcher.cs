using System.Globalization;

namespace MessagingModels.Comparison.Reporting;

/// <summary>Finds the figures that two runs have in common.</summary>
internal static class RunMatcher
{
    /// <summary>What is written down beside a figure without being a choice: it may differ between runs of the same thing.</summary>
    private static readonly string[] Observations = ["sent at most", "client", "version", "broker"];

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
            Figures = changes,
            OnlyBefore = [.. before.Select(static figure => figure.Name)],
            OnlyNow = onlyNow,
        };
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
                string label = string.Create(CultureInfo.InvariantCulture, $"{latency.Metric} at {Figures.Number(latency.IntendedRate)} messages/s");
                foreach ((string percentile, double value) in ((string, double)[])[("p50", latency.P50), ("p99", latency.P99)])
                    yield return Create(experiment.Name, latency.Target, latency.Model, $"latency {percentile}", label, "ms", latency.Settings, new FigureSpread(value, value, value, 1));
            }
        }
    }

    private static Figure Create(
        string experiment, string target, ModelKind? model, string metric, string label, string unit, IReadOnlyDictionary<string, string> settings, FigureSpread spread)
    {
        string[] choices = [.. settings.Where(static setting => !Observations.Contains(setting.Key)).OrderBy(static setting => setting.Key, StringComparer.Ordinal)
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
