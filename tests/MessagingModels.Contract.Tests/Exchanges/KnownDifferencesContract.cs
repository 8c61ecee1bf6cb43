using System.Text.RegularExpressions;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>Where the embedded broker does not do what RabbitMQ does, and does so knowingly: the rows of the README's table.</summary>
public abstract class KnownDifferencesContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private const string Undocumented = "not documented there";

    [Fact]
    [KnownDifference(
        "message priority in quorum queues",
        Native = "ignored", Real = "RabbitMQ 4.3: 32 levels", Reason = "not built")]
    public async Task Priority_in_quorum_queues()
    {
        await DeclareQuorumAsync("q");
        await PublishAsync("", "q", "low", new MessageProperties { Priority = 1 });
        await PublishAsync("", "q", "high", new MessageProperties { Priority = 9 });
        OrderDiffers(["low", "high"], ["high", "low"], await DrainAsync("q"));
    }

    [Fact]
    [KnownDifference(
        "several messages of a quorum queue given back out of order",
        Native = "to their old places", Real = "in the order of their return", Reason = Undocumented)]
    public async Task Order_of_what_a_quorum_queue_got_back()
    {
        await DeclareQuorumAsync("q");
        await FillAsync("q", "1", "2", "3");
        IExchangeChannel channel = await OpenAsync();
        Delivery[] deliveries = [await TakeAsync("q", channel), await TakeAsync("q", channel), await TakeAsync("q", channel)];
        foreach (int index in (int[])[2, 0, 1])
            await deliveries[index].NackAsync();
        await UntilReadyAsync("q", 3);
        OrderDiffers(["1", "2", "3"], ["3", "1", "2"], await DrainAsync("q"));
    }

    [Fact]
    [KnownDifference(
        "declaring an exchange of a type that nobody knows",
        Native = "always \"invalid exchange type\"", Real = "\"unknown\" for names that Erlang never met, \"invalid\" for all others",
        Reason = "depends on Erlang's table of atoms")]
    public async Task Type_that_nobody_knows()
    {
        string never = $"x-{Guid.NewGuid():N}";
        await FailedAsync($"{(Site.IsReal ? "unknown" : "invalid")} exchange type '{never}'", async () => await Broker.DeclareExchangeAsync("x", never));
        await FailedAsync("invalid exchange type 'queue'", async () => await Broker.DeclareExchangeAsync("x", "queue"));
    }

    [Fact]
    [KnownDifference(
        "mandatory reply to a direct reply-to channel that is gone",
        Native = "returned", Real = "confirmed", Reason = Undocumented)]
    public async Task Reply_to_a_channel_that_is_gone()
    {
        const string Replies = "amq.rabbitmq.reply-to";
        await Broker.DeclareQueueAsync("server");
        IExchangeChannel client = await OpenAsync();
        await client.ConsumeAsync(Replies, new QueueConsumerOptions { AutoAck = true });
        await client.PublishAsync("", "server", "question", new MessageProperties { ReplyTo = Replies });
        string address = (await TakeAsync("server")).Properties.ReplyTo!;
        await client.DisposeAsync();
        IExchangeChannel server = await OpenAsync();
        Differs(PublishOutcome.Returned, PublishOutcome.Confirmed, await server.PublishAsync("", address, "answer", mandatory: true));
    }

    [Fact]
    [KnownDifference(
        "policy with a TTL, for messages queued before it",
        Native = "applies", Real = "does not", Reason = "its documents leave it open")]
    public async Task Time_of_a_later_policy()
    {
        Needs(ExchangeFeature.Policies);
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", "m");
        await Broker.SetPolicyAsync(new Policy("p", new Regex("^q$"), Table(("message-ttl", 100))));
        await UntilAsync(async () => (await Broker.DescribeQueueAsync("q")).Policy == "p", "the policy is in force");
        await WaitWithQueueAsync(TimeSpan.FromSeconds(1));
        await UntilReadyAsync("q", Site.IsReal ? 1 : 0);
    }

    [Fact]
    [KnownDifference(
        "dead letter of a message that was redelivered, in classic queues",
        Native = "not marked redelivered", Real = "marked", Reason = Undocumented)]
    public async Task Mark_of_a_dead_letter()
    {
        await Broker.DeclareQueueAsync("dead");
        await Broker.DeclareQueueAsync("q", new QueueArguments { DeadLetterExchange = "", DeadLetterRoutingKey = "dead" });
        await FillAsync("q", "m");
        IExchangeChannel channel = await OpenAsync();
        await (await TakeAsync("q", channel)).NackAsync();
        await (await TakeAsync("q", channel)).RejectAsync();
        Differs(false, true, (await TakeAsync("dead")).Redelivered);
    }

    [Theory]
    [InlineData("x-delivery-limit", "many")]
    [InlineData("x-delayed-retry-type", "sometimes")]
    [InlineData("x-delayed-retry-min", -1)]
    [KnownDifference(
        "`x-delivery-limit` and `x-delayed-retry-*` with senseless values",
        Native = "refused", Real = "accepted", Reason = "a clear error is preferred")]
    public async Task Senseless_arguments_of_quorum_queues(string argument, object value)
        => Differs("refused", "accepted", await FailureOf(() => DeclareQuorumAsync("q", (argument, value))) is ChannelException ? "refused" : "accepted");

    [Fact]
    [KnownDifference(
        "deleting a quorum queue if empty",
        Native = "done", Real = "540, and the connection closes", Reason = "more is offered")]
    public async Task Deleting_a_quorum_queue_if_empty()
    {
        await DeclareQuorumAsync("q");
        IExchangeBroker doomed = await Site.ConnectAsync();
        Exception? failure = await FailureOf(async () => await doomed.DeleteQueueAsync("q", ifEmpty: true));
        Differs((ReplyCode?)null, ReplyCode.NotImplemented, (failure as ConnectionException)?.ReplyCode);
        Assert.Equal(Site.IsReal, failure is not null);
    }

    [Fact]
    [KnownDifference(
        "bodies above 16 MiB",
        Native = "accepted", Real = "406", Reason = "configurable there")]
    public async Task Large_bodies()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        Exception? failure = await FailureOf(async () => await channel.PublishAsync("", "q", new byte[(16 * 1024 * 1024) + 1]));
        Differs((ReplyCode?)null, ReplyCode.PreconditionFailed, (failure as ChannelException)?.ReplyCode);
        Assert.Equal(Site.IsReal, failure is not null);
    }

    [Fact]
    [KnownDifference(
        "number of ready messages of a stream",
        Native = "told", Real = "0", Reason = "has no meaning there")]
    public async Task Messages_of_a_stream()
    {
        await Broker.DeclareQueueAsync("s", new QueueArguments { QueueType = QueueType.Stream });
        await FillAsync("s", "1", "2");
        Differs(2, 0, await ReadyAsync("s"));
    }

    [Fact]
    [KnownDifference(
        "quorum queue that is full and rejects",
        Native = "the first message above the limit", Real = "some later one", Reason = "a limit may be overrun there, as documented")]
    public async Task Limit_of_a_quorum_queue_that_rejects()
    {
        await DeclareQuorumAsync("q", ("x-max-length", 3), ("x-overflow", "reject-publish"));
        int taken = 0;
        while (await FailureOf(() => FillAsync("q", "m")) is null)
            taken++;
        Differs("3", "more", taken == 3 ? "3" : "more");
    }

    [Fact]
    [KnownDifference(
        "history that an exchange bound to a recent-history exchange gets",
        Native = "oldest first", Real = "newest first", Reason = Undocumented + "; queues get the oldest first in both")]
    public async Task Order_of_the_history_for_an_exchange()
    {
        Needs(ExchangeFeature.RecentHistoryExchanges);
        await Broker.DeclareExchangeAsync("x", ExchangeType.RecentHistory);
        await PublishAsync("x", "k", "1");
        await PublishAsync("x", "k", "2");
        await Broker.DeclareQueueAsync("q");
        await Broker.BindQueueAsync("q", "amq.fanout");
        await Broker.BindExchangeAsync("amq.fanout", "x");
        OrderDiffers(["1", "2"], ["2", "1"], await DrainAsync("q"));
    }

    [Fact]
    [KnownDifference(
        "history for an exchange that routes none of it",
        Native = "bound; the history is dropped", Real = "541, and the connection closes", Reason = "a failure of its plugin")]
    public async Task History_that_is_not_routed()
    {
        Needs(ExchangeFeature.RecentHistoryExchanges);
        await Broker.DeclareExchangeAsync("x", ExchangeType.RecentHistory);
        await PublishAsync("x", "k", "1");
        IExchangeBroker doomed = await Site.ConnectAsync();
        Exception? failure = await FailureOf(async () => await doomed.BindExchangeAsync("amq.direct", "x"));
        Differs((ReplyCode?)null, ReplyCode.InternalError, (failure as ConnectionException)?.ReplyCode);
        Assert.Equal(Site.IsReal, failure is not null);
    }

    [Fact]
    [KnownDifference("`amq.rabbitmq.trace`", Native = "absent", Real = "there", Reason = "not built")]
    public async Task Exchange_of_traces()
    {
        Needs(ExchangeFeature.ExchangeDescriptions);
        Differs(false, true, (await Broker.ListExchangesAsync()).Any(exchange => exchange.Declaration.Name == "amq.rabbitmq.trace"));
    }

    /// <summary>Demands one thing of the embedded broker and another of the real one.</summary>
    private void Differs<T>(T native, T real, T actual) => Assert.Equal(Site.IsReal ? real : native, actual);

    private void OrderDiffers(string[] native, string[] real, List<string> actual) => Assert.Equal(Site.IsReal ? real : native, actual);

    /// <summary>Lets a time pass as the broker counts it.</summary>
    private async Task WaitWithQueueAsync(TimeSpan time)
    {
        await Broker.DeclareQueueAsync("clock", new QueueArguments { MessageTtl = time });
        await FillAsync("clock", "m");
        await UntilReadyAsync("clock", 0);
    }

    private async Task DeclareQuorumAsync(string queue, params (string Name, object? Value)[] arguments)
    {
        Needs(ExchangeFeature.QuorumQueues);
        await Broker.DeclareQueueAsync(new QueueDeclaration(queue) { Arguments = Table([("x-queue-type", QueueType.Quorum), .. arguments]) });
    }
}

public sealed class KnownDifferences_on_native(NativeExchanges provider) : KnownDifferencesContract(provider);

public sealed class KnownDifferences_on_native_disk(NativeExchangesOnDisk provider) : KnownDifferencesContract(provider);

public sealed class KnownDifferences_on_rabbitmq(RabbitMqExchanges provider) : KnownDifferencesContract(provider);
