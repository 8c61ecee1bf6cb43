using System.Text.RegularExpressions;
using CsCheck;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class TopicPatternTests
{
    private static readonly Gen<string> Route = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("c")).Array[1, 5].Select(static words => string.Join('.', words));
    private static readonly Gen<string> Pattern = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("*"), Gen.Const("#")).Array[1, 5].Select(static words => string.Join('.', words));

    [Theory]
    [InlineData("a.b", "a.b", true)]
    [InlineData("a.*", "a.b", true)]
    [InlineData("a.*", "a", false)]
    [InlineData("a.*", "a.b.c", false)]
    [InlineData("a.#", "a", true)]
    [InlineData("a.#", "a.b.c", true)]
    [InlineData("#.c", "c", true)]
    [InlineData("#.b.#", "a.b.c", true)]
    [InlineData("#", "", true)]
    [InlineData("*", "", false)]
    [InlineData("#.*", "a", true)]
    public void Stars_match_a_word_and_hashes_any_number(string pattern, string route, bool expected)
        => Assert.Equal(expected, TopicPattern.Matches(pattern, route));

    [Fact]
    public void It_agrees_with_a_regular_expression()
        => Gen.Select(Pattern, Route).Sample(static (pattern, route) =>
        {
            // Every word is followed by a dot, so that # can be any number of them.
            string expression = string.Concat(pattern.Split('.').Select(static word => word switch
            {
                "*" => @"[^.]+\.",
                "#" => @"(?:[^.]+\.)*",
                _ => word + @"\.",
            }));
            return TopicPattern.Matches(pattern, route) == Regex.IsMatch(route + ".", $"^{expression}$");
        });

    [Fact]
    public void Patterns_are_picked_near_the_shares_asked_for()
    {
        IReadOnlyList<WorkloadMessage> messages = GeneratedWorkload.Create();

        IReadOnlyList<(string Pattern, double Share)> picked = TopicPattern.Pick(messages, 0.5, 0.1, 0.01);

        Assert.Equal(3, picked.Count);
        Assert.InRange(picked[0].Share, 0.3, 0.7);
        Assert.InRange(picked[1].Share, 0.05, 0.2);
        Assert.InRange(picked[2].Share, 0.005, 0.02);
        foreach ((string pattern, double share) in picked)
            Assert.Equal(share, messages.Count(message => TopicPattern.Matches(pattern, message.Route)) / (double)messages.Count, 9);
    }

    [Fact]
    public void Routes_with_pattern_characters_are_not_made_into_patterns()
    {
        WorkloadMessage[] messages = [.. Enumerable.Range(0, 10).Select(static i => new WorkloadMessage("k", i < 5 ? "a.#.b" : "c.d", default))];

        Assert.All(TopicPattern.Pick(messages, 0.5, 0.1), static pattern => Assert.DoesNotContain("a", pattern.Pattern, StringComparison.Ordinal));
    }

    [Fact]
    public void Routes_that_do_not_differ_give_no_patterns()
        => Assert.Empty(TopicPattern.Pick([.. Enumerable.Range(0, 10).Select(static _ => new WorkloadMessage("k", "a.b", default))], 0.5, 0.1));

    [Fact]
    public void Patterns_longer_than_a_binding_key_may_be_are_not_picked()
    {
        WorkloadMessage[] messages = [.. Enumerable.Range(0, 10).Select(static i => new WorkloadMessage("k", i < 5 ? new string('a', 253) : "b", default))];

        Assert.All(TopicPattern.Pick(messages, 0.5, 0.1, 0.01), static pattern => Assert.True(pattern.Pattern.Length <= 255));
    }

    [Fact]
    public void A_route_besides_others_is_none_of_them()
        => Assert.Equal("bound.by.nobody-2", TopicPattern.RouteBesides(static route => route is "bound.by.nobody-0" or "bound.by.nobody-1"));
}
