using System.Globalization;
using System.Text;

namespace MessagingModels.Comparison.Measuring;

/// <summary>
/// Patterns of topic exchanges (<c>*</c> one word, <c>#</c> any number), matched in the plainest way: the check of what a broker routes,
/// so it shares nothing with a broker.
/// </summary>
internal static class TopicPattern
{
    // A binding key is a short string of AMQP.
    private const int MaxPatternBytes = 255;

    public static bool Matches(string pattern, string route) => Matches(pattern.Split('.'), Words(route));

    /// <summary>Picks patterns from the routes of messages whose share of the messages comes close to the shares asked for.</summary>
    /// <returns>Different patterns with their share, by falling share; fewer than asked for where the routes have no more, and none where they do not differ.</returns>
    public static IReadOnlyList<(string Pattern, double Share)> Pick(IReadOnlyList<WorkloadMessage> messages, params ReadOnlySpan<double> shares)
    {
        Dictionary<string, int> counts = [];
        foreach (WorkloadMessage message in messages)
        {
            string[] words = Words(message.Route);
            if (words.Any(static word => word is "*" or "#"))
                continue;
            for (int depth = 1; depth <= words.Length; depth++)
                Count(counts, depth == words.Length ? message.Route : string.Join('.', words[..depth]) + ".#");
            foreach (string word in words.Distinct())
                Count(counts, $"#.{word}.#");
        }

        foreach (string pattern in counts.Keys.Where(static pattern => Encoding.UTF8.GetByteCount(pattern) > MaxPatternBytes).ToArray())
            counts.Remove(pattern);

        List<(string Pattern, double Share)> picked = [];
        foreach (double share in shares)
        {
            (string Pattern, double Share) best = counts
                .Where(candidate => picked.TrueForAll(other => other.Pattern != candidate.Key && other.Share * messages.Count != candidate.Value))
                .Select(candidate => (Pattern: candidate.Key, Share: (double)candidate.Value / messages.Count))
                .Where(static candidate => candidate.Share < 1)
                .OrderBy(candidate => Math.Abs(Math.Log(candidate.Share / share))).ThenBy(static candidate => candidate.Pattern, StringComparer.Ordinal)
                .FirstOrDefault();
            if (best.Pattern is not null)
                picked.Add(best);
        }

        return [.. picked.OrderByDescending(static pattern => pattern.Share)];
    }

    /// <summary>A route that nobody has or wants.</summary>
    public static string RouteBesides(Func<string, bool> isTaken)
    {
        for (int i = 0; ; i++)
        {
            string route = string.Create(CultureInfo.InvariantCulture, $"bound.by.nobody-{i}");
            if (!isTaken(route))
                return route;
        }
    }

    private static void Count(Dictionary<string, int> counts, string pattern) => counts[pattern] = counts.GetValueOrDefault(pattern) + 1;

    private static string[] Words(string route) => route.Length == 0 ? [] : route.Split('.');

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> words)
    {
        if (pattern.IsEmpty)
            return words.IsEmpty;
        if (pattern[0] == "#")
            return Matches(pattern[1..], words) || (!words.IsEmpty && Matches(pattern, words[1..]));
        return !words.IsEmpty && (pattern[0] == "*" || pattern[0] == words[0]) && Matches(pattern[1..], words[1..]);
    }
}
