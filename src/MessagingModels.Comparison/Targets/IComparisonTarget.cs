using MessagingModels.Comparison.Reporting;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Targets;

/// <summary>A system that experiments run on.</summary>
internal interface IComparisonTarget
{
    TargetDescription Description { get; }

    /// <summary>Opens fresh, empty brokers of both models.</summary>
    Task<TargetSession> OpenAsync(Durability durability, CancellationToken cancellationToken);
}
