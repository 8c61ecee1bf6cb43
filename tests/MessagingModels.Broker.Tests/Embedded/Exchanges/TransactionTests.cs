namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class TransactionTests
{
    private static readonly ChannelOptions s_options = new() { PublisherConfirms = false };

    [Fact]
    public async Task What_is_published_appears_with_the_commit()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", 0);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(s_options);
        await channel.SelectTransactionAsync();
        await channel.PublishAsync("", "q", "1");
        await channel.PublishAsync("", "q", "2");
        Assert.Equal(0, (await harness.Broker.DescribeQueueAsync("q")).ReadyMessages);
        await channel.CommitAsync();
        Assert.Equal(2, (await harness.Broker.DescribeQueueAsync("q")).ReadyMessages);
    }

    [Fact]
    public async Task What_is_rolled_back_never_happened()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", 1);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(s_options);
        await channel.SelectTransactionAsync();
        Delivery delivery = (await channel.GetAsync("q"))!.Value;
        await delivery.AckAsync();
        await channel.PublishAsync("", "q", "never");
        await channel.RollbackAsync();
        await channel.CommitAsync();
        Assert.Equal((0, 1), (ConsumingTests.Ready(harness, "q"), ConsumingTests.Unacked(harness, "q")));
        await delivery.AckAsync();
        await channel.CommitAsync();
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Unacked(harness, "q") == 0);
    }

    [Fact]
    public async Task Acknowledgements_count_with_the_commit_and_are_given_back_without()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", 3);
        IExchangeChannel channel = await harness.Broker.OpenChannelAsync(s_options);
        await channel.SelectTransactionAsync();
        for (int i = 0; i < 3; i++)
            await channel.GetAsync("q");
        await channel.AckAsync(1);
        await channel.CommitAsync();
        await channel.AckAsync(0, multiple: true);
        await channel.DisposeAsync();
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Ready(harness, "q") == 2);
    }

    [Fact]
    public async Task A_commit_fails_where_a_full_queue_refuses_a_part_of_it()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await harness.Broker.DeclareQueueAsync("full", new QueueArguments { MaxLength = 1, Overflow = "reject-publish" });
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(s_options);
        await channel.SelectTransactionAsync();
        await channel.PublishAsync("", "full", "1");
        await channel.PublishAsync("", "full", "2");
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - partial tx completion", () => channel.CommitAsync());
        Assert.Equal(1, ConsumingTests.Ready(harness, "full"));
    }

    [Fact]
    public async Task Mandatory_messages_come_back_at_the_commit()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        List<string> returned = [];
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(
            s_options with { OnReturned = message => returned.Add(message.Text) });
        await channel.SelectTransactionAsync();
        await channel.PublishAsync("", "nobody", "m", mandatory: true);
        Assert.Empty(returned);
        await channel.CommitAsync();
        Assert.Equal(["m"], returned);
    }

    [Fact]
    public async Task Transactions_and_confirms_exclude_each_other()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        await using IExchangeChannel confirming = await harness.Broker.OpenChannelAsync();
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - cannot switch from confirm to tx mode",
            () => confirming.SelectTransactionAsync());
        await using IExchangeChannel plain = await harness.Broker.OpenChannelAsync(s_options);
        await ExchangeHarness.RefusedAsync(
            ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - channel is not transactional", () => plain.CommitAsync());
    }
}
