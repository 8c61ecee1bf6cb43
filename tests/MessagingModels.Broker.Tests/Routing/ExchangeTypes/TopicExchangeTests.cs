using CsCheck;

namespace MessagingModels.Broker.Tests.Routing.ExchangeTypes;

public class TopicExchangeTests
{
    [Theory]
    [InlineData("order.placed", "order.placed", true)]
    [InlineData("order.placed", "order.shipped", false)]
    [InlineData("order.*", "order.placed", true)]
    [InlineData("order.*", "order", false)]
    [InlineData("order.*", "order.placed.eu", false)]
    [InlineData("order.#", "order", true)]
    [InlineData("order.#", "order.placed.eu", true)]
    [InlineData("#", "", true)]
    [InlineData("#", "a.b.c", true)]
    [InlineData("*", "", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("#.eu", "eu", true)]
    [InlineData("#.eu", "order.placed.eu", true)]
    [InlineData("#.eu.#", "a.eu.b.eu", true)]
    [InlineData("#.#", "", true)]
    [InlineData("*.#", "a", true)]
    [InlineData("a..b", "a..b", true)]
    [InlineData("a.*.b", "a..b", true)]
    [InlineData("a.*", "a.", true)]
    [InlineData("*.*", ".", true)]
    public void A_pattern_matches_by_words(string pattern, string key, bool matches)
    {
        RouterHarness router = new(ExchangeType.Topic);
        router.Bind("q", pattern);
        Assert.Equal(matches ? ["q"] : [], router.Route(key));
    }

    [Fact]
    public void The_trie_agrees_with_a_naive_matcher_while_bindings_come_and_go()
    {
        Gen<string> word = OneOf("a", "b", "c", "", "*", "#");
        Gen<string> pattern = word.Array[0, 5].Where(words => words.Count(each => each == "#") <= 2).Select(words => string.Join('.', words));
        Gen<string> key = OneOf("a", "b", "c", "").Array[0, 6].Select(words => string.Join('.', words));
        Gen.Select(pattern.Array[0, 12], key.Array[1, 12], Gen.Bool.Array[12]).Sample((patterns, keys, removed) =>
        {
            RouterHarness router = new(ExchangeType.Topic);
            for (int i = 0; i < patterns.Length; i++)
                router.Bind($"q{i:D2}", patterns[i]);
            for (int i = 0; i < patterns.Length; i++)
            {
                if (removed[i])
                    router.Unbind($"q{i:D2}");
            }

            foreach (string routed in keys)
            {
                string[] expected = [.. Enumerable.Range(0, patterns.Length)
                    .Where(i => !removed[i] && Matches(WordsOf(patterns[i]), WordsOf(routed)))
                    .Select(i => $"q{i:D2}")];
                Assert.Equal(expected, router.Route(routed));
            }
        });
    }

    [Fact]
    public void Wildcards_and_a_long_key_do_not_make_it_slow()
    {
        RouterHarness router = new(ExchangeType.Topic);
        router.Bind("q", "#.a.*.#.a.*.*.b");
        string key = string.Join('.', Enumerable.Repeat("a", 2000));
        Assert.Empty(router.Route(key));
        Assert.Equal(["q"], router.Route(key + ".b"));
    }

    [Fact]
    public void A_pattern_with_more_than_two_hashes_is_refused()
        => Assert.Equal(
            "Topic binding key '#.a.#.#' uses 3 '#' wildcards, at most 2 are allowed",
            Assert.Throws<ArgumentException>(() => new RouterHarness(ExchangeType.Topic).Bind("q", "#.a.#.#")).Message);

    [Fact]
    public void Routing_allocates_nothing()
    {
        RouterHarness router = new(ExchangeType.Topic);
        for (int i = 0; i < 100; i++)
            router.Bind($"q{i}", i % 2 == 0 ? $"a.{i}.#" : $"#.{i}.*");
        Assert.Equal(0, router.AllocatedBy("a.42.c"));
    }

    private static string[] WordsOf(string text) => text.Length == 0 ? [] : text.Split('.');

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> key)
    {
        if (pattern.IsEmpty)
            return key.IsEmpty;
        if (pattern[0] == "#")
            return Matches(pattern[1..], key) || (!key.IsEmpty && Matches(pattern, key[1..]));
        return !key.IsEmpty && (pattern[0] == "*" || pattern[0] == key[0]) && Matches(pattern[1..], key[1..]);
    }

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);
}
