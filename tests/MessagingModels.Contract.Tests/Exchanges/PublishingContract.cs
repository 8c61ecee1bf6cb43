using System.Text;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class PublishingContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task A_mandatory_message_without_a_queue_comes_back_before_its_publish_completes()
    {
        List<ReturnedMessage> returned = [];
        IExchangeChannel channel = await OpenAsync(new ChannelOptions { OnReturned = returned.Add });
        MessageProperties properties = new() { MessageId = "id", Headers = Table(("n", 1)) };
        Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("amq.direct", "nowhere", "m", properties, mandatory: true));
        ReturnedMessage message = Assert.Single(returned);
        Assert.Equal(
            (ReplyCode.NoRoute, "amq.direct", "nowhere", "m", "id"),
            (message.ReplyCode, message.Exchange, message.RoutingKey, message.Text, message.Properties.MessageId));
        Assert.Equal(1, message.Properties.Headers["n"]);
    }

    [Fact]
    public async Task A_mandatory_message_with_a_queue_is_confirmed_and_does_not_come_back()
    {
        await Broker.DeclareQueueAsync("q");
        List<ReturnedMessage> returned = [];
        IExchangeChannel channel = await OpenAsync(new ChannelOptions { OnReturned = returned.Add });
        Assert.Equal(PublishOutcome.Confirmed, await channel.PublishAsync("", "q", "m", mandatory: true));
        Assert.Empty(returned);
    }

    [Fact]
    public async Task Mandatory_messages_of_a_stream_of_publishes_come_back_before_the_flush_completes()
    {
        await Broker.DeclareQueueAsync("q");
        List<string> returned = [];
        IExchangeChannel channel = await OpenAsync(new ChannelOptions { OnReturned = message => returned.Add(message.Text) });
        for (int i = 0; i < 10; i++)
            await channel.EnqueueAsync("", i % 2 == 0 ? "q" : "nowhere", Encoding.UTF8.GetBytes($"{i}"), mandatory: true);
        await channel.FlushAsync();
        Assert.Equal(["1", "3", "5", "7", "9"], returned);
        Assert.Equal(["0", "2", "4", "6", "8"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_message_without_a_queue_that_is_not_mandatory_is_confirmed()
        => Assert.Equal(PublishOutcome.Confirmed, await PublishAsync("", "nowhere", "m"));

    [Fact]
    public async Task Without_confirms_nothing_is_known()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync(new ChannelOptions { PublisherConfirms = false });
        Assert.Equal(PublishOutcome.Sent, await channel.PublishAsync("", "q", "m"));
        await UntilReadyAsync("q", 1);
    }

    [Fact]
    public async Task A_missing_exchange_closes_the_channel_and_later_calls_say_why()
    {
        string missing = $"NOT_FOUND - no exchange 'nope' in vhost '{VirtualHost}'";
        IExchangeChannel channel = await OpenAsync();
        await RefusedAsync(ReplyCode.NotFound, missing, async () => await channel.PublishAsync("nope", "k", "m"));
        Assert.False(channel.IsOpen);
        await RefusedAsync(ReplyCode.NotFound, missing, async () => await channel.PublishAsync("", "k", "m"));
        await RefusedAsync(ReplyCode.NotFound, missing, async () => await channel.GetAsync("q"));
    }

    [Fact]
    public async Task An_error_of_one_channel_leaves_the_others_alone()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel other = await OpenAsync();
        IExchangeChannel channel = await OpenAsync();
        await Assert.ThrowsAsync<ChannelException>(async () => await channel.PublishAsync("nope", "k", "m"));
        Assert.Equal(PublishOutcome.Confirmed, await other.PublishAsync("", "q", "m"));
    }

    [Fact]
    public async Task Another_users_id_is_refused_and_the_own_one_is_delivered()
    {
        await Broker.DeclareQueueAsync("q");
        await FailedAsync(
            $"user_id property set to 'abc' but authenticated user was '{Site.User}'",
            () => PublishAsync("", "q", "m", new MessageProperties { UserId = "abc" }));
        IExchangeChannel channel = await OpenAsync();
        await channel.PublishAsync("", "q", "m", new MessageProperties { UserId = Site.User });
        Assert.Equal(Site.User, (await TakeAsync("q")).Properties.UserId);
    }

    [Fact]
    public async Task Publishes_of_one_channel_keep_their_order()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync(new ChannelOptions { MaxUnconfirmed = 16 });
        string[] texts = [.. Enumerable.Range(0, 300).Select(i => $"{i}")];
        foreach (string text in texts)
            await channel.EnqueueAsync("", "q", Encoding.UTF8.GetBytes(text));
        await channel.FlushAsync();
        Assert.Equal(texts, await DrainAsync("q"));
    }

    [Fact]
    public async Task A_confirm_waits_for_every_queue()
    {
        string[] types = [QueueType.Classic, QueueType.Quorum];
        foreach (string type in types)
        {
            await Broker.DeclareQueueAsync(type, new QueueArguments { QueueType = type });
            await Broker.BindQueueAsync(type, "amq.fanout");
        }

        for (int count = 1; count <= 100; count++)
        {
            await PublishAsync("amq.fanout", "", $"{count}", MessageProperties.PersistentOnly);
            foreach (string type in types)
                Assert.Equal((type, count), (type, await ReadyAsync(type)));
        }
    }

    [Fact]
    public async Task Many_callers_of_one_channel_are_all_confirmed()
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync(new ChannelOptions { MaxUnconfirmed = 16 });
        PublishOutcome[] outcomes = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(i => Task.Run(async () => await channel.PublishAsync("", "q", $"{i}"))));
        Assert.All(outcomes, outcome => Assert.Equal(PublishOutcome.Confirmed, outcome));
        Assert.Equal(100, await ReadyAsync("q"));
    }
}

public sealed class Publishing_on_native(NativeExchanges provider) : PublishingContract(provider);

public sealed class Publishing_on_native_disk(NativeExchangesOnDisk provider) : PublishingContract(provider);

public sealed class Publishing_on_rabbitmq(RabbitMqExchanges provider) : PublishingContract(provider);
