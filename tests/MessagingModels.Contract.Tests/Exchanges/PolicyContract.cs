using System.Text.RegularExpressions;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class PolicyContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task A_policy_changes_what_a_queue_does_and_its_end_changes_it_back()
    {
        await DeclareAsync("q");
        await SetAsync(new Policy("p", new Regex("^q$"), Table(("max-length", 1))));
        await UntilInForceAsync("q", "p");
        await FillAsync("q", "1", "2");
        await UntilReadyAsync("q", 1);
        await Broker.DeletePolicyAsync("p");
        await UntilInForceAsync("q", null);
        await FillAsync("q", "3");
        Assert.Equal(["2", "3"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_policy_applies_to_queues_declared_later()
    {
        await SetAsync(new Policy("p", new Regex("^late"), Table(("max-length", 1))));
        await DeclareAsync("late.1", "other");
        await FillAsync("late.1", "1", "2");
        await FillAsync("other", "1", "2");
        await UntilReadyAsync("late.1", 1);
        Assert.Equal(2, await ReadyAsync("other"));
    }

    [Fact]
    public async Task Of_two_policies_the_one_with_the_higher_priority_applies_alone()
    {
        await DeclareAsync("q");
        await SetAsync(new Policy("low", new Regex(".*"), Table(("max-length", 1))) { Priority = 1 });
        await SetAsync(new Policy("high", new Regex("^q"), Table(("message-ttl", 3_600_000))) { Priority = 2 });
        await UntilInForceAsync("q", "high");
        await FillAsync("q", "1", "2");
        Assert.Equal(2, await ReadyAsync("q"));
    }

    [Fact]
    public async Task Of_a_number_in_policy_and_argument_the_lower_counts()
    {
        Needs(ExchangeFeature.Policies);
        await Broker.DeclareQueueAsync("tight", new QueueArguments { MaxLength = 1 });
        await Broker.DeclareQueueAsync("wide", new QueueArguments { MaxLength = 5 });
        await SetAsync(new Policy("p", new Regex(".*"), Table(("max-length", 2))));
        await UntilInForceAsync("tight", "p");
        await UntilInForceAsync("wide", "p");
        await FillAsync("tight", "1", "2", "3");
        await FillAsync("wide", "1", "2", "3");
        await UntilReadyAsync("tight", 1);
        await UntilReadyAsync("wide", 2);
    }

    [Fact]
    public async Task An_argument_wins_over_a_policy_where_it_is_no_number()
    {
        Needs(ExchangeFeature.Policies);
        await DeclareAsync("mine", "theirs");
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "mine" });
        await SetAsync(new Policy("p", new Regex("^q$"), Table(("dead-letter-exchange", ""), ("dead-letter-routing-key", "theirs"))));
        await UntilInForceAsync("q", "p");
        await FillAsync("q", "1");
        IExchangeChannel channel = await OpenAsync();
        await (await TakeAsync("q", channel)).RejectAsync();
        await UntilReadyAsync("mine", 1);
        Assert.Equal(0, await ReadyAsync("theirs"));
    }

    [Fact]
    public async Task A_shorter_limit_of_a_policy_drops_what_is_there_already()
    {
        await DeclareAsync("q");
        await FillAsync("q", "1", "2", "3");
        await SetAsync(new Policy("p", new Regex("^q$"), Table(("max-length", 1))));
        await UntilReadyAsync("q", 1);
        Assert.Equal(["3"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_policy_can_dead_letter()
    {
        await DeclareAsync("q", "dead");
        await SetAsync(new Policy("p", new Regex("^q$"), Table(
            ("dead-letter-exchange", "amq.direct"), ("dead-letter-routing-key", "lost"), ("message-ttl", 50))));
        await Broker.BindQueueAsync("dead", "amq.direct", "lost");
        await UntilInForceAsync("q", "p");
        await FillAsync("q", "m");
        Assert.Equal("lost", (await TakeAsync("dead")).RoutingKey);
    }

    [Fact]
    public async Task A_policy_can_give_an_exchange_an_alternate()
    {
        await DeclareAsync("spare");
        await Broker.DeclareExchangeAsync("x", ExchangeType.Direct);
        await Broker.BindQueueAsync("spare", "amq.fanout");
        await SetAsync(new Policy("p", new Regex("^x$"), Table(("alternate-exchange", "amq.fanout"))) { Scope = PolicyScope.Exchanges });
        await UntilAsync(async () =>
        {
            await PublishAsync("x", "nowhere", "m");
            return await ReadyAsync("spare") > 0;
        }, "the alternate exchange is in force");
    }

    [Fact]
    public async Task A_policy_for_exchanges_leaves_queues_alone()
    {
        await DeclareAsync("q");
        await SetAsync(new Policy("p", new Regex(".*"), Table(("alternate-exchange", "amq.fanout"))) { Scope = PolicyScope.Exchanges });
        await Broker.DeclareExchangeAsync("x", ExchangeType.Direct);
        await UntilAsync(async () => (await Broker.DescribeExchangeAsync("x")).Policy == "p", "the policy is in force");
        Assert.Null((await Broker.DescribeQueueAsync("q")).Policy);
    }

    [Fact]
    public async Task Policies_are_listed_and_replaced_by_name()
    {
        await SetAsync(new Policy("b", new Regex("^b"), Table(("max-length", 1))));
        await SetAsync(new Policy("a", new Regex("^a"), Table(("max-length", 2))) { Priority = 3, Scope = PolicyScope.Queues });
        await SetAsync(new Policy("b", new Regex("^bb"), Table(("message-ttl", 5))));
        Assert.Equal(
            [("a", "^a", 3, PolicyScope.Queues, "max-length"), ("b", "^bb", 0, PolicyScope.All, "message-ttl")],
            (await Broker.ListPoliciesAsync()).Select(policy
                => (policy.Name, policy.Pattern.ToString(), policy.Priority, policy.Scope, policy.Definition.Keys.Single())));
        await Broker.DeletePolicyAsync("a");
        await Broker.DeletePolicyAsync("nope");
        Assert.Equal(["b"], (await Broker.ListPoliciesAsync()).Select(policy => policy.Name));
    }

    [Fact]
    public async Task A_policy_with_an_illegal_definition_is_refused()
    {
        await RefusedAsync(("max-length", "many"));
        await RefusedAsync(("max-length", -1));
        await RefusedAsync(("no-such-key", 1));
        Assert.Empty(await Broker.ListPoliciesAsync());

        async Task RefusedAsync((string, object?) field)
        {
            ChannelException error = await Assert.ThrowsAsync<ChannelException>(() => SetAsync(new Policy("p", new Regex(".*"), Table(field))));
            Assert.Equal(ReplyCode.PreconditionFailed, error.ReplyCode);
        }
    }

    private async Task SetAsync(Policy policy)
    {
        Needs(ExchangeFeature.Policies);
        await Broker.SetPolicyAsync(policy);
    }

    private async Task DeclareAsync(params string[] queues)
    {
        foreach (string queue in queues)
            await Broker.DeclareQueueAsync(queue);
    }

    private Task UntilInForceAsync(string queue, string? policy)
        => UntilAsync(async () => (await Broker.DescribeQueueAsync(queue)).Policy == policy, $"policy '{policy}' for '{queue}'");
}

public sealed class Policy_on_native(NativeExchanges provider) : PolicyContract(provider);

public sealed class Policy_on_native_disk(NativeExchangesOnDisk provider) : PolicyContract(provider);

public sealed class Policy_on_rabbitmq(RabbitMqExchanges provider) : PolicyContract(provider);
