using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class ExchangeDeclarationContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task The_same_declaration_again_has_no_effect()
    {
        ExchangeDeclaration exchange = new("x", ExchangeType.Direct) { AutoDelete = true, Arguments = Table(("alternate-exchange", "a")) };
        await Broker.DeclareExchangeAsync(exchange);
        await Broker.DeclareExchangeAsync(exchange);
        await Broker.DescribeExchangeAsync("x");
    }

    [Fact]
    public async Task Another_type_than_that_of_an_existing_exchange_is_refused()
    {
        await Broker.DeclareExchangeAsync("x", ExchangeType.Direct);
        await FailedAsync(
            $"inequivalent arg 'type' for exchange 'x' in vhost '{VirtualHost}': received 'topic' but current is 'direct'",
            async () => await Broker.DeclareExchangeAsync("x", ExchangeType.Topic));
    }

    [Fact]
    public async Task Other_properties_than_those_of_an_existing_exchange_are_refused()
    {
        ExchangeDeclaration exchange = new("x", ExchangeType.Direct);
        await Broker.DeclareExchangeAsync(exchange);
        await InequivalentAsync("durable", "'false' but current is 'true'", exchange with { Durable = false });
        await InequivalentAsync("auto_delete", "'true' but current is 'false'", exchange with { AutoDelete = true });
    }

    [Fact]
    public async Task Another_alternate_exchange_than_that_of_an_existing_exchange_is_refused()
    {
        ExchangeDeclaration exchange = new("x", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", "a")) };
        await Broker.DeclareExchangeAsync(exchange);
        await InequivalentAsync(
            "alternate-exchange", "'b' but current is 'a'",
            exchange with { Arguments = Table(("alternate-exchange", "b")) });
        await InequivalentAsync(
            "alternate-exchange", "none but current is the value 'a' of type 'longstr'", exchange with { Arguments = Table() });
    }

    [Fact]
    public Task An_unknown_type_is_refused() => FailedAsync(
        "invalid exchange type 'foo'", async () => await Broker.DeclareExchangeAsync("x", "foo"));

    [Fact]
    public Task An_alternate_exchange_that_is_no_name_is_refused() => FailedAsync(
        $"invalid type 'signedint' for arg 'alternate-exchange' in exchange 'x' in vhost '{VirtualHost}'",
        async () => await Broker.DeclareExchangeAsync(
            new ExchangeDeclaration("x", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", 5)) }));

    [Fact]
    public Task A_reserved_name_is_refused() => RefusedAsync(
        ReplyCode.AccessRefused, "ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'",
        async () => await Broker.DeclareExchangeAsync("amq.mine", ExchangeType.Direct));

    [Fact]
    public Task A_broker_s_own_exchange_cannot_be_deleted() => RefusedAsync(
        ReplyCode.AccessRefused, $"ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '{VirtualHost}' not allowed",
        async () => await Broker.DeleteExchangeAsync("amq.direct"));

    [Fact]
    public async Task The_default_exchange_cannot_be_declared_deleted_or_bound()
    {
        const string Refusal = "ACCESS_REFUSED - operation not permitted on the default exchange";
        await Broker.DeclareQueueAsync("q");
        await RefusedAsync(ReplyCode.AccessRefused, Refusal, async () => await Broker.DeclareExchangeAsync("", ExchangeType.Direct));
        await RefusedAsync(ReplyCode.AccessRefused, Refusal, async () => await Broker.DeleteExchangeAsync(""));
        await RefusedAsync(ReplyCode.AccessRefused, Refusal, async () => await Broker.BindQueueAsync("q", "", "k"));
        await RefusedAsync(
            ReplyCode.AccessRefused, Refusal, async () => await Broker.UnbindAsync(new Binding("", BindingTarget.Queue, "q", "q")));
        await RefusedAsync(ReplyCode.AccessRefused, Refusal, async () => await Broker.BindExchangeAsync("", "amq.direct", "k"));
    }

    [Fact]
    public async Task The_predeclared_exchanges_are_there()
    {
        foreach ((string name, string type) in ((string, string)[])[
            ("amq.direct", ExchangeType.Direct), ("amq.fanout", ExchangeType.Fanout), ("amq.topic", ExchangeType.Topic),
            ("amq.headers", ExchangeType.Headers), ("amq.match", ExchangeType.Headers)])
            await Broker.DeclareExchangeAsync(name, type);
    }

    [Fact]
    public Task Describing_an_exchange_that_is_not_there_is_refused() => RefusedAsync(
        ReplyCode.NotFound, $"NOT_FOUND - no exchange 'nope' in vhost '{VirtualHost}'",
        async () => await Broker.DescribeExchangeAsync("nope"));

    [Fact]
    public async Task An_exchange_is_described_as_it_was_declared()
    {
        Needs(ExchangeFeature.ExchangeDescriptions);
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.Topic)
        {
            Internal = true,
            AutoDelete = true,
            Arguments = Table(("alternate-exchange", "amq.fanout")),
        });
        ExchangeDescription exchange = await Broker.DescribeExchangeAsync("x");
        Assert.Equal(
            ("x", ExchangeType.Topic, true, true, true, null),
            (exchange.Declaration.Name, exchange.Declaration.Type, exchange.Declaration.Durable, exchange.Declaration.Internal,
                exchange.Declaration.AutoDelete, exchange.Policy));
        Assert.Equal("amq.fanout", exchange.Declaration.Arguments["alternate-exchange"]);
    }

    [Fact]
    public async Task Exchanges_and_bindings_are_listed()
    {
        Needs(ExchangeFeature.ExchangeDescriptions);
        await Broker.DeclareExchangeAsync("x", ExchangeType.Topic);
        await Broker.DeclareQueueAsync("q");
        await Broker.BindQueueAsync("q", "x", "a.#", Table(("n", 1)));
        await Broker.BindExchangeAsync("x", "amq.fanout", "k");
        Assert.Equal(
            ["", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.topic", "x"],
            (await Broker.ListExchangesAsync()).Select(exchange => exchange.Declaration.Name)
                .Where(name => !name.StartsWith("amq.rabbitmq.", StringComparison.Ordinal)));
        Assert.Equal(
            [("amq.fanout", BindingTarget.Exchange, "x", "k", 0), ("x", BindingTarget.Queue, "q", "a.#", 1)],
            (await Broker.ListBindingsAsync()).OrderBy(binding => binding.Source, StringComparer.Ordinal)
                .Select(binding => (binding.Source, binding.Target, binding.Destination, binding.RoutingKey, binding.Arguments.Count)));
    }

    [Fact]
    public async Task Deleting_an_exchange_removes_its_bindings_and_deleting_none_is_no_error()
    {
        await Broker.DeclareExchangeAsync("x", ExchangeType.Fanout);
        await Broker.DeclareQueueAsync("q");
        await Broker.BindQueueAsync("q", "x");
        await Broker.DeleteExchangeAsync("x");
        await Broker.DeleteExchangeAsync("x");
        await Broker.DeclareExchangeAsync("x", ExchangeType.Fanout);
        await PublishAsync("x", "", "m");
        Assert.Equal(0, await ReadyAsync("q"));
    }

    [Fact]
    public async Task An_exchange_with_bindings_is_not_deleted_where_it_must_be_unused()
    {
        await Broker.DeclareExchangeAsync("x", ExchangeType.Fanout);
        await Broker.DeclareQueueAsync("q");
        await Broker.BindQueueAsync("q", "x");
        await FailedAsync($"exchange 'x' in vhost '{VirtualHost}' in use", async () => await Broker.DeleteExchangeAsync("x", ifUnused: true));
        await Broker.UnbindAsync(new Binding("x", BindingTarget.Queue, "q", ""));
        await Broker.DeleteExchangeAsync("x", ifUnused: true);
    }

    [Fact]
    public async Task Binding_what_is_not_there_is_refused()
    {
        await Broker.DeclareQueueAsync("q");
        await RefusedAsync(
            ReplyCode.NotFound, $"NOT_FOUND - no exchange 'nope' in vhost '{VirtualHost}'", async () => await Broker.BindQueueAsync("q", "nope"));
        await RefusedAsync(
            ReplyCode.NotFound, $"NOT_FOUND - no queue 'nope' in vhost '{VirtualHost}'",
            async () => await Broker.BindQueueAsync("nope", "amq.fanout"));
        await RefusedAsync(
            ReplyCode.NotFound, $"NOT_FOUND - no exchange 'nope' in vhost '{VirtualHost}'",
            async () => await Broker.BindExchangeAsync("nope", "amq.fanout"));
        await RefusedAsync(
            ReplyCode.NotFound, $"NOT_FOUND - no exchange 'nope' in vhost '{VirtualHost}'",
            async () => await Broker.BindQueueAsync("neither", "nope"));
        await RefusedAsync(
            ReplyCode.NotFound, $"NOT_FOUND - no exchange 'nope' in vhost '{VirtualHost}'",
            async () => await Broker.BindExchangeAsync("neither", "nope"));
    }

    [Fact]
    public async Task Removing_a_binding_that_is_not_there_is_no_error()
    {
        await Broker.UnbindAsync(new Binding("amq.direct", BindingTarget.Queue, "nope", "k"));
        await Broker.UnbindAsync(new Binding("nope", BindingTarget.Exchange, "amq.fanout", "k"));
    }

    private Task InequivalentAsync(string argument, string received, ExchangeDeclaration other) => FailedAsync(
        $"inequivalent arg '{argument}' for exchange 'x' in vhost '{VirtualHost}': received {received}",
        async () => await Broker.DeclareExchangeAsync(other));
}

public sealed class ExchangeDeclaration_on_native(NativeExchanges provider) : ExchangeDeclarationContract(provider);

public sealed class ExchangeDeclaration_on_native_disk(NativeExchangesOnDisk provider) : ExchangeDeclarationContract(provider);

public sealed class ExchangeDeclaration_on_rabbitmq(RabbitMqExchanges provider) : ExchangeDeclarationContract(provider);
