namespace MessagingModels.Comparison.Reporting;

/// <summary>Everything a run found out, and under which conditions. The JSON file is this record, written out.</summary>
public sealed record ComparisonReport
{
    /// <summary>The version of the JSON format that this program writes; its schema is <c>report.schema.json</c>.</summary>
    public const string CurrentSchemaVersion = "2.1";

    /// <summary>The version of the JSON format.</summary>
    public string SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>When the run began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>The command that repeats the whole run.</summary>
    public required string Command { get; init; }

    /// <summary>What the run was asked to do.</summary>
    public required ComparisonOptions Options { get; init; }

    /// <summary>Machine and software.</summary>
    public required RunConditions Conditions { get; init; }

    /// <summary>The messages that were used.</summary>
    public required WorkloadSummary Workload { get; init; }

    /// <summary>Which model for which need.</summary>
    public required IReadOnlyList<NeedAnswer> Answers { get; init; }

    /// <summary>The claims with their verdicts.</summary>
    public required IReadOnlyList<ClaimResult> Claims { get; init; }

    /// <summary>What each setting lost and duplicated under each fault; null where that experiment did not run.</summary>
    public required FaultMatrix? FaultMatrix { get; init; }

    /// <summary>The experiments, in the order in which they ran.</summary>
    public required IReadOnlyList<ExperimentReport> Experiments { get; init; }

    /// <summary>What changed from an earlier run; null where this one was not held against any.</summary>
    public RunDifference? Against { get; init; }

    /// <summary>What was still to be run when this was written; null where the run had come to its end.</summary>
    public UnfinishedRun? Unfinished { get; init; }

    /// <summary>
    /// False where an experiment could not be run to its end, a target that the user named or configured could not be had, or the run is unfinished; the
    /// report then says which and why.
    /// </summary>
    public bool Succeeded => Unfinished is null
        && Experiments.All(static experiment => experiment.Error is null)
        && Conditions.UnavailableTargets.All(static target => !target.IsFailure)
        && Conditions.Targets.All(static target => target.FailedBefore.Length == 0);
}

/// <summary>Machine and software of a run, by what could be found out.</summary>
public sealed record RunConditions
{
    /// <summary>Operating system and version.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>Processor architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>The processor's name, or "unknown".</summary>
    public required string Processor { get; init; }

    /// <summary>How many cores this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Memory this process may use, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>
    /// A hash of the machine's id, or of its host name where the system keeps none: it tells two machines of one type apart and names neither. Empty in
    /// reports of before version 2.1.
    /// </summary>
    public string MachineId { get => field ?? ""; init; } = "";

    /// <summary>The directory that data directories were made in.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>The file system of that directory, or "unknown".</summary>
    public required string FileSystem { get; init; }

    /// <summary>Free space there, in bytes.</summary>
    public required long DiskFreeBytes { get; init; }

    /// <summary>Version of .NET.</summary>
    public required string Runtime { get; init; }

    /// <summary>Garbage collector and compilation settings.</summary>
    public required string RuntimeSettings { get; init; }

    /// <summary>Version of this program.</summary>
    public required string Version { get; init; }

    /// <summary>"Release" or "Debug".</summary>
    public required string Configuration { get; init; }

    /// <summary>The systems that were compared, with version and whether they ran in this process.</summary>
    public required IReadOnlyList<TargetDescription> Targets { get; init; }

    /// <summary>The systems that could not be had, with the reason.</summary>
    public IReadOnlyList<UnavailableTarget> UnavailableTargets { get; init; } = [];

    /// <summary>What a reader must know before believing a figure: a debug build, few cores, load by others.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>The kinds of system that experiments run on.</summary>
public enum TargetKind
{
    /// <summary>The embedded broker of this library.</summary>
    Native,
    /// <summary>Apache Kafka.</summary>
    Kafka,
    /// <summary>RabbitMQ.</summary>
    RabbitMq,
}

/// <summary>A system that experiments ran on.</summary>
/// <param name="Name">Its short name, as in every result: "native", "kafka", "rabbitmq".</param>
/// <param name="Version">Its version.</param>
/// <param name="Place"><see cref="InProcess"/> or <see cref="OverSocket"/>.</param>
public sealed record TargetDescription(string Name, string Version, string Place)
{
    /// <summary>The place of a broker in this process.</summary>
    public const string InProcess = "in your process";

    /// <summary>The place of a broker that is reached over the network, be it on this machine.</summary>
    public const string OverSocket = "over a socket";

    /// <summary>What it is.</summary>
    public TargetKind Kind { get; init; }

    /// <summary>The models that it offers.</summary>
    public IReadOnlyList<ModelKind> Models { get; init; } = [ModelKind.Exchange, ModelKind.Log];

    /// <summary>The client library and its version; empty where there is none between the program and the broker.</summary>
    public string Client { get; init; } = "";

    /// <summary>How it was had, in a line: at a given address, as a container, as a local process; empty for the native one.</summary>
    public string Origin { get; init; } = "";

    /// <summary>
    /// The ways to it that were tried first and should have worked, each with its reason; empty for none. They are no part of what was compared, but make
    /// the run a failure: a Docker engine that answers and cannot start a container is to be repaired, or left out with <c>--no-containers</c>.
    /// </summary>
    public string FailedBefore { get => field ?? ""; init; } = "";

    /// <summary>How this run set the broker where the system's defaults say otherwise; empty for one that was given, and for the native one.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A system that experiments could not run on.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="Reason">Why, and what to do, in one line.</param>
/// <param name="WasAsked">True where the user named it, which makes the run a failure.</param>
public sealed record UnavailableTarget(string Name, string Reason, bool WasAsked)
{
    /// <summary>
    /// True where there was something to try that is of no use, which makes the run a failure too: a distribution that was named or found, a Docker
    /// engine that answered, a broker that died while it started.
    /// </summary>
    public bool WasConfigured { get; init; }

    /// <summary>True where it makes the run a failure.</summary>
    internal bool IsFailure => WasAsked || WasConfigured;
}

/// <summary>The messages of a run.</summary>
/// <param name="Source">"generated" or the file's name.</param>
/// <param name="Messages">How many messages.</param>
/// <param name="Keys">How many different partition keys.</param>
/// <param name="Routes">How many different routing keys.</param>
/// <param name="LargestKeyShare">The share of the most frequent key, 0 to 1.</param>
/// <param name="MeanBodyBytes">The mean size of a body.</param>
/// <param name="BadLines">Lines that could not be used; at most the first hundred.</param>
/// <param name="BadLineCount">How many could not be used.</param>
public sealed record WorkloadSummary(
    string Source, int Messages, int Keys, int Routes, double LargestKeyShare, double MeanBodyBytes,
    IReadOnlyList<BadLine> BadLines, int BadLineCount);

/// <summary>A line of the messages file that could not be used.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Reason">Why.</param>
public sealed record BadLine(int Number, string Reason);
