using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

public abstract class TransactionContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private static readonly ChannelOptions s_withoutConfirms = new() { PublisherConfirms = false };

    [Fact]
    public async Task Publishes_appear_with_the_commit_in_their_order()
    {
        IExchangeChannel channel = await OpenWithAsync();
        await channel.PublishAsync("", "q", "1");
        await channel.PublishAsync("", "q", "2");
        Assert.Equal(0, await ReadyAsync("q"));
        await channel.CommitAsync();
        Assert.Equal(["1", "2"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_rollback_forgets_the_publishes_and_the_next_transaction_begins()
    {
        IExchangeChannel channel = await OpenWithAsync();
        await channel.PublishAsync("", "q", "1");
        await channel.RollbackAsync();
        await channel.PublishAsync("", "q", "2");
        await channel.CommitAsync();
        Assert.Equal(["2"], await DrainAsync("q"));
    }

    [Fact]
    public async Task An_acknowledgement_counts_with_the_commit()
    {
        IExchangeChannel channel = await OpenWithAsync("1", "2");
        await (await TakeAsync("q", channel)).AckAsync();
        await (await TakeAsync("q", channel)).AckAsync();
        await channel.CommitAsync();
        await channel.DisposeAsync();
        Assert.Equal(0, await ReadyAsync("q"));
    }

    [Fact]
    public async Task A_rollback_leaves_a_delivery_unacknowledged()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        Delivery delivery = await TakeAsync("q", channel);
        await delivery.AckAsync();
        await channel.RollbackAsync();
        await delivery.NackAsync();
        await channel.CommitAsync();
        await UntilReadyAsync("q", 1);
    }

    [Fact]
    public async Task What_was_not_committed_when_the_channel_closes_did_not_happen()
    {
        IExchangeChannel channel = await OpenWithAsync("1");
        await (await TakeAsync("q", channel)).AckAsync();
        await channel.PublishAsync("", "q", "2");
        await channel.DisposeAsync();
        await UntilReadyAsync("q", 1);
        Assert.Equal(["1"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_mandatory_message_without_a_queue_comes_back_with_the_commit()
    {
        List<string> returned = [];
        IExchangeChannel channel = await OpenAsync(s_withoutConfirms with { OnReturned = message => returned.Add(message.Text) });
        await channel.SelectTransactionAsync();
        await channel.PublishAsync("", "nowhere", "m", mandatory: true);
        Assert.Empty(returned);
        await channel.CommitAsync();
        await UntilAsync(() => Task.FromResult(returned.Count == 1), "the message is back");
    }

    [Fact]
    public async Task A_commit_that_a_full_queue_refuses_in_part_fails_and_the_rest_is_done()
    {
        await Broker.DeclareQueueAsync("full", new QueueArguments { MaxLength = 1, Overflow = "reject-publish" });
        IExchangeChannel channel = await OpenWithAsync();
        await channel.PublishAsync("", "full", "1");
        await channel.PublishAsync("", "full", "2");
        await channel.PublishAsync("", "q", "3");
        await FailedAsync("partial tx completion", async () => await channel.CommitAsync());
        Assert.False(channel.IsOpen);
        Assert.Equal(["1"], await DrainAsync("full"));
        Assert.Equal(["3"], await DrainAsync("q"));
    }

    [Fact]
    public async Task A_commit_or_rollback_without_a_transaction_is_refused()
    {
        await FailedAsync("channel is not transactional", async () => await (await OpenAsync(s_withoutConfirms)).CommitAsync());
        await FailedAsync("channel is not transactional", async () => await (await OpenAsync(s_withoutConfirms)).RollbackAsync());
    }

    [Fact]
    public Task A_channel_with_confirms_has_no_transactions() => FailedAsync(
        "cannot switch from confirm to tx mode", async () => await (await OpenAsync()).SelectTransactionAsync());

    private async Task<IExchangeChannel> OpenWithAsync(params string[] texts)
    {
        Needs(ExchangeFeature.ChannelTransactions);
        await Broker.DeclareQueueAsync("q");
        await FillAsync("q", texts);
        IExchangeChannel channel = await OpenAsync(s_withoutConfirms);
        await channel.SelectTransactionAsync();
        return channel;
    }
}

public sealed class Transaction_on_native(NativeExchanges provider) : TransactionContract(provider);

public sealed class Transaction_on_native_disk(NativeExchangesOnDisk provider) : TransactionContract(provider);

public sealed class Transaction_on_rabbitmq(RabbitMqExchanges provider) : TransactionContract(provider);
