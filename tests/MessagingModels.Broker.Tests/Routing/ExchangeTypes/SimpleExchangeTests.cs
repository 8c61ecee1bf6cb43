namespace MessagingModels.Broker.Tests.Routing.ExchangeTypes;

public class SimpleExchangeTests
{
    [Fact]
    public void Direct_routes_by_the_whole_key()
    {
        RouterHarness router = new(ExchangeType.Direct);
        router.Bind("one", "a");
        router.Bind("two", "a");
        router.Bind("three", "a.b");
        Assert.Equal(["one", "two"], router.Route("a"));
        Assert.Equal(["three"], router.Route("a.b"));
        Assert.Empty(router.Route("b"));
    }

    [Fact]
    public void Direct_forgets_a_removed_binding()
    {
        RouterHarness router = new(ExchangeType.Direct);
        router.Bind("one", "a");
        router.Bind("two", "a");
        router.Unbind("one");
        Assert.Equal(["two"], router.Route("a"));
        router.Unbind("two");
        Assert.Empty(router.Route("a"));
    }

    [Fact]
    public void Fanout_routes_to_all_whatever_the_key()
    {
        RouterHarness router = new(ExchangeType.Fanout);
        router.Bind("one", "a");
        router.Bind("two", "b");
        Assert.Equal(["one", "two"], router.Route("c"));
    }

    [Fact]
    public void Random_routes_to_one_and_in_time_to_each()
    {
        RouterHarness router = new(ExchangeType.Random);
        router.Bind("one", "");
        router.Bind("two", "");
        HashSet<string> seen = [];
        for (int i = 0; i < 1000 && seen.Count < 2; i++)
            seen.Add(Assert.Single(router.Route("k")));
        Assert.Equal(2, seen.Count);
    }

    [Theory]
    [InlineData(ExchangeType.Direct)]
    [InlineData(ExchangeType.Fanout)]
    [InlineData(ExchangeType.Random)]
    [InlineData(ExchangeType.ModulusHash)]
    [InlineData(ExchangeType.ConsistentHash)]
    public void Routing_allocates_nothing(string type)
    {
        RouterHarness router = new(type);
        for (int i = 0; i < 10; i++)
            router.Bind($"q{i}", "1");
        Assert.Equal(0, router.AllocatedBy("1"));
    }
}
