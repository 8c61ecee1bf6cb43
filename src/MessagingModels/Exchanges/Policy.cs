using System.Text.RegularExpressions;

namespace MessagingModels;

/// <summary>What a policy applies to.</summary>
public enum PolicyScope
{
    /// <summary>Queues and exchanges.</summary>
    All,
    /// <summary>Queues of every type.</summary>
    Queues,
    /// <summary>Exchanges.</summary>
    Exchanges,
}

/// <summary>Arguments for all queues and exchanges whose name matches. Of several that match, the one with the highest priority applies; a queue's own arguments win over it, for numbers the lower value counts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Pattern">Searched for in queue and exchange names.</param>
/// <param name="Definition">Arguments without their <c>x-</c>: <c>message-ttl</c>, <c>max-length</c>, <c>dead-letter-exchange</c>, <c>alternate-exchange</c> and so on.</param>
public sealed record Policy(string Name, Regex Pattern, IReadOnlyDictionary<string, object?> Definition)
{
    /// <summary>The highest of those that match applies.</summary>
    public int Priority { get; init; }

    /// <summary>What it applies to.</summary>
    public PolicyScope Scope { get; init; } = PolicyScope.All;
}
