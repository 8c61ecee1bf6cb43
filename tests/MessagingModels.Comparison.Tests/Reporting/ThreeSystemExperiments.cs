using System.Globalization;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

/// <summary>The experiments of <see cref="ThreeSystemReport"/>, with figures of a plausible size.</summary>
internal static class ThreeSystemExperiments
{
    private static readonly (TargetDescription Target, ModelKind Model, double Speed)[] Sides =
    [
        (ThreeSystemReport.Native, ModelKind.Exchange, 300_000), (ThreeSystemReport.Native, ModelKind.Log, 360_000),
        (ThreeSystemReport.RabbitMq, ModelKind.Exchange, 14_000), (ThreeSystemReport.Kafka, ModelKind.Log, 61_000),
    ];

    private static readonly string[] Durabilities = ["Memory", "PageCache", "Fsync"];
    private static readonly string[] Sizes = ["100 B", "1 KiB", "16 KiB"];
    private static readonly int[] Readers = [1, 5, 10, 25, 50];

    public static IReadOnlyList<ExperimentReport> Create() =>
    [
        Experiment("data-model", "Data model: exchanges and queues, topics and partitions") with { Measurements = [.. Sides.Select(static side => Figure(side, "messages in the right place", "", "", 20_000, 1))] },
        Experiment("consistency", "Consistency: lost, twice, exactly once"),
        Throughput(), Latency(), Fanout(), Scaling(), Backlog(), Startup(), Memory(), Sustained(), Cluster(), OfficialTools(),
        Experiment("distribution", "Distribution") with { Error = "kafka: InvalidOperationException: 12 of 20,000 messages did not arrive within 5 s of the last send." },
    ];

    private static ExperimentReport Throughput()
    {
        List<Measurement> figures = [];
        foreach (var side in Sides)
        {
            foreach (string durability in Durabilities.Where(durability => IsOffered(side.Target, durability)))
            {
                foreach ((string size, double factor) in Sizes.Zip([3.1, 1.0, 0.12]))
                {
                    string label = $"{durability}, {size}";
                    double rate = side.Speed * factor * (durability == "Fsync" ? 0.04 : durability == "Memory" ? 1.3 : 1);
                    figures.Add(Figure(side, "published, consumed and acknowledged", label, "messages/s", rate, 3) with { Settings = Settings(side, durability, size) });
                    if (side.Target != ThreeSystemReport.Native)
                    {
                        figures.Add(Figure(side, "broker CPU for each message", label, "us", 1e6 / rate * 0.7, 1) with { Settings = Settings(side, durability, size) });
                        figures.Add(Figure(side, "broker resident memory", label, "B", 512e6 * factor, 1) with { Settings = Settings(side, durability, size) });
                    }
                }
            }
        }

        return Experiment("throughput", "Throughput by message size and durability") with
        {
            Measurements = figures,
            Charts = [.. Places().Select(place => Chart("Throughput in messages", place, ChartKind.Bars, "size of the body", "messages/s", Sizes, isLogarithmic: true,
                [.. At(place).SelectMany(side => Durabilities.Where(durability => IsOffered(side.Target, durability)).Select(durability => Series(side, durability,
                    [.. Sizes.Select((size, i) => new ChartPoint(i, figures.First(figure => figure.Target == side.Target.Name && figure.Model == side.Model && figure.Label == $"{durability}, {size}").Median))])))]))],
        };
    }

    private static ExperimentReport Latency() => Experiment("latency", "Latency at fixed rates") with
    {
        Latencies = [.. Sides.SelectMany(static side => new[] { 1_000.0, 20_000 }.SelectMany(rate => new[] { "to consumer", "to publisher's acknowledgement" }.Select(metric => Timed(side, metric, rate))))],
        Charts = [.. Places().Select(place => Chart("Latency to consumer at 1,000 messages/s", place, ChartKind.Percentiles, "percentile", "ms", [], isLogarithmic: true,
            [.. At(place).Select(side => Series(side, "PageCache", Timed(side, "to consumer", 1_000).Curve))]))],
        Notes = ["A percentile needs messages behind it: p99.9 of a thousand messages rests on one of them."],
    };

    private static ExperimentReport Fanout() => Lines("fanout", "Fan-out: one message to 1 to 50 readers", "Deliveries by readers", "readers", "deliveries/s", "delivered", Readers, static n => 1 + (Math.Log(n) / 3));

