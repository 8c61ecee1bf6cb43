using CsCheck;

namespace MessagingModels.Broker.Tests.Routing.ExchangeTypes;

public class HeadersExchangeTests
{
    [Fact]
    public void All_needs_every_argument_and_any_needs_one()
    {
        RouterHarness router = new(ExchangeType.Headers);
        router.Bind("all", "", ("a", 1), ("b", "x"));
        router.Bind("any", "", ("x-match", "any"), ("a", 1), ("b", "x"));
        Assert.Equal(["all", "any"], router.RouteHeaders(("a", 1), ("b", "x"), ("c", true)));
        Assert.Equal(["any"], router.RouteHeaders(("a", 1)));
        Assert.Empty(router.RouteHeaders(("a", 2)));
    }

    [Fact]
    public void Arguments_with_an_x_count_only_where_the_match_says_so()
    {
        RouterHarness router = new(ExchangeType.Headers);
        router.Bind("all", "", ("x-kind", "k"));
        router.Bind("all-with-x", "", ("x-match", "all-with-x"), ("x-kind", "k"));
        router.Bind("any", "", ("x-match", "any"), ("x-kind", "k"));
        router.Bind("any-with-x", "", ("x-match", "any-with-x"), ("x-kind", "k"));
        Assert.Equal(["all", "all-with-x", "any-with-x"], router.RouteHeaders(("x-kind", "k")));
        Assert.Equal(["all"], router.RouteHeaders(("x-kind", "other")));
    }

    [Fact]
    public void An_argument_without_a_value_asks_for_presence()
    {
        RouterHarness router = new(ExchangeType.Headers);
        router.Bind("q", "", ("a", null));
        Assert.Equal(["q"], router.RouteHeaders(("a", 42)));
        Assert.Empty(router.RouteHeaders(("b", 42)));
    }

    [Fact]
    public void Numbers_match_whatever_their_width()
    {
        RouterHarness router = new(ExchangeType.Headers);
        router.Bind("q", "", ("a", 5));
        Assert.Equal(["q"], router.RouteHeaders(("a", 5L)));
        Assert.Equal(["q"], router.RouteHeaders(("a", (byte)5)));
        Assert.Empty(router.RouteHeaders(("a", "5")));
    }

    [Fact]
    public void Another_match_is_refused()
    {
        RouterHarness router = new(ExchangeType.Headers);
        ArgumentException error = Assert.Throws<ArgumentException>(() => router.Bind("q", "", ("x-match", "some")));
        Assert.Equal("Invalid x-match field value <<\"some\">>; expected all, any, all-with-x, or any-with-x", error.Message);
    }

    [Fact]
    public void Rules_agree_with_a_naive_matcher()
    {
        Gen<Dictionary<string, int>> table = Gen.Dictionary(OneOf("a", "b", "x-c", "x-d"), Gen.Int[0, 1])[0, 4];
        Gen.Select(table, table, OneOf("all", "any", "all-with-x", "any-with-x")).Sample((wanted, headers, match) =>
        {
            RouterHarness router = new(ExchangeType.Headers);
            router.Bind("q", "", [("x-match", match), .. wanted.Select(item => (item.Key, (object?)item.Value))]);
            bool[] hits = [.. wanted
                .Where(item => match.EndsWith("-with-x", StringComparison.Ordinal) || !item.Key.StartsWith("x-", StringComparison.Ordinal))
                .Select(item => headers.TryGetValue(item.Key, out int value) && value == item.Value)];
            bool expected = match.StartsWith("all", StringComparison.Ordinal) ? hits.All(hit => hit) : hits.Any(hit => hit);
            string[] routed = router.RouteHeaders([.. headers.Select(item => (item.Key, (object?)item.Value))]);
            Assert.Equal(expected ? ["q"] : [], routed);
        });
    }

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);
}
