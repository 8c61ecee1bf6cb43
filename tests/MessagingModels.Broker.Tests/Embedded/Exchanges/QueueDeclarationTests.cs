using MessagingModels.Broker.Embedded.Exchanges;

namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class QueueDeclarationTests
{
    [Fact]
    public async Task Declaring_again_with_other_values_is_refused()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        QueueDeclaration declared = new("iq");
        await harness.Broker.DeclareQueueAsync(declared);
        await harness.Broker.DeclareQueueAsync(declared);
        await Inequivalent("'durable' for queue 'iq' in vhost '/': received 'false' but current is 'true'", declared with { Durable = false });
        await Inequivalent("'auto_delete' for queue 'iq' in vhost '/': received 'true' but current is 'false'", declared with { AutoDelete = true });
        await Inequivalent(
            "'x-message-ttl' for queue 'iq' in vhost '/': received the value '5' of type 'signedint' but current is none",
            With("x-message-ttl", 5));
        await Inequivalent(
            "'x-queue-type' for queue 'iq' in vhost '/': received 'quorum' but current is 'classic'", With("x-queue-type", "quorum"));
        await harness.Broker.DeclareQueueAsync(With("x-queue-type", "classic"));

        QueueDeclaration With(string name, object value) => declared with { Arguments = new Dictionary<string, object?> { [name] = value } };

        Task Inequivalent(string message, QueueDeclaration other) => ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - inequivalent arg {message}",
            async () => await harness.Broker.DeclareQueueAsync(other));
    }

    [Fact]
    public async Task An_exclusive_queue_belongs_to_its_connection_and_goes_with_it()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        EmbeddedExchangeBroker owner = harness.Connect();
        await owner.DeclareQueueAsync(new QueueDeclaration("mine") { Exclusive = true });
        string locked = "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine' in vhost '/'. It could be originally " +
            "declared on another connection or the exclusive property value does not match that of the original declaration.";
        await ExchangeHarness.RefusedAsync(
            ReplyCode.ResourceLocked, locked, async () => await harness.Broker.DescribeQueueAsync("mine"));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.ResourceLocked, locked, async () => await harness.Broker.DeleteQueueAsync("mine"));
        await ExchangeHarness.RefusedAsync(
            ReplyCode.ResourceLocked, locked, async () => await owner.DeclareQueueAsync("mine"));
        await owner.DisposeAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.NotFound, "NOT_FOUND - no queue 'mine' in vhost '/'", async () => await harness.Broker.DescribeQueueAsync("mine"));
    }

    [Fact]
    public async Task The_broker_chooses_a_name_where_none_is_given()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        QueueDeclared one = await harness.Broker.DeclareQueueAsync(new QueueDeclaration(""));
        QueueDeclared two = await harness.Broker.DeclareQueueAsync(new QueueDeclaration(""));
        Assert.StartsWith("amq.gen-", one.Name, StringComparison.Ordinal);
        Assert.NotEqual(one.Name, two.Name);
        await ExchangeHarness.RefusedAsync(
            ReplyCode.AccessRefused, "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
            async () => await harness.Broker.DeclareQueueAsync("amq.mine"));
    }

    [Fact]
    public async Task Durable_queues_bindings_and_persistent_messages_survive_a_restart()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("kept", new QueueArguments { MaxLength = 100 });
        await harness.Broker.DeclareQueueAsync(new QueueDeclaration("gone") { Durable = false });
        await harness.Broker.BindQueueAsync("kept", "amq.topic", "a.#");
        await harness.Broker.BindQueueAsync("gone", "amq.topic", "a.#");
        await using (IExchangeChannel channel = await harness.Broker.OpenChannelAsync())
        {
            await channel.PublishAsync("amq.topic", "a.b", "transient");
            await channel.PublishAsync("amq.topic", "a.b", "persistent", MessageProperties.PersistentOnly);
        }

        await harness.RestartAsync();
        Assert.Equal("kept", Assert.Single(await harness.Broker.ListBindingsAsync()).Destination);
        QueueDescription queue = Assert.Single(await harness.Broker.ListQueuesAsync());
        Assert.Equal(("kept", 100L), (queue.Declaration.Name, queue.Declaration.Arguments["x-max-length"]));
        await using IExchangeChannel next = await harness.Broker.OpenChannelAsync();
        Assert.Equal("persistent", (await next.GetAsync("kept", autoAck: true))!.Value.Text);
        Assert.Null(await next.GetAsync("kept"));
        await next.PublishAsync("amq.topic", "a.c", "new");
        Assert.Equal("new", (await next.GetAsync("kept"))!.Value.Text);
    }

    [Fact]
    public async Task Messages_and_queues_that_nobody_touches_expire_after_a_restart_too()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("dead");
        await harness.Broker.BindQueueAsync("dead", "amq.fanout");
        TimeSpan minute = TimeSpan.FromMinutes(1);
        await harness.Broker.DeclareQueueAsync("q", new QueueArguments { MessageTtl = minute, DeadLetterExchange = "amq.fanout" });
        await harness.Broker.DeclareQueueAsync("brief", new QueueArguments { Expires = minute });
        await using (IExchangeChannel channel = await harness.Broker.OpenChannelAsync())
            await channel.PublishAsync("", "q", "m", MessageProperties.PersistentOnly);
        await harness.RestartAsync();
        await ExchangeHarness.UntilAsync(() =>
        {
            harness.Time.Advance(minute);
            IReadOnlyList<QueueDescription> queues = harness.Host.ListQueues();
            return queues.Count == 2 && queues.Single(queue => queue.Declaration.Name == "dead").ReadyMessages == 1;
        });
    }

    [Fact]
    public async Task A_deleted_queue_takes_its_bindings_along_and_deleting_none_is_fine()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", 2);
        await harness.Broker.BindQueueAsync("q", "amq.fanout");
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - queue 'q' in vhost '/' not empty",
            async () => await harness.Broker.DeleteQueueAsync("q", ifEmpty: true));
        Assert.Equal(2, await harness.Broker.DeleteQueueAsync("q"));
        Assert.Empty(await harness.Broker.ListBindingsAsync());
        Assert.Equal(0, await harness.Broker.DeleteQueueAsync("q"));
        await harness.RestartAsync();
        Assert.Empty(await harness.Broker.ListQueuesAsync());
    }

    [Fact]
    public async Task An_auto_delete_queue_goes_with_its_last_consumer()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync(new QueueDeclaration("q") { AutoDelete = true });
        await harness.Broker.BindQueueAsync("q", "amq.fanout");
        await using (IExchangeChannel channel = await harness.Broker.OpenChannelAsync())
        {
            await channel.ConsumeAsync("q");
        }

        await ExchangeHarness.UntilAsync(() => harness.Host.ListQueues().Count == 0);
        await harness.Broker.DeclareQueueAsync("q");
        await ExchangeHarness.UntilAsync(() => harness.Host.ListBindingsAsync(CancellationToken.None).AsTask().Result.Count == 0);
    }

    [Fact]
    public async Task A_policy_changes_what_a_queue_does_and_its_end_changes_it_back()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", 0);
        Policy policy = new("p", new System.Text.RegularExpressions.Regex("^q$"), new Dictionary<string, object?>
        {
            ["max-length"] = 1,
            ["overflow"] = "reject-publish",
        });
        await harness.Broker.SetPolicyAsync(policy);
        Assert.Equal("p", (await harness.Broker.DescribeQueueAsync("q")).Policy);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("", "q", "1");
        await Assert.ThrowsAsync<PublishNackedException>(async () => await channel.PublishAsync("", "q", "2"));
        await harness.Broker.DeletePolicyAsync("p");
        await channel.PublishAsync("", "q", "2");
        Assert.Equal(2, (await harness.Broker.DescribeQueueAsync("q")).ReadyMessages);
    }
}
