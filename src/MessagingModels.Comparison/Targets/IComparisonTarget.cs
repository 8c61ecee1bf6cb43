using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>A system that experiments run on. Disposal stops what was started for it.</summary>
internal interface IComparisonTarget : IAsyncDisposable
{
    TargetDescription Description { get; }

    /// <summary>True for a broker that the user runs, be it on this machine or on another.</summary>
    bool IsGiven => false;

    /// <summary>The durability levels that it has, the weakest first. What a system lacks is not here.</summary>
    IReadOnlyList<Durability> Levels { get; }

    /// <summary>Opens brokers without anything of earlier sessions in sight, at one of <see cref="Levels"/>.</summary>
    Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken);

    /// <summary>Opens brokers to inject a fault into, at the weakest level.</summary>
    /// <param name="losesResponse">True where a response is to get lost on the way, see <see cref="TargetSession.LoseResponseAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NotSupportedException">No response of this broker can be lost on purpose.</exception>
    Task<TargetSession> OpenForFaultAsync(bool losesResponse, CancellationToken cancellationToken);

    /// <summary>Runs publisher and consumer of each setting, kills the broker about half way, has it started again and the rest consumed.</summary>
    /// <param name="settings">The settings; their places in <see cref="FaultSetting.All"/> name them across processes.</param>
    /// <param name="count">How many messages each publisher has.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>What each setting lost and duplicated of what its publisher counts as sent.</returns>
    Task<IReadOnlyList<FaultAttempt>> RunKilledAsync(IReadOnlyList<FaultSetting> settings, int count, CancellationToken cancellationToken);

    /// <summary>What the broker's processes have used so far; null where the broker has no process of its own that this run started.</summary>
    BrokerUsage? ReadUsage();

    /// <summary>Completes, with a line of what happened, when the broker is gone though this run did not end it.</summary>
    async Task<string> WatchAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        return "";
    }

    /// <summary>Why nothing more can be run on it; null while it is well.</summary>
    string? FindFailure();
}

/// <summary>Messages that a fault cost.</summary>
/// <param name="Lost">Messages without effect.</param>
/// <param name="Duplicated">Messages with more than one.</param>
internal readonly record struct FaultCount(int Lost, int Duplicated);

/// <summary>What a broker's processes have used, all together.</summary>
/// <param name="CpuTime">Processor time since their start.</param>
/// <param name="ResidentBytes">Their resident memory now.</param>
internal readonly record struct BrokerUsage(TimeSpan CpuTime, long ResidentBytes);

/// <summary>What follows from what a target states.</summary>
internal static class TargetFacts
{
    public static bool Offers(this IComparisonTarget target, ModelKind model) => target.Description.Models.Contains(model);

    /// <summary>Who shares the cores of this machine while figures are taken, as a sentence or two.</summary>
    public static string WhoShares(this IComparisonTarget target)
        => target.Description.Place == TargetDescription.InProcess
            ? "In your process: publisher, broker and consumer share one process and its cores; there is no network in these figures."
            : target.IsGiven
                ? "Over a socket, at the address that was given: publisher and consumer share this machine's cores, with the broker only where the address is of this machine; "
                    + "where it is not, the network between the two is in these figures."
                : "Over a socket: the client and the broker's processes share this machine and its cores; the network is its loopback interface.";

    /// <summary>The level asked for; where the system lacks it, the next stronger one that it has, or else its strongest.</summary>
    public static Durability Nearest(this IComparisonTarget target, Durability durability)
    {
        foreach (Durability level in target.Levels)
        {
            if (level >= durability)
                return level;
        }

        return target.Levels[^1];
    }
}
