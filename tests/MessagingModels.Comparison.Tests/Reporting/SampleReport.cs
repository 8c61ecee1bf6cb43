using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Tests.Reporting;

/// <summary>A report with one of everything, and with text that would break HTML or JSON if it were not escaped.</summary>
internal static class SampleReport
{
    public const string Nasty = "<script>alert(\"x\")</script> & ‘quotes’";

    private static readonly Dictionary<string, string> Settings = new() { ["durability"] = "PageCache", ["prefetch"] = "250" };

    public static ComparisonReport Create() => new()
    {
        StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        DurationSeconds = 61.5,
        Command = "dotnet run -- compare",
        Options = new ComparisonOptions { Repeat = 3 },
        Conditions = new RunConditions
        {
            OperatingSystem = "Linux",
            Architecture = "X64",
            Processor = "A processor",
            Cores = 2,
            MemoryBytes = 8L << 30,
            WorkDirectory = "/tmp",
            FileSystem = "ext4",
            DiskFreeBytes = 1L << 34,
            Runtime = ".NET 10",
            RuntimeSettings = "workstation garbage collector",
            Version = "0.1.0",
            Configuration = "Release",
            Targets = [new TargetDescription("native", "0.1.0", "in your process") { Settings = new Dictionary<string, string> { ["heap"] = Nasty } }],
            Warnings = ["Few cores."],
        },
        Workload = new WorkloadSummary("generated", 10, 3, 4, 0.5, 120.5, [new BadLine(7, "it is not JSON")], 1),
        Answers = [new NeedAnswer("Routing", "exchange", Nasty, "throughput", "command 1")],
        Claims =
        [
            Claim(ModelKind.Exchange, Verdict.Holds, ""),
            Claim(ModelKind.Log, Verdict.HoldsIf, "the moon is full"),
        ],
        FaultMatrix = new FaultMatrix(
            [new FaultDescription("no fault", "Nothing."), new FaultDescription("crash", "It dies.")],
            [
                new FaultRow(ModelKind.Exchange, "native", "no confirms", [new FaultCell("no fault", 100, 0, 0), new FaultCell("crash", 100, 3, 0)]),
                new FaultRow(ModelKind.Log, "native", "acks all", [new FaultCell("no fault", 100, 0, 0), new FaultCell("crash", 100, 0, 1, "a note")]),
            ]),
        Experiments = [Experiment("throughput", null), Experiment("latency", "It broke: " + Nasty)],
    };

    /// <summary>The same, written while the run went on.</summary>
    public static ComparisonReport CreateUnfinished() => Create() with
    {
        Unfinished = new UnfinishedRun([new ExperimentsNotRun("native", ["latency"]), new ExperimentsNotRun("kafka", ["throughput", "latency"])]),
    };

    public static Chart Chart(ChartKind kind = ChartKind.Bars, bool isLogarithmic = false) => new()
    {
        Title = "A chart " + Nasty,
        Kind = kind,
        XLabel = "size",
        YLabel = "messages/s",
        Categories = kind == ChartKind.Bars ? ["100 B", "1 KiB"] : [],
        LogarithmicY = isLogarithmic,
        Series =
        [
            new ChartSeries("exchange, Memory", ModelKind.Exchange, [new ChartPoint(0, 10), new ChartPoint(1, 200)]),
            new ChartSeries("exchange, Fsync", ModelKind.Exchange, [new ChartPoint(0, 1), new ChartPoint(1, 20)]),
            new ChartSeries("log", ModelKind.Log, [new ChartPoint(0, 5), new ChartPoint(1, 5000)]),
            new ChartSeries("both", null, [new ChartPoint(0, 0), new ChartPoint(1, 2)]),
        ],
        Caption = "durability PageCache",
    };

    private static ClaimResult Claim(ModelKind model, Verdict verdict, string condition) => new()
    {
        Part = "data model",
        Model = model,
        Claim = "A claim about " + Nasty,
        Target = "native",
        Verdict = verdict,
        Condition = condition,
        Findings = [new Finding("It does.", FindingOutcome.Confirmed, "10 of 10")],
        Experiment = "throughput",
        Command = "command 2",
    };

    private static ExperimentReport Experiment(string name, string? error) => new()
    {
        Name = name,
        Title = "An experiment",
        Method = "By measuring.",
        DurationSeconds = 1.5,
        Command = $"dotnet run -- compare --experiments {name}",
        Error = error,
        Measurements =
        [
            new Measurement
            {
                Metric = "published",
                Label = "1 KiB",
                Unit = "messages/s",
                Model = ModelKind.Log,
                Target = "native",
                Median = 123456,
                Minimum = 100000,
                Maximum = 150000,
                Repeats = [123456, 100000, 150000],
                Settings = Settings,
            },
        ],
        Latencies =
        [
            new LatencyMeasurement
            {
                Metric = "to consumer",
                Model = ModelKind.Exchange,
                Target = "native",
                IntendedRate = 1000,
                AchievedRate = 999,
                Samples = 1000,
                P50 = 0.05,
                P95 = 0.1,
                P99 = 0.5,
                P50Repeats = [0.04, 0.06],
                P99Repeats = [0.7, 0.3],
                P999 = 2,
                Maximum = 3,
                Curve = [new ChartPoint(0, 0.01), new ChartPoint(50, 0.05), new ChartPoint(99.9, 2)],
                Settings = Settings,
            },
        ],
        Charts = [Chart(), Chart(ChartKind.Lines), Chart(ChartKind.Percentiles, isLogarithmic: true)],
        Notes = ["A note."],
    };
}
