using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Measuring;

/// <summary>How long and how much the experiments measure.</summary>
internal sealed record RunScale
{
    /// <summary>Load that runs before the first window and is not counted.</summary>
    public required TimeSpan Warmup { get; init; }

    /// <summary>The length of one throughput window.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>How many windows or repetitions make a figure.</summary>
    public required int Repeat { get; init; }

    /// <summary>How long load at a fixed rate is timed, after the warm-up, each time that it is repeated.</summary>
    public required TimeSpan LatencyWindow { get; init; }

    /// <summary>How long each rate is tried in the search for the highest that holds.</summary>
    public required TimeSpan SearchWindow { get; init; }

    /// <summary>How many rates are tried in that search.</summary>
    public required int SearchProbes { get; init; }

    /// <summary>How many messages wait in the backlog experiment.</summary>
    public required int BacklogMessages { get; init; }

    /// <summary>How many messages go through each cell of the fault matrix.</summary>
    public required int FaultMessages { get; init; }

    /// <summary>How many messages of the workload the claims use.</summary>
    public required int ClaimMessages { get; init; }

    /// <summary>How many data directories and child processes start-up is timed with.</summary>
    public required int Starts { get; init; }

    /// <summary>False to leave out the combinations that only refine a picture.</summary>
    public required bool IsFull { get; init; }

    /// <summary>An experiment that takes longer is stopped and reported as failed.</summary>
    public TimeSpan ExperimentTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>What does not end when it is told to, such as a client library that waits for a dead broker, is left behind after this time.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After that long no further experiment is begun on a target.</summary>
    public TimeSpan TargetTimeout { get; init; } = TimeSpan.FromMinutes(6);

    public static RunScale For(ComparisonOptions options, TargetKind kind = TargetKind.Native)
    {
        RunScale native = ForNative(options);
        if (kind == TargetKind.Native)
            return native;

        // The workload is the same on every system. The windows are longer: a broker over a socket takes a while to get into its stride, and handles
        // a tenth of the messages in the same time.
        return native with
        {
            Warmup = options.Quick ? TimeSpan.FromMilliseconds(250) : TimeSpan.FromMilliseconds(500),
            Window = options.Quick ? TimeSpan.FromMilliseconds(250) : TimeSpan.FromMilliseconds(500),
            LatencyWindow = options.Quick ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(1),
            SearchWindow = options.Quick ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromSeconds(2),
            Starts = options.Quick ? 1 : 2,
            ExperimentTimeout = options.Quick ? TimeSpan.FromSeconds(90) : TimeSpan.FromSeconds(200),
            TargetTimeout = options.Quick ? TimeSpan.FromSeconds(150) : TimeSpan.FromMinutes(7.5),
        };
    }

    private static RunScale ForNative(ComparisonOptions options) => options.Quick
        ? new RunScale
        {
            Warmup = TimeSpan.FromMilliseconds(45),
            Window = TimeSpan.FromMilliseconds(45),
            Repeat = options.Repeat,
            LatencyWindow = TimeSpan.FromMilliseconds(100),
            SearchWindow = TimeSpan.FromMilliseconds(200),
            SearchProbes = 2,
            BacklogMessages = 50_000,
            FaultMessages = 50,
            ClaimMessages = 5_000,
            Starts = 2,
            IsFull = false,
        }
        : new RunScale
        {
            Warmup = TimeSpan.FromMilliseconds(100),
            Window = TimeSpan.FromMilliseconds(150),
            Repeat = options.Repeat,
            LatencyWindow = TimeSpan.FromMilliseconds(400),
            SearchWindow = TimeSpan.FromMilliseconds(500),
            SearchProbes = 4,
            BacklogMessages = 250_000,
            FaultMessages = 100,
            ClaimMessages = 20_000,
            Starts = 3,
            IsFull = true,
        };
}
