namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>A rule of a generated topology.</summary>
/// <param name="Source">The exchange it belongs to, by its number.</param>
/// <param name="ToExchange">True where it leads to an exchange.</param>
/// <param name="Target">The number of the queue or exchange it leads to.</param>
/// <param name="Key">Its key or pattern.</param>
internal sealed record GeneratedBinding(int Source, bool ToExchange, int Target, string Key);

/// <summary>What the specification says about routing, written as plainly as can be and without regard to speed.</summary>
internal static class RoutingModel
{
    /// <summary>Whether a topic pattern matches a key: words are separated by dots, a star is one word, a hash any number of them.</summary>
    public static bool Matches(string pattern, string key) => Matches(Words(pattern), Words(key));

    /// <summary>Whether the arguments of a headers binding match a message's headers.</summary>
    public static bool Matches(IReadOnlyDictionary<string, object?> arguments, IReadOnlyDictionary<string, object?> headers)
    {
        string mode = (string)arguments.GetValueOrDefault("x-match", "all")!;
        bool withX = mode.EndsWith("with-x", StringComparison.Ordinal);
        IEnumerable<bool> conditions = arguments
            .Where(argument => argument.Key != "x-match" && (withX || !argument.Key.StartsWith("x-", StringComparison.Ordinal)))
            .Select(argument => headers.TryGetValue(argument.Key, out object? value) && (argument.Value is null || argument.Value.Equals(value)));
        return mode.StartsWith("all", StringComparison.Ordinal) ? conditions.All(isMet => isMet) : conditions.Any(isMet => isMet);
    }

    /// <summary>The queues that a message reaches from an exchange on, each exchange entered once.</summary>
    public static HashSet<int> Reach(IReadOnlyCollection<GeneratedBinding> bindings, int exchange, string key, Func<string, string, bool> matches)
    {
        HashSet<int> queues = [];
        HashSet<int> entered = [exchange];
        Stack<int> next = new(entered);
        while (next.TryPop(out int source))
        {
            foreach (GeneratedBinding binding in bindings.Where(binding => binding.Source == source && matches(binding.Key, key)))
            {
                if (!binding.ToExchange)
                    queues.Add(binding.Target);
                else if (entered.Add(binding.Target))
                    next.Push(binding.Target);
            }
        }

        return queues;
    }

    // The empty key has no words; a dot always separates two, which may be empty.
    private static string[] Words(string text) => text.Length == 0 ? [] : text.Split('.');

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> words)
    {
        if (pattern.IsEmpty)
            return words.IsEmpty;
        if (pattern[0] == "#")
            return Matches(pattern[1..], words) || (!words.IsEmpty && Matches(pattern, words[1..]));
        return !words.IsEmpty && (pattern[0] == "*" || pattern[0] == words[0]) && Matches(pattern[1..], words[1..]);
    }
}
