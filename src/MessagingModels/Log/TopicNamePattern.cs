using System.Text.RegularExpressions;

namespace MessagingModels;

/// <summary>Patterns of topic names, which match whole names as Kafka's <c>subscribe(Pattern)</c> does.</summary>
internal static class TopicNamePattern
{
    /// <summary>
    /// The same pattern between anchors. The length of a match is not enough to tell: of alternatives an expression takes the first that
    /// matches, so <c>orders|orders-eu</c> matches no more of <c>orders-eu</c> than its beginning.
    /// </summary>
    public static Regex Whole(Regex pattern)
    {
        // A comment at the end of such a pattern would swallow the anchor.
        string end = pattern.Options.HasFlag(RegexOptions.IgnorePatternWhitespace) ? "\n" : "";
        return new Regex($@"\A(?:{pattern}{end})\z", pattern.Options, pattern.MatchTimeout);
    }
}
