namespace MessagingModels;

/// <summary>Values of the argument <c>x-queue-type</c>.</summary>
public static class QueueType
{
    /// <summary>A queue for one node; the default.</summary>
    public const string Classic = "classic";
    /// <summary>A queue with delivery limit, delayed retry and at-least-once dead-lettering; on one node as durable as its store.</summary>
    public const string Quorum = "quorum";
    /// <summary>A log partition that consumers read from any offset without taking messages away.</summary>
    public const string Stream = "stream";
}

/// <summary>A queue to be declared. Declaring it again with the same values has no effect; with others it is refused (406).</summary>
/// <param name="Name">Its name; empty for one that the broker chooses. <c>amq.</c> is reserved.</param>
public sealed record QueueDeclaration(string Name)
{
    /// <summary>True to keep it, and its persistent messages, over a restart.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>True to let only the declaring connection use it, and to delete it when that closes.</summary>
    public bool Exclusive { get; init; }

    /// <summary>True to delete it when its last consumer goes.</summary>
    public bool AutoDelete { get; init; }

    /// <summary>Further arguments; <see cref="QueueArguments"/> has their names.</summary>
    public IReadOnlyDictionary<string, object?> Arguments { get; init; } = new Dictionary<string, object?>();
}

/// <summary>What a queue's declaration answered.</summary>
/// <param name="Name">The queue's name, the chosen one where the broker chose.</param>
/// <param name="Messages">How many messages are ready.</param>
/// <param name="Consumers">How many consumers it has.</param>
public sealed record QueueDeclared(string Name, long Messages, int Consumers);

/// <summary>A queue as it is.</summary>
/// <param name="Declaration">As it was declared.</param>
/// <param name="Policy">The policy in force, or null.</param>
/// <param name="ReadyMessages">How many messages wait for a consumer.</param>
/// <param name="UnackedMessages">How many were delivered and not yet acknowledged.</param>
/// <param name="ReadyBytes">The size of the waiting messages' bodies.</param>
/// <param name="Consumers">How many consumers it has.</param>
/// <param name="Error">Why the queue cannot be used (its log is corrupt, say), or null.</param>
public sealed record QueueDescription(
    QueueDeclaration Declaration, string? Policy, long ReadyMessages, long UnackedMessages, long ReadyBytes, int Consumers, string? Error = null);
