using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>Exchanges that lead to exchanges, and those that live as long as they are needed.</summary>
public abstract class ExchangeTopologyContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task An_exchange_bound_to_another_routes_by_its_own_bindings()
    {
        await DeclareAsync("first", ExchangeType.Topic);
        await DeclareAsync("second", ExchangeType.Direct);
        await QueueAsync("q", "second", "a.b");
        await Broker.BindExchangeAsync("second", "first", "a.*");
        await PublishAsync("first", "a.b", "1");
        await PublishAsync("first", "a.c", "2");
        await PublishAsync("first", "b.b", "3");
        Assert.Equal(["1"], await DrainAsync("q"));
    }

    [Fact]
    public async Task Two_ways_to_a_queue_deliver_once()
    {
        await DeclareAsync("a", ExchangeType.Fanout);
        await DeclareAsync("b", ExchangeType.Fanout);
        await QueueAsync("q", "a");
        await Broker.BindQueueAsync("q", "b");
        await Broker.BindExchangeAsync("b", "a");
        await PublishAsync("a", "", "m");
        Assert.Equal(1, await ReadyAsync("q"));
    }

    [Fact]
    public async Task A_cycle_of_exchanges_ends()
    {
        await DeclareAsync("a", ExchangeType.Fanout);
        await DeclareAsync("b", ExchangeType.Fanout);
        await Broker.BindExchangeAsync("b", "a");
        await Broker.BindExchangeAsync("a", "b");
        await QueueAsync("q", "b");
        await PublishAsync("a", "", "m");
        Assert.Equal(1, await ReadyAsync("q"));
    }

    [Fact]
    public async Task An_alternate_exchange_gets_what_was_not_routed()
    {
        await DeclareAsync("spare", ExchangeType.Fanout);
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", "spare")) });
        await QueueAsync("known", "x", "k");
        await QueueAsync("unknown", "spare");
        await PublishAsync("x", "k", "1");
        await PublishAsync("x", "other", "2");
        Assert.Equal(["1"], await DrainAsync("known"));
        Assert.Equal(["2"], await DrainAsync("unknown"));
    }

    [Fact]
    public async Task Alternate_exchanges_follow_one_another_and_a_cycle_of_them_ends()
    {
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("a", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", "b")) });
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("b", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", "c")) });
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("c", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", "a")) });
        await QueueAsync("q", "c", "k");
        await PublishAsync("a", "k", "1");
        await PublishAsync("a", "nowhere", "2");
        Assert.Equal(["1"], await DrainAsync("q"));
    }

    [Fact]
    public async Task An_alternate_exchange_makes_a_mandatory_message_routed()
    {
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", "amq.fanout")) });
        await QueueAsync("q", "amq.fanout");
        await using IExchangeChannel channel = await OpenAsync();
        Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("x", "k", "m", mandatory: true));
        await Broker.DeleteQueueAsync("q");
        Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("x", "k", "m", mandatory: true));
    }

    [Fact]
    public async Task An_exchange_that_handed_a_message_on_needs_its_alternate_no_more()
    {
        await DeclareAsync("dead-end", ExchangeType.Direct);
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.Fanout) { Arguments = Table(("alternate-exchange", "amq.fanout")) });
        await Broker.BindExchangeAsync("dead-end", "x");
        await QueueAsync("q", "amq.fanout");
        await using IExchangeChannel channel = await OpenAsync();
        Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("x", "k", "m", mandatory: true));
        Assert.Equal(0, await ReadyAsync("q"));
    }

    [Fact]
    public async Task The_alternate_of_an_exchange_on_the_way_counts_too()
    {
        await DeclareAsync("first", ExchangeType.Fanout);
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", "amq.fanout")) });
        await Broker.BindExchangeAsync("x", "first");
        await QueueAsync("q", "amq.fanout");
        await PublishAsync("first", "nowhere", "m");
        Assert.Equal(1, await ReadyAsync("q"));
    }

    [Fact]
    public async Task A_missing_alternate_exchange_loses_the_message_and_nothing_else()
    {
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.Direct) { Arguments = Table(("alternate-exchange", "nope")) });
        Assert.Equal(PublishOutcome.Confirmed, await PublishAsync("x", "k", "m"));
    }

    [Fact]
    public async Task A_client_cannot_publish_to_an_internal_exchange_but_other_exchanges_can()
    {
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("inner", ExchangeType.Fanout) { Internal = true });
        await DeclareAsync("outer", ExchangeType.Fanout);
        await Broker.BindExchangeAsync("inner", "outer");
        await QueueAsync("q", "inner");
        await PublishAsync("outer", "", "m");
        Assert.Equal(1, await ReadyAsync("q"));
        await RefusedAsync(
            ReplyCode.AccessRefused, $"ACCESS_REFUSED - cannot publish to internal exchange 'inner' in vhost '{VirtualHost}'",
            async () => await PublishAsync("inner", "", "m"));
    }

    [Fact]
    public async Task An_auto_delete_exchange_goes_with_its_last_binding_and_not_before_its_first()
    {
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.Fanout) { AutoDelete = true });
        await Broker.DescribeExchangeAsync("x");
        await QueueAsync("a", "x");
        await QueueAsync("b", "x");
        await Broker.UnbindAsync(new Binding("x", BindingTarget.Queue, "a", ""));
        await Broker.DescribeExchangeAsync("x");
        await Broker.DeleteQueueAsync("b");
        await UntilExchangeGoneAsync("x");
    }

    [Fact]
    public async Task An_auto_delete_exchange_that_goes_takes_the_ones_before_it_along()
    {
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("first", ExchangeType.Fanout) { AutoDelete = true });
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("second", ExchangeType.Fanout) { AutoDelete = true });
        await Broker.BindExchangeAsync("second", "first");
        await QueueAsync("q", "second");
        await Broker.DeleteQueueAsync("q");
        await UntilExchangeGoneAsync("second");
        await UntilExchangeGoneAsync("first");
    }

    [Fact]
    public async Task An_exchange_bound_to_itself_delivers_once()
    {
        await DeclareAsync("x", ExchangeType.Fanout);
        await Broker.BindExchangeAsync("x", "x");
        await QueueAsync("q", "x");
        await PublishAsync("x", "", "m");
        Assert.Equal(1, await ReadyAsync("q"));
    }

    private ValueTask DeclareAsync(string name, string type) => Broker.DeclareExchangeAsync(name, type);

    private async Task QueueAsync(string queue, string exchange, string key = "")
    {
        await Broker.DeclareQueueAsync(queue);
        await Broker.BindQueueAsync(queue, exchange, key);
    }

    private Task UntilExchangeGoneAsync(string name) => UntilAsync(
        async () => await FailureOf(async () => await Broker.DescribeExchangeAsync(name)) is ChannelException { ReplyCode: ReplyCode.NotFound },
        $"exchange '{name}' is gone");
}

public sealed class ExchangeTopology_on_native(NativeExchanges provider) : ExchangeTopologyContract(provider);

public sealed class ExchangeTopology_on_native_disk(NativeExchangesOnDisk provider) : ExchangeTopologyContract(provider);

public sealed class ExchangeTopology_on_rabbitmq(RabbitMqExchanges provider) : ExchangeTopologyContract(provider);
