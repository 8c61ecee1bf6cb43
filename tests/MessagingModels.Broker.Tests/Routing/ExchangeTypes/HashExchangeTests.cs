namespace MessagingModels.Broker.Tests.Routing.ExchangeTypes;

public class HashExchangeTests
{
    private const int Keys = 20_000;

    [Fact]
    public void Weights_divide_the_keys()
    {
        RouterHarness router = new(ExchangeType.ConsistentHash);
        router.Bind("one", "10");
        router.Bind("three", "30");
        int three = Enumerable.Range(0, Keys).Count(i => router.Route($"key-{i}")[0] == "three");
        Assert.InRange(three / (double)Keys, 0.70, 0.80);
    }

    [Fact]
    public void A_new_binding_takes_its_share_and_moves_no_other_key()
    {
        RouterHarness router = new(ExchangeType.ConsistentHash);
        router.Bind("a", "10");
        router.Bind("b", "10");
        string[] before = [.. Enumerable.Range(0, Keys).Select(i => router.Route($"key-{i}")[0])];
        router.Bind("c", "10");
        int moved = 0;
        for (int i = 0; i < Keys; i++)
        {
            string now = router.Route($"key-{i}")[0];
            if (now == before[i])
                continue;
            Assert.Equal("c", now);
            moved++;
        }

        Assert.InRange(moved / (double)Keys, 0.27, 0.40);
        router.Unbind("c");
        Assert.Equal(before, Enumerable.Range(0, Keys).Select(i => router.Route($"key-{i}")[0]));
    }

    [Fact]
    public void Where_a_key_goes_does_not_depend_on_the_order_of_binding()
    {
        RouterHarness forward = new(ExchangeType.ConsistentHash);
        RouterHarness backward = new(ExchangeType.ConsistentHash);
        const int Bindings = 500;
        for (int i = 0; i < Bindings; i++)
        {
            forward.Bind($"q{i}", $"{1 + (i % 3)}");
            backward.Bind($"q{Bindings - 1 - i}", $"{1 + ((Bindings - 1 - i) % 3)}");
        }

        for (int i = 0; i < Keys; i++)
            Assert.Equal(forward.Route($"key-{i}"), backward.Route($"key-{i}"));
    }

    [Fact]
    public void Thousands_of_bindings_share_the_keys_and_are_all_removed_again()
    {
        const int Bindings = 2_000;
        RouterHarness router = new(ExchangeType.ConsistentHash);
        for (int i = 0; i < Bindings; i++)
            router.Bind($"q{i}", "1");
        Assert.True(Enumerable.Range(0, Keys).Select(i => router.Route($"key-{i}")[0]).Distinct().Count() > Bindings * 9 / 10);
        for (int i = 0; i < Bindings; i++)
            router.Unbind($"q{i}");
        Assert.Empty(router.Route("key"));
    }

    [Fact]
    public void A_route_allocates_nothing()
    {
        RouterHarness router = new(ExchangeType.ConsistentHash);
        for (int i = 0; i < 100; i++)
            router.Bind($"q{i}", "2");
        Assert.Equal(0, router.AllocatedBy("key"));
    }

    [Fact]
    public void A_header_or_a_property_can_be_hashed_in_place_of_the_key()
    {
        RouterHarness byHeader = new(ExchangeType.ConsistentHash, ("hash-header", "h"));
        RouterHarness byProperty = new(ExchangeType.ConsistentHash, ("hash-property", "message_id"));
        foreach (RouterHarness router in (RouterHarness[])[byHeader, byProperty])
        {
            for (int i = 0; i < 8; i++)
                router.Bind($"q{i}", "5");
        }

        MessageProperties properties = new() { MessageId = "m-1", Headers = new Dictionary<string, object?> { ["h"] = 7 } };
        Assert.Equal(byHeader.Route("one", properties), byHeader.Route("two", properties));
        Assert.Equal(byProperty.Route("one", properties), byProperty.Route("two", properties));
        Assert.True(Enumerable.Range(0, 50).Select(i => byProperty.Route("", new MessageProperties { MessageId = $"m-{i}" })[0]).Distinct().Count() > 1);
    }

    [Theory]
    [InlineData("ten", "The binding key must be an integer: <<\"ten\">>")]
    [InlineData("0", "The binding key must be greater than 0")]
    [InlineData("5000", "The binding key must be at most 4096: 5000")]
    public void A_weight_that_is_no_sensible_number_is_refused(string weight, string message)
        => Assert.Equal(message, Assert.Throws<ArgumentException>(() => new RouterHarness(ExchangeType.ConsistentHash).Bind("q", weight)).Message);

    [Fact]
    public void Another_property_is_refused()
        => Assert.Equal(
            "Unsupported property: app_id",
            Assert.Throws<ArgumentException>(() => new RouterHarness(ExchangeType.ConsistentHash, ("hash-property", "app_id"))).Message);

    [Fact]
    public void Modulus_hash_keeps_a_key_on_its_queue_whatever_the_order_of_binding()
    {
        RouterHarness forward = new(ExchangeType.ModulusHash);
        RouterHarness backward = new(ExchangeType.ModulusHash);
        for (int i = 0; i < 5; i++)
        {
            forward.Bind($"q{i}", "");
            backward.Bind($"q{4 - i}", "");
        }

        for (int i = 0; i < 100; i++)
            Assert.Equal(forward.Route($"k{i}"), backward.Route($"k{i}"));
    }
}
