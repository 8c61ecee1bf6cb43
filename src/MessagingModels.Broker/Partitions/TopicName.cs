using System.Buffers;

namespace MessagingModels.Broker.Partitions;

/// <summary>What a topic may be called (Kafka: <c>org.apache.kafka.common.internals.Topic</c>).</summary>
internal static class TopicName
{
    public const int MaxLength = 249;

    public const string GroupOffsets = "__consumer_offsets";

    public const string TransactionState = "__transaction_state";

    private static readonly SearchValues<char> _legalCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>Whether the broker keeps its own state under the name.</summary>
    public static bool IsInternal(string name) => name is GroupOffsets or TransactionState;

    /// <summary>Why a name is not legal, or null.</summary>
    public static string? FindFault(string name)
    {
        if (name.Length == 0) return "A topic name must not be empty.";
        if (name is "." or "..") return $"A topic cannot be called '{name}'.";
        if (name.Length > MaxLength) return $"The topic name is {name.Length} characters long; at most {MaxLength} are allowed.";
        int bad = name.AsSpan().IndexOfAnyExcept(_legalCharacters);
        return bad < 0 ? null : $"The topic name '{name}' holds '{name[bad]}'; only a-z, A-Z, 0-9, '.', '_' and '-' are allowed.";
    }

    /// <summary>Whether two names would be the same in metrics, where '.' and '_' cannot be told apart.</summary>
    public static bool Collide(string one, string other) =>
        one.Length == other.Length && one != other && Unify(one) == Unify(other);

    private static string Unify(string name) => name.Replace('.', '_');
}
