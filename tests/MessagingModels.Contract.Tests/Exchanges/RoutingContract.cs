using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class RoutingContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task The_default_exchange_routes_to_the_queue_that_the_key_names()
    {
        await DeclareAsync("a", "b");
        await PublishAsync("", "b", "m");
        Assert.Equal((0, 1), (await ReadyAsync("a"), await ReadyAsync("b")));
    }

    [Fact]
    public async Task A_direct_exchange_routes_by_the_whole_key()
    {
        await BindAsync(ExchangeType.Direct, ("a", "k"), ("b", "K"), ("c", "k.l"));
        await PublishAsync("x", "k", "m");
        Assert.Equal(["a"], await ReachedAsync("a", "b", "c"));
    }

    [Fact]
    public async Task A_fanout_exchange_routes_to_every_queue_whatever_the_key()
    {
        await BindAsync(ExchangeType.Fanout, ("a", "k"), ("b", ""));
        await PublishAsync("x", "other", "m");
        Assert.Equal(["a", "b"], await ReachedAsync("a", "b"));
    }

    [Fact]
    public async Task A_star_of_a_topic_pattern_stands_for_exactly_one_word()
    {
        await BindAsync(ExchangeType.Topic, ("one", "*"), ("middle", "a.*.c"), ("two", "*.*"), ("empty", ""));
        await PublishAsync("x", "a.b.c", "m");
        Assert.Equal(["middle"], await ReachedAsync("one", "middle", "two", "empty"));
    }

    [Fact]
    public async Task A_hash_of_a_topic_pattern_stands_for_any_number_of_words_and_for_none()
    {
        await BindAsync(ExchangeType.Topic, ("all", "#"), ("tail", "a.b.#"), ("head", "#.a.b"), ("inside", "a.#.b"), ("more", "a.b.#.c"));
        await PublishAsync("x", "a.b", "m");
        Assert.Equal(["all", "tail", "head", "inside"], await ReachedAsync("all", "tail", "head", "inside", "more"));
    }

    [Fact]
    public async Task A_topic_pattern_with_more_than_two_hashes_is_refused()
    {
        await DeclareAsync("q");
        await Broker.BindQueueAsync("q", "amq.topic", "#.a.#");
        await FailedAsync(
            "Topic binding key '#.a.#.#' uses 3 '#' wildcards, at most 2 are allowed",
            async () => await Broker.BindQueueAsync("q", "amq.topic", "#.a.#.#"));
    }

    [Fact]
    public async Task Empty_words_of_a_topic_key_count_as_words()
    {
        await BindAsync(ExchangeType.Topic, ("three", "*.*.*"), ("literal", "a..b"), ("two", "a.b"));
        await PublishAsync("x", "a..b", "m");
        Assert.Equal(["three", "literal"], await ReachedAsync("three", "literal", "two"));
    }

    [Fact]
    public async Task Headers_match_all_of_a_binding_unless_it_says_any()
    {
        await BindHeadersAsync("silent", ("a", 1), ("b", "two"));
        await BindHeadersAsync("all", ("x-match", "all"), ("a", 1), ("b", "two"));
        await BindHeadersAsync("any", ("x-match", "any"), ("a", 1), ("c", true));
        await BindHeadersAsync("other", ("x-match", "any"), ("a", 2), ("c", true));
        await PublishAsync("x", "", "m", With(("a", 1), ("b", "two"), ("d", "more")));
        Assert.Equal(["silent", "all", "any"], await ReachedAsync("silent", "all", "any", "other"));
    }

    [Fact]
    public async Task Headers_that_begin_with_x_count_only_where_the_binding_says_so()
    {
        await BindHeadersAsync("all", ("x-match", "all"), ("a", 1), ("x-b", 2));
        await BindHeadersAsync("all-with-x", ("x-match", "all-with-x"), ("a", 1), ("x-b", 2));
        await BindHeadersAsync("any", ("x-match", "any"), ("x-c", 3));
        await BindHeadersAsync("any-with-x", ("x-match", "any-with-x"), ("x-c", 3));
        await PublishAsync("x", "", "m", With(("a", 1), ("x-b", 7), ("x-c", 3)));
        Assert.Equal(["all", "any-with-x"], await ReachedAsync("all", "all-with-x", "any", "any-with-x"));
    }

    [Fact]
    public async Task A_headers_binding_without_conditions_matches_all_and_never_any()
    {
        await BindHeadersAsync("none");
        await BindHeadersAsync("all", ("x-match", "all"));
        await BindHeadersAsync("any", ("x-match", "any"));
        await PublishAsync("x", "", "m");
        Assert.Equal(["none", "all"], await ReachedAsync("none", "all", "any"));
    }

    [Fact]
    public async Task A_headers_binding_without_a_value_asks_for_the_name_alone()
    {
        await BindHeadersAsync("named", ("a", null));
        await BindHeadersAsync("missing", ("b", null));
        await PublishAsync("x", "", "m", With(("a", "whatever")));
        Assert.Equal(["named"], await ReachedAsync("named", "missing"));
    }

    [Fact]
    public async Task A_header_of_another_type_does_not_match()
    {
        await BindHeadersAsync("text", ("a", "1"));
        await BindHeadersAsync("number", ("a", 1));
        await BindHeadersAsync("wide", ("a", 1L));
        await PublishAsync("x", "", "m", With(("a", 1)));
        Assert.Equal(["number", "wide"], await ReachedAsync("text", "number", "wide"));
    }

    [Fact]
    public async Task An_unknown_match_mode_is_refused()
    {
        await BindHeadersAsync("q");
        await FailedAsync(
            "Invalid x-match field value <<\"some\">>; expected all, any, all-with-x, or any-with-x",
            async () => await Broker.BindQueueAsync("q", "x", "", Table(("x-match", "some"))));
        await FailedAsync(
            "Invalid x-match field type signedint (value 5); expected longstr",
            async () => await Broker.BindQueueAsync("q", "x", "", Table(("x-match", 5))));
    }

    [Fact]
    public async Task A_queue_gets_a_message_once_however_many_bindings_match()
    {
        await BindAsync(ExchangeType.Topic, ("q", "#"), ("q", "a.*"), ("q", "a.b"));
        await PublishAsync("x", "a.b", "m");
        Assert.Equal(1, await ReadyAsync("q"));
    }

    [Fact]
    public async Task Nothing_follows_a_binding_that_was_removed()
    {
        await BindAsync(ExchangeType.Direct, ("q", "k"));
        await Broker.UnbindAsync(new Binding("x", BindingTarget.Queue, "q", "k"));
        await PublishAsync("x", "k", "m");
        Assert.Equal(0, await ReadyAsync("q"));
    }

    [Fact]
    public async Task Bindings_with_other_arguments_are_other_bindings()
    {
        await BindHeadersAsync("q", ("a", 1));
        await Broker.BindQueueAsync("q", "x", "", Table(("a", 2)));
        await Broker.UnbindAsync(new Binding("x", BindingTarget.Queue, "q", "", Table(("a", 1))));
        await PublishAsync("x", "", "one", With(("a", 1)));
        await PublishAsync("x", "", "two", With(("a", 2)));
        Assert.Equal(["two"], await DrainAsync("q"));
    }

    [Fact]
    public async Task Copies_go_by_the_keys_in_cc_and_bcc_and_bcc_is_not_shown()
    {
        await DeclareAsync("to", "cc", "bcc");
        await PublishAsync("", "to", "m", With(("CC", new List<object?> { "cc" }), ("BCC", new List<object?> { "bcc" })));
        foreach (string queue in (string[])["to", "cc", "bcc"])
            Assert.Equal(["CC"], (await TakeAsync(queue)).Properties.Headers.Keys);
    }

    [Theory]
    [InlineData("CC", "copy", "longstr")]
    [InlineData("BCC", 5, "signedint")]
    public async Task Copies_must_be_a_list(string header, object value, string type)
    {
        await DeclareAsync("q");
        await FailedAsync(
            $"invalid message: {{unacceptable_type_in_header,\"{header}\",{type}}}", () => PublishAsync("", "q", "m", With((header, value))));
    }

    [Fact]
    public async Task Copies_are_routed_through_other_exchanges_too()
    {
        await BindAsync(ExchangeType.Topic, ("a", "a.*"), ("b", "b.*"), ("c", "c.*"));
        await PublishAsync("x", "a.1", "m", With(("CC", new List<object?> { "b.1" })));
        Assert.Equal(["a", "b"], await ReachedAsync("a", "b", "c"));
    }

    private static MessageProperties With(params (string Name, object? Value)[] headers) => new() { Headers = Table(headers) };

    private async Task DeclareAsync(params string[] queues)
    {
        foreach (string queue in queues)
            await Broker.DeclareQueueAsync(queue);
    }

    private async Task BindAsync(string type, params (string Queue, string Key)[] bindings)
    {
        await Broker.DeclareExchangeAsync("x", type);
        await DeclareAsync([.. bindings.Select(binding => binding.Queue).Distinct()]);
        foreach ((string queue, string key) in bindings)
            await Broker.BindQueueAsync(queue, "x", key);
    }

    private async Task BindHeadersAsync(string queue, params (string Name, object? Value)[] arguments)
    {
        await Broker.DeclareExchangeAsync("x", ExchangeType.Headers);
        await Broker.DeclareQueueAsync(queue);
        await Broker.BindQueueAsync(queue, "x", "", Table(arguments));
    }

    /// <summary>Those of the queues that have a message.</summary>
    private async Task<List<string>> ReachedAsync(params string[] queues)
    {
        List<string> reached = [];
        foreach (string queue in queues)
        {
            if (await ReadyAsync(queue) > 0)
                reached.Add(queue);
        }

        return reached;
    }
}

public sealed class Routing_on_native(NativeExchanges provider) : RoutingContract(provider);

public sealed class Routing_on_native_disk(NativeExchangesOnDisk provider) : RoutingContract(provider);

public sealed class Routing_on_rabbitmq(RabbitMqExchanges provider) : RoutingContract(provider);
