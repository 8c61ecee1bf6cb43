using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>The embedded broker, in this process; where it is to be killed, in a child process.</summary>
internal sealed class NativeTarget(WorkDirectory directory) : IComparisonTarget
{
    public const string Name = "native";

    // Child processes take their time to start: some of it can be spent side by side.
    private const int KilledAtOnce = 3;

    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(30);

    public TargetDescription Description { get; } = new(Name, ConditionsProbe.ReadVersion(), TargetDescription.InProcess);

    public IReadOnlyList<Durability> Levels { get; } = [Durability.Memory, Durability.PageCache, Durability.Fsync];

    async Task<TargetSession> IComparisonTarget.OpenAsync(Durability durability, CancellationToken cancellationToken)
        => await OpenAsync(durability, cancellationToken).ConfigureAwait(false);

    public Task<NativeSession> OpenAsync(Durability durability, CancellationToken cancellationToken)
        => OpenDirectoryAsync(durability, durability == Durability.Memory ? null : directory.NewDataDirectory(), cancellationToken);

    /// <summary>Opens brokers on a directory, with what it holds already.</summary>
    public static async Task<NativeSession> OpenDirectoryAsync(Durability durability, string? path, CancellationToken cancellationToken)
    {
        NativeSession session = new(durability, path);
        await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }

    /// <summary>Within a process no response gets lost: those who lose one are served by <see cref="BatchClient"/>, or send twice.</summary>
    public async Task<TargetSession> OpenForFaultAsync(bool losesResponse, CancellationToken cancellationToken)
        => await OpenAsync(Durability.Memory, cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<FaultAttempt>> RunKilledAsync(IReadOnlyList<FaultSetting> settings, int count, CancellationToken cancellationToken)
        => await FaultAttempt.RunAllAsync(
            settings, KilledAtOnce, KillLimit,
            async (setting, stop) => new FaultAttempt(await KilledChild.RunAsync(setting, count, directory.NewDataDirectory(), stop).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);

    /// <summary>None: the broker shares its process with publishers and consumers.</summary>
    public BrokerUsage? ReadUsage() => null;

    public string? FindFailure() => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