    private static ExperimentReport Scaling() => Lines("scaling", "Scaling: 1 to 8 consumers and partitions", "Handlers that wait: consumers and partitions add up", "consumers", "messages/s", "consumed and acknowledged", [1, 2, 4, 8], static n => n * 0.002);

    private static ExperimentReport Backlog() => Lines("backlog", "A backlog of 1 M messages", "Rate of each tenth of the fill", "tenth", "messages/s", "published into the backlog", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], static n => 1 - (n * 0.02));

    private static ExperimentReport Sustained() => Lines("sustained", "The highest rate with p99 under 100 ms", "Latency under a share of the highest rate", "share of the highest rate, %", "p99, ms", "p99 at a share", [20, 50, 80], static n => n * n / 4e7, "ms");

    private static ExperimentReport Startup()
    {
        string[] states = ["empty, in this process", "empty, cold process", "after a clean stop", "after a kill"];
        (TargetDescription Target, double Base)[] systems = [(ThreeSystemReport.Native, 40), (ThreeSystemReport.RabbitMq, 3_900), (ThreeSystemReport.Kafka, 5_200)];
        return Experiment("startup", "Start-up and recovery") with
        {
            Measurements = [.. systems.SelectMany(system => states.Select((state, i) => Figure((system.Target, null, system.Base), "time until ready", state, "ms", system.Base * (1 + i), 3)))],
            Charts = [.. Places().Select(place => Chart("Time until a broker is ready", place, ChartKind.Bars, "state before", "ms", states, isLogarithmic: false,
                [.. systems.Where(system => system.Target.Place == place).Select(system => new ChartSeries($"{system.Target.Name}, time to ready", null, [.. states.Select((_, i) => new ChartPoint(i, system.Base * (1 + i)))]) { Target = system.Target.Name })]))],
        };
    }

    private static ExperimentReport Memory() => Experiment("memory", "Memory") with
    {
        Measurements = [.. new (TargetDescription Target, double Bytes)[] { (ThreeSystemReport.Native, 48e6), (ThreeSystemReport.RabbitMq, 151e6), (ThreeSystemReport.Kafka, 612e6) }
            .Select(static system => Figure((system.Target, null, 0), "resident set", "empty broker", "B", system.Bytes, 1))],
    };

    private static ExperimentReport Cluster() => Experiment("cluster", "Three nodes: a leader dies under load") with
    {
        Measurements =
        [
            .. Sides.Where(static side => side.Target != ThreeSystemReport.Native).SelectMany(static side => new[]
            {
                Figure(side, "unavailable after the leader's death", "three nodes", "ms", side.Model == ModelKind.Log ? 1_420 : 2_310, 3),
                Figure(side, "lost", "three nodes", "messages", 0, 1), Figure(side, "duplicated", "three nodes", "messages", side.Model == ModelKind.Log ? 0 : 4, 1),
                Figure(side, "published, consumed and acknowledged", "one node", "messages/s", side.Speed, 3),
                Figure(side, "published, consumed and acknowledged", "three nodes", "messages/s", side.Speed * 0.4, 3),
            }),
        ],
        Notes = ["All three nodes share this machine: what replication costs in processor time is in these figures, what a network costs is not."],
    };

    private static ExperimentReport OfficialTools() => Experiment("official-tools", "Kafka's own tools beside this program") with
    {
        Measurements =
        [
            .. new (string Client, double Rate)[] { ("this program", 88_000), ("ProducerPerformance", 112_000) }.Select(static side => Figure(
                (ThreeSystemReport.Kafka, ModelKind.Log, 0), "produced", side.Client, "messages/s", side.Rate, 3)),
            Figure((ThreeSystemReport.Kafka, ModelKind.Log, 0), "difference", "produced", "%", -21.4, 1),
        ],
        Notes = ["This program is 21.4 % below ProducerPerformance: it sends one record a call through librdkafka, which copies each."],
    };

    private static ExperimentReport Lines(
        string name, string title, string chart, string xLabel, string yLabel, string metric, int[] steps, Func<int, double> factor, string unit = "messages/s") => Experiment(name, title) with
        {
            Measurements = [.. Sides.SelectMany(side => steps.Select(step => Figure(side, metric, $"{step} {xLabel}", unit, side.Speed * factor(step), 3)))],
            Charts = [.. Places().Select(place => Chart(chart, place, ChartKind.Lines, xLabel, yLabel, [], isLogarithmic: false,
            [.. At(place).Select(side => Series(side, "", [.. steps.Select(step => new ChartPoint(step, side.Speed * factor(step)))]))]))],
        };

    private static bool IsOffered(TargetDescription target, string durability)
        => target.Kind == TargetKind.Native || durability == "PageCache" || (target.Kind == TargetKind.RabbitMq && durability == "Memory") || (target.Kind == TargetKind.Kafka && durability == "Fsync");

    private static IEnumerable<string> Places() => [TargetDescription.InProcess, TargetDescription.OverSocket];

    private static IEnumerable<(TargetDescription Target, ModelKind Model, double Speed)> At(string place) => Sides.Where(side => side.Target.Place == place);

    private static Dictionary<string, string> Settings((TargetDescription Target, ModelKind Model, double Speed) side, string durability, string size) => new()
    {
        ["durability"] = durability,
        [side.Model == ModelKind.Log ? "acks" : "confirms"] = side.Model == ModelKind.Log ? "all, idempotent" : "window of 1,000",
        [side.Model == ModelKind.Log ? "batching" : "prefetch"] = side.Model == ModelKind.Log ? "16 KiB, linger 5 ms" : "250",
        ["client"] = side.Target.Client.Length > 0 ? side.Target.Client : "none, a library call",
        ["body"] = size,
    };

    private static Measurement Figure((TargetDescription Target, ModelKind? Model, double Speed) side, string metric, string label, string unit, double value, int repeats)
    {
        double[] values = [.. new[] { value, value * 0.93, value * 1.04 }.Take(repeats)];
        return new Measurement
        {
            Metric = metric,
            Label = label,
            Unit = unit,
            Model = side.Model,
            Target = side.Target.Name,
            Median = value,
            Minimum = values.Min(),
            Maximum = values.Max(),
            Repeats = values,
            Settings = new Dictionary<string, string> { ["durability"] = "PageCache" },
        };
    }

    private static LatencyMeasurement Timed((TargetDescription Target, ModelKind Model, double Speed) side, string metric, double rate)
    {
        double unit = 30_000 / side.Speed * (rate > 1_000 ? 4 : 1);
        return new LatencyMeasurement
        {
            Metric = metric,
            Model = side.Model,
            Target = side.Target.Name,
            IntendedRate = rate,
            AchievedRate = Math.Min(rate, side.Speed) * 0.999,
            Samples = (long)rate,
            P50 = unit,
            P95 = unit * 2.2,
            P99 = unit * 4,
            P999 = unit * 11,
            Maximum = unit * 19,
            Curve = [new(0, unit / 2), new(50, unit), new(90, unit * 1.7), new(95, unit * 2.2), new(99, unit * 4), new(99.9, unit * 11)],
            Settings = Settings(side, "PageCache", "1 KiB"),
        };
    }

    private static ChartSeries Series((TargetDescription Target, ModelKind Model, double Speed) side, string detail, IReadOnlyList<ChartPoint> points)
        => new(string.Join(", ", new[] { side.Target == ThreeSystemReport.Native ? Words.Of(side.Model) : Systems.TitleOf(side.Target.Name), detail }.Where(static word => word.Length > 0)), side.Model, points) { Target = side.Target.Name };

    private static Chart Chart(string title, string place, ChartKind kind, string xLabel, string yLabel, string[] categories, bool isLogarithmic, ChartSeries[] series) => new()
    {
        Title = title,
        Kind = kind,
        XLabel = xLabel,
        YLabel = yLabel,
        Categories = categories,
        LogarithmicY = isLogarithmic,
        Series = series,
        Caption = "durability PageCache · body 1 KiB",
        Place = place,
    };

    private static ExperimentReport Experiment(string name, string title) => new()
    {
        Name = name,
        Title = title,
        Method = "One publisher sends as fast as one consumer keeps up; what was acknowledged or committed is counted in windows after a warm-up.",
        DurationSeconds = name.Length * 3.7,
        Command = string.Create(CultureInfo.InvariantCulture, $"dotnet run -c Release --project src/MessagingModels.Cli -- compare --experiments {name}"),
    };
}
