using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class AcknowledgementContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    [Fact]
    public async Task What_was_acknowledged_does_not_come_back_and_the_rest_does_in_order()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3", "4");
        List<Delivery> deliveries = await ReadAsync(await channel.ConsumeAsync("q"), 4);
        await deliveries[1].AckAsync();
        await channel.DisposeAsync();
        await UntilReadyAsync("q", 3);
        Assert.Equal(["1", "3", "4"], await DrainAsync("q"));
    }

    [Fact]
    public async Task An_acknowledgement_of_several_settles_all_up_to_its_tag()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3", "4");
        List<Delivery> deliveries = await ReadAsync(await channel.ConsumeAsync("q"), 4);
        await deliveries[2].AckAsync(multiple: true);
        await channel.DisposeAsync();
        await UntilReadyAsync("q", 1);
        Assert.Equal(["4"], await DrainAsync("q"));
    }

    [Fact]
    public async Task Tag_zero_with_multiple_settles_everything()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        await ReadAsync(await channel.ConsumeAsync("q"), 3);
        await channel.AckAsync(0, multiple: true);
        await FillAsync("q", "last");
        await channel.DisposeAsync();
        await UntilReadyAsync("q", 1);
        Assert.Equal(["last"], await DrainAsync("q"));
    }

    [Fact]
    public async Task Delivery_tags_count_from_one_over_the_consumers_of_a_channel()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2");
        await Broker.DeclareQueueAsync("other");
        await FillAsync("other", "3");
        foreach ((string queue, ulong tag) in ((string, ulong)[])[("q", 1), ("other", 2), ("q", 3)])
            Assert.Equal(tag, (await TakeAsync(queue, channel)).DeliveryTag);
        IExchangeChannel next = await OpenAsync();
        await FillAsync("q", "4");
        Assert.Equal(1ul, (await TakeAsync("q", next)).DeliveryTag);
    }

    [Fact]
    public async Task A_message_that_was_got_with_automatic_acknowledgement_is_gone()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2");
        Assert.Equal("1", (await channel.GetAsync("q", autoAck: true))!.Value.Text);
        await channel.DisposeAsync();
        Assert.Equal(["2"], await DrainAsync("q"));
    }

    [Fact]
    public async Task An_empty_queue_has_nothing_to_get()
    {
        IExchangeChannel channel = await OpenWithAsync();
        Assert.Null(await channel.GetAsync("q"));
    }

    [Fact]
    public async Task A_requeued_message_comes_back_to_its_place_and_is_marked_redelivered()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        Delivery first = await TakeAsync("q", channel);
        Assert.False(first.Redelivered);
        await first.NackAsync();
        await UntilReadyAsync("q", 3);
        List<Delivery> again = [await TakeAsync("q", channel), await TakeAsync("q", channel)];
        Assert.Equal([("1", true), ("2", false)], again.Select(delivery => (delivery.Text, delivery.Redelivered)));
    }

    [Fact]
    public async Task Messages_requeued_in_any_order_come_back_in_their_own()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3", "4", "5");
        List<Delivery> deliveries = await ReadAsync(await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 4 }), 4);
        foreach (int i in (int[])[2, 0, 3, 1])
            await channel.RejectAsync(deliveries[i].DeliveryTag, requeue: i != 1);
        await channel.DisposeAsync();
        await UntilReadyAsync("q", 4);
        Assert.Equal(["1", "3", "4", "5"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_refusal_of_several_gives_them_all_back()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        await TakeAsync("q", channel);
        Delivery second = await TakeAsync("q", channel);
        await second.NackAsync(multiple: true);
        await UntilReadyAsync("q", 3);
        Assert.Equal(["1", "2", "3"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_message_refused_without_requeue_is_gone()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        await (await TakeAsync("q", channel)).RejectAsync();
        await (await TakeAsync("q", channel)).NackAsync(requeue: false);
        await channel.DisposeAsync();
        Assert.Equal(["3"], await DrainAsync("q"));
    }

    [Fact]
    public async Task Recovery_gives_everything_unacknowledged_back()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2", "3");
        await (await TakeAsync("q", channel)).AckAsync();
        await TakeAsync("q", channel);
        await TakeAsync("q", channel);
        await channel.RecoverAsync();
        await UntilReadyAsync("q", 2);
        Delivery again = await TakeAsync("q", channel);
        Assert.Equal(("2", true), (again.Text, again.Redelivered));
    }

    [Fact]
    public async Task An_unknown_tag_closes_the_channel_and_what_it_held_goes_back()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2");
        await TakeAsync("q", channel);
        IExchangeChannel other = await OpenAsync();
        await FailedAsync("unknown delivery tag 99", async () => await channel.AckAsync(99));
        Assert.False(channel.IsOpen);
        await UntilReadyAsync("q", 2);
        Assert.Equal("1", (await TakeAsync("q", other)).Text);
    }

    [Fact]
    public async Task The_text_of_an_unknown_tag_names_it()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        Delivery delivery = await TakeAsync("q", channel);
        await delivery.AckAsync();
        await FailedAsync("unknown delivery tag 1", async () => await delivery.AckAsync());
        Assert.False(channel.IsOpen);
    }

    [Fact]
    public async Task A_delivery_settled_on_another_channel_is_unknown_there()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        await TakeAsync("q", channel);
        IExchangeChannel other = await OpenAsync();
        await FailedAsync("unknown delivery tag 1", async () => await other.AckAsync(1));
        Assert.False(other.IsOpen);
        Assert.True(channel.IsOpen);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(5, true)]
    public async Task A_tag_that_stands_for_no_delivery_is_unknown(ulong tag, bool multiple)
    {
        IExchangeChannel channel = await OpenWithAsync();
        await FailedAsync($"unknown delivery tag {tag}", async () => await channel.AckAsync(tag, multiple));
        Assert.False(channel.IsOpen);
    }

    [Fact]
    public async Task Tag_zero_with_multiple_may_stand_for_nothing()
    {
        IExchangeChannel channel = await OpenWithAsync();
        await channel.AckAsync(0, multiple: true);
        await channel.NackAsync(0, multiple: true);
        Assert.Null(await channel.GetAsync("q"));
    }

    [Fact]
    public async Task A_connection_that_ends_gives_back_what_its_channels_held()
    {
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", "1", "2", "3");
        IExchangeBroker connection = await Site.ConnectAsync();
        IExchangeChannel channel = await connection.OpenChannelAsync();
        await ReadAsync(await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 2 }), 2);
        await connection.DisposeAsync();
        await UntilReadyAsync("q", 3);
        Assert.Equal(["1", "2", "3"], await DrainAsync("q"));
    }

    private async Task<IExchangeChannel> OpenWithAsync(params string[] texts)
    {
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", texts);
        return await OpenAsync();
    }
}

public sealed class Acknowledgement_on_native(NativeExchanges provider) : AcknowledgementContract(provider);

public sealed class Acknowledgement_on_native_disk(NativeExchangesOnDisk provider) : AcknowledgementContract(provider);

public sealed class Acknowledgement_on_rabbitmq(RabbitMqExchanges provider) : AcknowledgementContract(provider);
