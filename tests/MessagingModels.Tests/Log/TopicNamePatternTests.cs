using System.Text.RegularExpressions;

namespace MessagingModels.Tests.Log;

public class TopicNamePatternTests
{
    [Theory]
    [InlineData("orders|orders-eu", "orders-eu", true)]
    [InlineData("orders", "orders-eu", false)]
    [InlineData("^orders.*$", "orders-eu", true)]
    [InlineData("eu", "orders-eu", false)]
    [InlineData("a*?", "aaa", true)]
    public void It_matches_whole_names(string pattern, string name, bool matches)
        => Assert.Equal(matches, TopicNamePattern.Whole(new Regex(pattern)).IsMatch(name));

    [Fact]
    public void Options_and_comments_of_a_pattern_are_kept()
        => Assert.Matches(
            TopicNamePattern.Whole(new Regex("ORDERS -eu # those of Europe", RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)), "orders-eu");
}
