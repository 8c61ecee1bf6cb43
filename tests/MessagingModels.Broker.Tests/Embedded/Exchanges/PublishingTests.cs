namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class PublishingTests
{
    [Fact]
    public async Task A_message_reaches_each_queue_once_however_many_bindings_match()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync("x", ExchangeType.Topic);
        await harness.Broker.DeclareExchangeAsync("y", ExchangeType.Fanout);
        for (int i = 0; i < 20; i++)
        {
            await harness.Broker.DeclareQueueAsync($"q{i}");
            await harness.Broker.BindQueueAsync($"q{i}", "x", "a.*");
            await harness.Broker.BindQueueAsync($"q{i}", "x", "#.b");
            await harness.Broker.BindQueueAsync($"q{i}", "y");
        }

        await harness.Broker.BindExchangeAsync("y", "x", "a.b");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("x", "a.b", "m"));
        Assert.All(await harness.Broker.ListQueuesAsync(), queue => Assert.Equal(1, queue.ReadyMessages));
    }

    [Fact]
    public async Task The_default_exchange_routes_to_the_queue_of_that_name()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("q");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("", "q", "hello", PropertiesCodecFull);
        Delivery delivery = (await channel.GetAsync("q"))!.Value;
        Assert.Equal(("hello", "", "q", 1ul), (delivery.Text, delivery.Exchange, delivery.RoutingKey, delivery.DeliveryTag));
        Assert.Equal("text/plain", delivery.Properties.ContentType);
    }

    [Fact]
    public async Task A_mandatory_message_without_a_queue_comes_back_and_another_is_dropped()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        List<ReturnedMessage> returned = [];
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(new ChannelOptions { OnReturned = returned.Add });
        Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("amq.direct", "k", "dropped"));
        Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("amq.direct", "k", "back", mandatory: true));
        ReturnedMessage message = Assert.Single(returned);
        Assert.Equal((ReplyCode.NoRoute, "amq.direct", "k", "back"), (message.ReplyCode, message.Exchange, message.RoutingKey, message.Text));
    }

    [Fact]
    public async Task What_matches_nothing_goes_to_the_alternate_exchange()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync("rest", ExchangeType.Fanout);
        await harness.Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.Direct)
        {
            Arguments = new Dictionary<string, object?> { ["alternate-exchange"] = "rest" },
        });
        await harness.Broker.DeclareQueueAsync("known");
        await harness.Broker.DeclareQueueAsync("unknown");
        await harness.Broker.BindQueueAsync("known", "x", "k");
        await harness.Broker.BindQueueAsync("unknown", "rest");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("x", "k", "1");
        await channel.PublishAsync("x", "other", "2");
        Assert.Equal("1", (await channel.GetAsync("known"))!.Value.Text);
        Assert.Equal("2", (await channel.GetAsync("unknown"))!.Value.Text);
    }

    [Fact]
    public async Task A_cycle_of_exchanges_ends()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync("a", ExchangeType.Fanout);
        await harness.Broker.DeclareExchangeAsync("b", ExchangeType.Fanout);
        await harness.Broker.DeclareQueueAsync("q");
        await harness.Broker.BindExchangeAsync("b", "a");
        await harness.Broker.BindExchangeAsync("a", "b");
        await harness.Broker.BindQueueAsync("q", "b");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("a", "", "m");
        Assert.Equal(1, (await harness.Broker.DescribeQueueAsync("q")).ReadyMessages);
    }

    [Fact]
    public async Task Copies_go_to_the_queues_in_cc_and_bcc_and_bcc_is_not_shown()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        foreach (string queue in (string[])["to", "cc", "bcc"])
            await harness.Broker.DeclareQueueAsync(queue);
        MessageProperties properties = new()
        {
            Headers = new Dictionary<string, object?> { ["CC"] = new List<object?> { "cc" }, ["BCC"] = new List<object?> { "bcc" } },
        };
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("", "to", "m", properties);
        foreach (string queue in (string[])["to", "cc", "bcc"])
        {
            Delivery delivery = (await channel.GetAsync(queue))!.Value;
            Assert.Equal(["CC"], delivery.Properties.Headers.Keys);
        }
    }

    [Fact]
    public async Task An_error_closes_the_channel_and_later_calls_say_why()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.NotFound, "NOT_FOUND - no exchange 'nope' in vhost '/'", async () => await channel.PublishAsync("nope", "k", "m"));
        Assert.False(channel.IsOpen);
        await ExchangeHarness.RefusedAsync(
            ReplyCode.NotFound, "NOT_FOUND - no exchange 'nope' in vhost '/'", async () => await channel.PublishAsync("", "k", "m"));
    }

    [Theory]
    [InlineData(-1, "{value_negative,-1}")]
    [InlineData(315_360_000_001, "{value_too_large,315360000001}")]
    public async Task An_expiration_that_is_no_sensible_time_is_refused(long milliseconds, string reason)
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        MessageProperties properties = new() { Expiration = TimeSpan.FromMilliseconds(milliseconds) };
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - invalid expiration '{milliseconds}': {reason}",
            async () => await channel.PublishAsync("", "q", "m", properties));
    }

    [Fact]
    public async Task Another_users_id_and_an_internal_exchange_are_refused()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync(new ExchangeDeclaration("int", ExchangeType.Fanout) { Internal = true });
        await using IExchangeChannel one = await harness.Broker.OpenChannelAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - user_id property set to 'abc' but authenticated user was 'guest'",
            async () => await one.PublishAsync("", "q", "m", new MessageProperties { UserId = "abc" }));
        await using IExchangeChannel two = await harness.Broker.OpenChannelAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.AccessRefused, "ACCESS_REFUSED - cannot publish to internal exchange 'int' in vhost '/'",
            async () => await two.PublishAsync("int", "q", "m"));
        await using IExchangeChannel three = await harness.Broker.OpenChannelAsync();
        Assert.Equal(PublishOutcome.Confirmed, await three.PublishAsync("", "q", "m", new MessageProperties { UserId = "guest" }));
    }

    [Fact]
    public async Task A_full_queue_that_rejects_nacks()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("q", new QueueArguments { MaxLength = 1, Overflow = "reject-publish" });
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("", "q", "1");
        await Assert.ThrowsAsync<PublishNackedException>(async () => await channel.PublishAsync("", "q", "2"));
        await channel.EnqueueAsync("", "q", new byte[1]);
        await Assert.ThrowsAsync<PublishNackedException>(async () => await channel.FlushAsync());
        await channel.FlushAsync();
        Assert.True(channel.IsOpen);
    }

    [Fact]
    public async Task More_publishes_than_the_window_all_arrive_in_order()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("q");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(new ChannelOptions { MaxUnconfirmed = 7 });
        for (int i = 0; i < 500; i++)
            await channel.EnqueueAsync("", "q", BitConverter.GetBytes(i));
        await channel.FlushAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 0 });
        List<Delivery> deliveries = await ExchangeHarness.ReadAsync(consumer, 500);
        Assert.Equal(Enumerable.Range(0, 500), deliveries.Select(delivery => BitConverter.ToInt32(delivery.Body.Span)));
    }

    [Fact]
    public async Task Publishes_of_many_callers_on_one_channel_are_all_confirmed()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("q");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(new ChannelOptions { MaxUnconfirmed = 16 });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
                Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("", "q", $"{caller} {i}"));
        })));
        Assert.Equal(800, (await harness.Broker.DescribeQueueAsync("q")).ReadyMessages);
    }

    [Fact]
    public async Task Without_confirms_a_body_may_be_used_again_at_once()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("q");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(new ChannelOptions { PublisherConfirms = false });
        byte[] body = new byte[4];
        for (int i = 0; i < 200; i++)
        {
            BitConverter.TryWriteBytes(body, i);
            Assert.Equal(PublishOutcome.Sent, await channel.PublishAsync("", "q", body));
        }

        await using IQueueConsumer consumer = await channel.ConsumeAsync("q");
        List<Delivery> deliveries = await ExchangeHarness.ReadAsync(consumer, 200);
        Assert.Equal(Enumerable.Range(0, 200), deliveries.Select(delivery => BitConverter.ToInt32(delivery.Body.Span)));
    }

    [Fact]
    public async Task A_users_own_exchange_type_routes()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync(new LengthExchange());
        await harness.Broker.DeclareExchangeAsync("x", "x-length");
        await harness.Broker.DeclareQueueAsync("short");
        await harness.Broker.DeclareQueueAsync("long");
        await harness.Broker.BindQueueAsync("short", "x", "3");
        await harness.Broker.BindQueueAsync("long", "x", "100");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await channel.PublishAsync("x", "", "abc");
        await channel.PublishAsync("x", "", "abcd");
        Assert.Equal(1, (await harness.Broker.DescribeQueueAsync("short")).ReadyMessages);
        Assert.Equal(2, (await harness.Broker.DescribeQueueAsync("long")).ReadyMessages);
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - no length: many", () => harness.Broker.BindQueueAsync("long", "x", "many"));
    }

    [Fact]
    public async Task A_new_binding_of_a_recent_history_exchange_gets_the_last_messages()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.RecentHistory)
        {
            Arguments = new Dictionary<string, object?> { ["x-recent-history-length"] = 2 },
        });
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        for (int i = 0; i < 5; i++)
            await channel.PublishAsync("x", "", $"{i}");
        await channel.PublishAsync("x", "", "secret", new MessageProperties
        {
            Headers = new Dictionary<string, object?> { ["x-recent-history-no-store"] = true },
        });
        await harness.Broker.DeclareQueueAsync("q");
        await harness.Broker.BindQueueAsync("q", "x");
        Assert.Equal("3", (await channel.GetAsync("q", autoAck: true))!.Value.Text);
        Assert.Equal("4", (await channel.GetAsync("q", autoAck: true))!.Value.Text);
        Assert.Null(await channel.GetAsync("q"));
    }

    private static MessageProperties PropertiesCodecFull => MessagingModels.Broker.Tests.Routing.PropertiesCodecTests.Full;

    private sealed class LengthExchange : IExchangeType
    {
        public string Name => "x-length";

        public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

        private sealed class Router : IExchangeRouter
        {
            private readonly List<(int MaxLength, Binding Binding)> _bindings = [];

            public void Add(Binding binding) => _bindings.Add((
                int.TryParse(binding.RoutingKey, out int length) ? length : throw new ArgumentException($"no length: {binding.RoutingKey}"),
                binding));

            public void Remove(Binding binding) => _bindings.RemoveAll(bound => bound.Binding == binding);

            public void Route(in RoutedMessage message, RouteMatches matches)
            {
                foreach ((int maxLength, Binding binding) in _bindings)
                {
                    if (message.Body.Length <= maxLength)
                        matches.Add(binding);
                }
            }
        }
    }
}
