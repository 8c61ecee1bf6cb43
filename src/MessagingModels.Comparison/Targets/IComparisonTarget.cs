using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>A system that experiments run on.</summary>
internal interface IComparisonTarget
{
    TargetDescription Description { get; }

    /// <summary>Opens fresh, empty brokers of both models.</summary>
    Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken);

    /// <summary>Runs publisher and consumer of a fault setting, kills the broker about half way, and opens it again on what it kept.</summary>
    /// <param name="setting">The setting; its place in <see cref="FaultSetting.All"/> names it across processes.</param>
    /// <param name="count">How many messages the publisher has.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    Task<KilledRun> RunUntilKilledAsync(FaultSetting setting, int count, CancellationToken cancellationToken);
}

/// <summary>What happened before the broker was killed, and the broker after it.</summary>
/// <param name="Sent">The ids that the publisher counted as sent.</param>
/// <param name="Processed">The ids that took effect, in order, as often as they did.</param>
/// <param name="Session">The broker, opened again.</param>
internal sealed record KilledRun(IReadOnlyList<int> Sent, IReadOnlyList<int> Processed, TargetSession Session) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
