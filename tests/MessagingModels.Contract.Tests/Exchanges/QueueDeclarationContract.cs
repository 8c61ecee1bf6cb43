using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class QueueDeclarationContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task The_same_declaration_again_tells_how_many_messages_and_consumers_there_are()
    {
        Assert.Equal(new QueueDeclared("q", 0, 0), await Broker.DeclareQueueAsync("q"));
        await FillAsync("q", "1", "2", "3");
        await using IExchangeChannel channel = await OpenAsync();
        IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 1 });
        await ReadAsync(consumer, 1);
        Assert.Equal(new QueueDeclared("q", 2, 1), await Broker.DeclareQueueAsync("q"));
    }

    [Fact]
    public async Task Other_properties_than_those_of_an_existing_queue_are_refused()
    {
        QueueDeclaration queue = new("q");
        await Broker.DeclareQueueAsync(queue);
        await InequivalentAsync("durable", "'false' but current is 'true'", queue with { Durable = false });
        await InequivalentAsync("auto_delete", "'true' but current is 'false'", queue with { AutoDelete = true });
        await InequivalentAsync("x-queue-type", "'quorum' but current is 'classic'", queue with { Arguments = Table(("x-queue-type", "quorum")) });
    }

    [Fact]
    public async Task Other_arguments_than_those_of_an_existing_queue_are_refused()
    {
        await Broker.DeclareQueueAsync("q", new QueueArguments { MaxLength = 5 });
        await InequivalentAsync(
            "x-message-ttl", "the value '5' of type 'signedint' but current is none", With(("x-max-length", 5L), ("x-message-ttl", 5)));
        await InequivalentAsync(
            "x-max-length", "'6' but current is '5'", With(("x-max-length", 6L)));
        await InequivalentAsync("x-max-length", "none but current is the value '5' of type 'long'", new QueueDeclaration("q"));
        await InequivalentAsync(
            "x-overflow", "the value 'reject-publish' of type 'longstr' but current is none",
            With(("x-max-length", 5L), ("x-overflow", "reject-publish")));
    }

    [Fact]
    public async Task Whole_numbers_of_any_width_are_the_same_argument()
    {
        await Broker.DeclareQueueAsync(With(("x-max-length", 5L)));
        await Broker.DeclareQueueAsync(With(("x-max-length", 5)));
        await Broker.DeclareQueueAsync(With(("x-max-length", (short)5)));
        await Broker.DeclareQueueAsync(With(("x-max-length", (byte)5)));
    }

    [Fact]
    public async Task The_default_type_said_aloud_is_the_same()
    {
        await Broker.DeclareQueueAsync("q");
        await Broker.DeclareQueueAsync("q", new QueueArguments { QueueType = QueueType.Classic });
    }

    [Fact]
    public Task A_reserved_name_is_refused() => RefusedAsync(
        ReplyCode.AccessRefused, "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
        async () => await Broker.DeclareQueueAsync("amq.mine"));

    [Fact]
    public async Task The_broker_chooses_a_name_where_none_is_given()
    {
        QueueDeclared one = await Broker.DeclareQueueAsync(new QueueDeclaration("") { Exclusive = true, Durable = false });
        QueueDeclared two = await Broker.DeclareQueueAsync(new QueueDeclaration("") { Exclusive = true, Durable = false });
        Assert.StartsWith("amq.gen-", one.Name, StringComparison.Ordinal);
        Assert.NotEqual(one.Name, two.Name);
        await FillAsync(one.Name, "m");
        Assert.Equal(["m"], await DrainAsync(one.Name));
    }

    [Theory]
    [InlineData("x-max-priority", 300, "{max_value_exceeded,300}")]
    [InlineData("x-max-priority", -1, "{value_negative,-1}")]
    [InlineData("x-message-ttl", -1, "{value_negative,-1}")]
    [InlineData("x-message-ttl", "5", "\"expected integer, got longstr\"")]
    [InlineData("x-message-ttl", 315_360_000_001L, "{value_too_large,315360000001}")]
    [InlineData("x-expires", 315_360_000_001L, "{value_too_large,315360000001}")]
    [InlineData("x-expires", 0, "{value_zero,0}")]
    [InlineData("x-expires", -5, "{value_negative,-5}")]
    [InlineData("x-max-length", -1, "{value_negative,-1}")]
    [InlineData("x-max-length-bytes", true, "\"expected integer, got bool\"")]
    [InlineData("x-overflow", "never", "invalid_overflow")]
    [InlineData("x-single-active-consumer", "yes", "{unacceptable_type,longstr}")]
    [InlineData("x-overflow", 5, "{unacceptable_type,signedint}")]
    [InlineData("x-dead-letter-routing-key", 5, "{unacceptable_type,signedint}")]
    [InlineData("x-dead-letter-routing-key", "k", "routing_key_but_no_dlx_defined")]
    [InlineData("x-queue-type", "foo", "\"unsupported queue type 'foo'\"")]
    [InlineData("x-queue-type", 5, "{unacceptable_type,signedint}")]
    [InlineData("x-queue-version", 9, "\"unsupported queue version '9'\"")]
    [InlineData("x-queue-leader-locator", "foo", "invalid_queue_locator_arg")]
    public Task An_argument_with_an_illegal_value_is_refused(string argument, object value, string reason) => FailedAsync(
        $"invalid arg '{argument}' for queue 'q' in vhost '{VirtualHost}': {reason}",
        async () => await Broker.DeclareQueueAsync(With((argument, value))));

    [Fact]
    public Task A_dead_letter_exchange_that_is_no_name_is_refused() => FailedAsync(
        $"invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue 'q' in vhost '{VirtualHost}'",
        async () => await Broker.DeclareQueueAsync(With(("x-dead-letter-exchange", 5))));

    [Theory]
    [InlineData("x-max-age", "soon", "invalid_max_age")]
    [InlineData("x-max-age", "0h", "invalid_max_age")]
    [InlineData("x-max-age", 5, "{unacceptable_type,signedint}")]
    [InlineData("x-max-length-bytes", -1, "{value_negative,-1}")]
    public Task An_argument_of_a_stream_with_an_illegal_value_is_refused(string argument, object value, string reason) => FailedAsync(
        $"invalid arg '{argument}' for queue 'q' in vhost '{VirtualHost}': {reason}",
        async () => await Broker.DeclareQueueAsync(With(("x-queue-type", QueueType.Stream), (argument, value))));

    [Fact]
    public async Task The_application_s_own_arguments_are_taken()
        => await Broker.DeclareQueueAsync(With(("x-mine", 1), ("other", "text")));

    [Theory]
    [InlineData("quorum", "x-max-priority", 5, "rabbit_quorum_queue")]
    [InlineData("classic", "x-delivery-limit", 5, "rabbit_classic_queue")]
    [InlineData("classic", "x-consumer-timeout", 5000, "rabbit_classic_queue")]
    [InlineData("classic", "x-delayed-retry-type", "all", "rabbit_classic_queue")]
    [InlineData("classic", "x-dead-letter-strategy", "at-most-once", "rabbit_classic_queue")]
    [InlineData("classic", "x-max-age", "1h", "rabbit_classic_queue")]
    [InlineData("stream", "x-message-ttl", 5, "rabbit_stream_queue")]
    [InlineData("stream", "x-max-length", 5, "rabbit_stream_queue")]
    [InlineData("stream", "x-dead-letter-exchange", "x", "rabbit_stream_queue")]
    public Task An_argument_of_another_type_of_queue_is_refused(string type, string argument, object value, string module) => FailedAsync(
        $"invalid arg '{argument}' for queue 'q' in vhost '{VirtualHost}' of queue type {module}",
        async () => await Broker.DeclareQueueAsync(With(("x-queue-type", type), (argument, value))));

    [Theory]
    [InlineData("quorum")]
    [InlineData("stream")]
    public async Task A_replicated_queue_must_be_durable_shared_and_lasting(string type)
    {
        QueueDeclaration queue = With(("x-queue-type", type));
        await FailedAsync(
            $"invalid property 'exclusive-owner' for queue 'q' in vhost '{VirtualHost}'",
            async () => await Broker.DeclareQueueAsync(queue with { Exclusive = true }));
        await FailedAsync(
            $"invalid property 'non-durable' for queue 'q' in vhost '{VirtualHost}'",
            async () => await Broker.DeclareQueueAsync(queue with { Durable = false }));
        await FailedAsync(
            $"invalid property 'auto-delete' for queue 'q' in vhost '{VirtualHost}'",
            async () => await Broker.DeclareQueueAsync(queue with { AutoDelete = true }));
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_described_purged_consumed_or_got()
    {
        string missing = $"NOT_FOUND - no queue 'nope' in vhost '{VirtualHost}'";
        await RefusedAsync(ReplyCode.NotFound, missing, async () => await Broker.DescribeQueueAsync("nope"));
        await RefusedAsync(ReplyCode.NotFound, missing, async () => await Broker.PurgeQueueAsync("nope"));
        await RefusedAsync(ReplyCode.NotFound, missing, async () => await (await OpenAsync()).ConsumeAsync("nope"));
        await RefusedAsync(ReplyCode.NotFound, missing, async () => await (await OpenAsync()).GetAsync("nope"));
    }

    [Fact]
    public async Task A_queue_is_described_as_it_was_declared()
    {
        Needs(ExchangeFeature.QueueDescriptions);
        await Broker.DeclareQueueAsync(new QueueDeclaration("q") { AutoDelete = true, Arguments = new QueueArguments { MaxLength = 5 } });
        QueueDescription queue = await Broker.DescribeQueueAsync("q");
        Assert.Equal(
            ("q", true, true, false, null),
            (queue.Declaration.Name, queue.Declaration.Durable, queue.Declaration.AutoDelete, queue.Declaration.Exclusive, queue.Policy));
        Assert.Equal("5", $"{queue.Declaration.Arguments["x-max-length"]}");
    }

    [Fact]
    public async Task Queues_are_listed_by_name()
    {
        Needs(ExchangeFeature.QueueDescriptions);
        foreach (string queue in (string[])["b", "a", "c"])
            await Broker.DeclareQueueAsync(queue);
        Assert.Equal(["a", "b", "c"], (await Broker.ListQueuesAsync()).Select(queue => queue.Declaration.Name));
    }

    [Fact]
    public async Task A_purge_takes_the_ready_messages_and_leaves_the_unacknowledged()
    {
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", "1", "2", "3");
        await using IExchangeChannel channel = await OpenAsync();
        Delivery held = await TakeAsync("q", channel);
        Assert.Equal(2, await Broker.PurgeQueueAsync("q"));
        Assert.Equal(0, await ReadyAsync("q"));
        await held.NackAsync();
        Assert.Equal("1", (await TakeAsync("q")).Text);
    }

    [Fact]
    public async Task A_deletion_tells_how_many_messages_went_and_of_none_is_no_error()
    {
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", "1", "2");
        Assert.Equal(2, await Broker.DeleteQueueAsync("q"));
        Assert.Equal(0, await Broker.DeleteQueueAsync("q"));
    }

    [Fact]
    public async Task A_queue_that_is_not_empty_or_has_consumers_is_kept_where_that_was_asked_for()
    {
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", "1");
        await FailedAsync($"queue 'q' in vhost '{VirtualHost}' not empty", async () => await Broker.DeleteQueueAsync("q", ifEmpty: true));
        await Broker.PurgeQueueAsync("q");
        await using (IQueueConsumer consumer = await Broker.ConsumeAsync("q"))
            await FailedAsync($"queue 'q' in vhost '{VirtualHost}' in use", async () => await Broker.DeleteQueueAsync("q", ifUnused: true));
        await Broker.DeleteQueueAsync("q", ifUnused: true, ifEmpty: true);
    }

    private static QueueDeclaration With(params (string Name, object? Value)[] arguments) => new("q") { Arguments = Table(arguments) };

    private Task InequivalentAsync(string argument, string received, QueueDeclaration other) => FailedAsync(
        $"inequivalent arg '{argument}' for queue 'q' in vhost '{VirtualHost}': received {received}",
        async () => await Broker.DeclareQueueAsync(other));
}

public sealed class QueueDeclaration_on_native(NativeExchanges provider) : QueueDeclarationContract(provider);

public sealed class QueueDeclaration_on_native_disk(NativeExchangesOnDisk provider) : QueueDeclarationContract(provider);

public sealed class QueueDeclaration_on_rabbitmq(RabbitMqExchanges provider) : QueueDeclarationContract(provider);
