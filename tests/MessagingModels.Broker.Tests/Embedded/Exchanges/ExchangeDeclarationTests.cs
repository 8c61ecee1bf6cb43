namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class ExchangeDeclarationTests
{
    [Fact]
    public async Task The_predeclared_exchanges_are_there_and_cannot_be_deleted()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        IReadOnlyList<ExchangeDescription> exchanges = await harness.Broker.ListExchangesAsync();
        Assert.Equal(
            ["", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.topic"],
            exchanges.Select(exchange => exchange.Declaration.Name));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.AccessRefused, "ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed",
            () => harness.Broker.DeleteExchangeAsync("amq.direct"));
        await harness.Broker.DeclareExchangeAsync("amq.direct", ExchangeType.Direct);
    }

    [Fact]
    public async Task Declaring_again_is_fine_with_the_same_values_and_refused_with_others()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        ExchangeDeclaration declared = new("x", ExchangeType.Topic);
        await harness.Broker.DeclareExchangeAsync(declared);
        await harness.Broker.DeclareExchangeAsync(declared);
        await Inequivalent("inequivalent arg 'type' for exchange 'x' in vhost '/': received 'direct' but current is 'topic'",
            new("x", ExchangeType.Direct));
        await Inequivalent("inequivalent arg 'durable' for exchange 'x' in vhost '/': received 'false' but current is 'true'",
            declared with { Durable = false });
        await Inequivalent("inequivalent arg 'auto_delete' for exchange 'x' in vhost '/': received 'true' but current is 'false'",
            declared with { AutoDelete = true });
        await Inequivalent("inequivalent arg 'internal' for exchange 'x' in vhost '/': received 'true' but current is 'false'",
            declared with { Internal = true });
        await Inequivalent(
            "inequivalent arg 'alternate-exchange' for exchange 'x' in vhost '/': received the value 'a' of type 'longstr' but current is none",
            declared with { Arguments = new Dictionary<string, object?> { ["alternate-exchange"] = "a" } });

        Task Inequivalent(string message, ExchangeDeclaration other) => ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - {message}", () => harness.Broker.DeclareExchangeAsync(other));
    }

    [Fact]
    public async Task Names_and_types_that_are_not_legal_are_refused()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.AccessRefused, "ACCESS_REFUSED - operation not permitted on the default exchange",
            () => harness.Broker.DeclareExchangeAsync("", ExchangeType.Direct));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.AccessRefused, "ACCESS_REFUSED - exchange name 'amq.foo' contains reserved prefix 'amq.*'",
            () => harness.Broker.DeclareExchangeAsync("amq.foo", ExchangeType.Direct));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - invalid exchange type 'foo'",
            () => harness.Broker.DeclareExchangeAsync("x", "foo"));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - Invalid argument, 'x-delayed-type' must be an existing exchange type",
            () => harness.Broker.DeclareExchangeAsync("x", ExchangeType.DelayedMessage));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.NotFound, "NOT_FOUND - no exchange 'nope' in vhost '/'",
            async () => await harness.Broker.DescribeExchangeAsync("nope"));
    }

    [Fact]
    public async Task An_exchange_in_use_is_kept_where_the_caller_minds()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync("a", ExchangeType.Fanout);
        await harness.Broker.DeclareExchangeAsync("b", ExchangeType.Fanout);
        await harness.Broker.BindExchangeAsync("b", "a");
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - exchange 'a' in vhost '/' in use",
            () => harness.Broker.DeleteExchangeAsync("a", ifUnused: true));
        await harness.Broker.DeleteExchangeAsync("a");
        Assert.Empty(await harness.Broker.ListBindingsAsync());
        await harness.Broker.DeleteExchangeAsync("a");
    }

    [Fact]
    public async Task An_auto_delete_exchange_goes_with_its_last_binding()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync(new ExchangeDeclaration("a", ExchangeType.Fanout) { AutoDelete = true });
        await harness.Broker.DeclareExchangeAsync(new ExchangeDeclaration("b", ExchangeType.Fanout) { AutoDelete = true });
        await harness.Broker.DeclareExchangeAsync("c", ExchangeType.Fanout);
        await harness.Broker.BindExchangeAsync("b", "a");
        await harness.Broker.BindExchangeAsync("c", "b");
        await harness.Broker.DeleteExchangeAsync("c");
        Assert.DoesNotContain(await harness.Broker.ListExchangesAsync(), exchange => exchange.Declaration.Name is "a" or "b");
    }

    [Fact]
    public async Task Binding_to_what_is_not_there_is_refused()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync("x", ExchangeType.Direct);
        await ExchangeHarness.RefusedAsync(
            ReplyCode.NotFound, "NOT_FOUND - no queue 'nope' in vhost '/'", () => harness.Broker.BindQueueAsync("nope", "x"));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.NotFound, "NOT_FOUND - no exchange 'nope' in vhost '/'", () => harness.Broker.BindExchangeAsync("x", "nope"));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.NotFound, "NOT_FOUND - no topic 'nope'; create it before binding an exchange to it",
            () => harness.Broker.BindTopicAsync("nope", "x"));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.AccessRefused, "ACCESS_REFUSED - operation not permitted on the default exchange",
            () => harness.Broker.BindExchangeAsync("x", ""));
        await harness.Broker.UnbindAsync(new Binding("x", BindingTarget.Queue, "nope", ""));
    }

    [Fact]
    public async Task Definitions_survive_a_restart_and_what_is_not_durable_does_not()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync(new ExchangeDeclaration("kept", ExchangeType.Headers)
        {
            Arguments = new Dictionary<string, object?> { ["alternate-exchange"] = "other", ["n"] = 5, ["big"] = 5L, ["d"] = 1.5 },
        });
        await harness.Broker.DeclareExchangeAsync(new ExchangeDeclaration("gone", ExchangeType.Fanout) { Durable = false });
        await harness.Broker.DeclareExchangeAsync("other", ExchangeType.Fanout);
        await harness.Broker.DeclareExchangeAsync("deleted", ExchangeType.Fanout);
        Dictionary<string, object?> arguments = new() { ["x-match"] = "any", ["h"] = 1, ["nothing"] = null };
        await harness.Broker.BindExchangeAsync("other", "kept", "k", arguments);
        await harness.Broker.BindExchangeAsync("gone", "kept", "k");
        await harness.Broker.BindExchangeAsync("deleted", "kept", "k");
        await harness.Broker.DeleteExchangeAsync("deleted");
        await harness.RestartAsync();
        ExchangeDescription kept = await harness.Broker.DescribeExchangeAsync("kept");
        Assert.Equal((5, 5L, 1.5), (kept.Declaration.Arguments["n"], kept.Declaration.Arguments["big"], kept.Declaration.Arguments["d"]));
        Assert.DoesNotContain(await harness.Broker.ListExchangesAsync(), exchange => exchange.Declaration.Name is "gone" or "deleted");
        Binding binding = Assert.Single(await harness.Broker.ListBindingsAsync());
        Assert.Equal(("kept", "other", "k"), (binding.Source, binding.Destination, binding.RoutingKey));
        Assert.Equal(arguments, binding.Arguments.ToDictionary());
    }

    [Fact]
    public async Task A_thousand_changes_become_a_snapshot_that_opens_the_same()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync("x", ExchangeType.Topic);
        await harness.Broker.DeclareExchangeAsync("y", ExchangeType.Topic);
        for (int i = 0; i < 1500; i++)
        {
            await harness.Broker.BindExchangeAsync("y", "x", $"key.{i}");
            if (i % 2 == 0)
                await harness.Broker.UnbindAsync(new Binding("x", BindingTarget.Exchange, "y", $"key.{i}"));
        }

        await harness.RestartAsync();
        Assert.Equal(750, (await harness.Broker.ListBindingsAsync()).Count);
    }

    [Fact]
    public async Task Virtual_hosts_are_separate_and_survive_a_restart_until_deleted()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Hosts.CreateAsync("other", CancellationToken.None);
        await using MessagingModels.Broker.Embedded.Exchanges.EmbeddedExchangeBroker other = new(harness.Hosts.Get("other"));
        await other.DeclareExchangeAsync("x", ExchangeType.Fanout);
        Assert.DoesNotContain(await harness.Broker.ListExchangesAsync(), exchange => exchange.Declaration.Name == "x");
        await harness.RestartAsync();
        Assert.Equal(["/", "other"], harness.Hosts.List());
        Assert.NotNull(harness.Hosts.Get("other").FindExchange("x"));
        await harness.Hosts.DeleteAsync("other", CancellationToken.None);
        await harness.RestartAsync();
        Assert.Equal(["/"], harness.Hosts.List());
    }

    [Fact]
    public async Task A_policy_gives_exchanges_an_alternate_and_survives_a_restart()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync("logs.app", ExchangeType.Direct);
        await harness.Broker.SetPolicyAsync(NewPolicy("low", "^logs", "one", priority: 1));
        await harness.Broker.SetPolicyAsync(NewPolicy("high", "app$", "two", priority: 2));
        await harness.Broker.SetPolicyAsync(NewPolicy("queues", "app$", "three", priority: 3) with { Scope = PolicyScope.Queues });
        await harness.RestartAsync();
        Assert.Equal("high", (await harness.Broker.DescribeExchangeAsync("logs.app")).Policy);
        Assert.Equal("two", harness.Host.FindExchange("logs.app")!.Alternate);
        await harness.Broker.DeletePolicyAsync("high");
        Assert.Equal("one", harness.Host.FindExchange("logs.app")!.Alternate);
        Assert.Equal(["low", "queues"], (await harness.Broker.ListPoliciesAsync()).Select(policy => policy.Name));
    }

    [Fact]
    public async Task A_policy_with_an_unknown_key_is_refused()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        Policy policy = new("p", new System.Text.RegularExpressions.Regex("x"), new Dictionary<string, object?> { ["nonsense"] = 1 });
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - validation failed for policy 'p': [{<<\"nonsense\">>, not recognised}]",
            () => harness.Broker.SetPolicyAsync(policy));
    }

    private static Policy NewPolicy(string name, string pattern, string alternate, int priority)
        => new(name, new System.Text.RegularExpressions.Regex(pattern), new Dictionary<string, object?> { ["alternate-exchange"] = alternate })
        {
            Priority = priority,
        };
}
