using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Tests.Queues;

public class QueueLifetimeTests
{
    private static readonly QueueArguments s_deadLettering = new() { DeadLetterExchange = "dlx" };

    [Fact]
    public async Task A_message_whose_time_is_over_is_dead_lettered_from_the_front()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { DeadLetterExchange = "dlx", MessageTtl = TimeSpan.FromSeconds(10) });
        TestClient client = new();
        await client.PublishAsync(queue, "a");
        host.Time.Advance(TimeSpan.FromSeconds(6));
        await client.PublishAsync(queue, "b");
        host.Time.Advance(TimeSpan.FromSeconds(5));

        await client.Eventually(() => host.DeadLetters.Count == 1);
        Assert.Equal(("a", DeadLetterReason.Expired, 0), host.DeadLetters[0]);
        Assert.Equal("b", TestClient.Text((await queue.GetAsync(autoAck: true))!.Value));
    }

    [Fact]
    public async Task A_message_expires_only_when_it_reaches_the_front()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: s_deadLettering);
        TestClient client = new();
        await client.PublishAsync(queue, [TestClient.NewMessage("stays"), TestClient.NewMessage("short", expirationMs: 10)]);

        host.Time.Advance(TimeSpan.FromSeconds(1));
        await queue.ApplySettingsAsync(queue.Settings);
        Assert.Equal(2, queue.Statistics.ReadyMessages);

        Assert.NotNull(await queue.GetAsync(autoAck: true));
        await client.Eventually(() => host.DeadLetters.Count == 1);
        Assert.Null(await queue.GetAsync(autoAck: true));
    }

    [Fact]
    public async Task Zero_time_to_live_means_now_or_never()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { DeadLetterExchange = "dlx", MessageTtl = TimeSpan.Zero });
        TestClient client = new();
        await client.PublishAsync(queue, "never");
        await queue.AddConsumerAsync(client.Consumer());
        await client.PublishAsync(queue, "now");

        await client.WaitForAsync(1);
        Assert.Equal(["now"], client.Bodies);
        Assert.Equal("never", Assert.Single(host.DeadLetters).Body);
    }

    [Fact]
    public async Task A_full_queue_drops_its_oldest_message()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { DeadLetterExchange = "dlx", MaxLength = 2 });
        TestClient client = new();

        Assert.Empty(await client.PublishAsync(queue, "a", "b", "c"));

        await client.Eventually(() => host.DeadLetters.Count == 1);
        Assert.Equal(("a", DeadLetterReason.MaxLength, 0), host.DeadLetters[0]);
        await client.Eventually(() => queue.Statistics.ReadyMessages == 2);
    }

    [Fact]
    public async Task Publish_to_a_full_queue_is_nacked()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { MaxLengthBytes = 3, Overflow = "reject-publish" });
        TestClient client = new();

        Assert.Equal([2UL], await client.PublishAsync(queue, "aa", "b", "c"));
        Assert.Equal(3, queue.Statistics.ReadyBytes);

        Assert.NotNull(await queue.GetAsync(autoAck: true));
        Assert.Empty(await client.PublishAsync(queue, "dd"));
    }

    [Fact]
    public async Task What_a_consumer_can_take_does_not_count_towards_the_length()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { MaxLength = 1, Overflow = "reject-publish" });
        TestClient client = new();
        await queue.AddConsumerAsync(client.Consumer(prefetch: 2));

        Assert.Equal([3UL], await client.PublishAsync(queue, "a", "b", "c", "d"));
    }

    [Fact]
    public async Task A_nacked_publish_can_be_dead_lettered()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(
            arguments: new QueueArguments { DeadLetterExchange = "dlx", MaxLength = 1, Overflow = "reject-publish-dlx" });
        TestClient client = new();

        Assert.Equal([1UL], await client.PublishAsync(queue, "a", "b"));
        Assert.Equal(("b", DeadLetterReason.MaxLength, 0), Assert.Single(host.DeadLetters));
    }

    [Fact]
    public async Task A_rejected_message_is_dead_lettered_or_dropped()
    {
        await using TestQueueHost host = new();
        Queue kept = await host.OpenAsync("kept", s_deadLettering), dropped = await host.OpenAsync("dropped");
        TestClient client = new();
        foreach (Queue queue in new[] { kept, dropped })
        {
            await client.PublishAsync(queue, queue.Name);
            queue.Settle((await queue.GetAsync(autoAck: false))!.Value.DeliveryId, Settlement.Reject);
            await client.Eventually(() => queue.Statistics.UnackedMessages == 0);
        }

        Assert.Equal(("kept", DeadLetterReason.Rejected, 0), Assert.Single(host.DeadLetters));
    }

    [Fact]
    public async Task A_message_that_came_back_too_often_is_dead_lettered()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(
            arguments: new QueueArguments { QueueType = QueueType.Quorum, DeadLetterExchange = "dlx", DeliveryLimit = 2 });
        TestClient client = new();
        await client.PublishAsync(queue, "a");

        for (int i = 0; i < 3; i++)
        {
            QueueDelivery delivery = (await queue.GetAsync(autoAck: false))!.Value;
            Assert.Equal(i, delivery.DeliveryCount);
            queue.Settle(delivery.DeliveryId, Settlement.Fail);
        }

        Assert.Null(await queue.GetAsync(autoAck: false));
        Assert.Equal(("a", DeadLetterReason.DeliveryLimit, 3), Assert.Single(host.DeadLetters));
    }

    [Fact]
    public async Task A_failed_message_waits_longer_each_time_up_to_the_greatest_delay()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments
        {
            QueueType = QueueType.Quorum,
            DelayedRetryType = "failed",
            DelayedRetryMin = TimeSpan.FromSeconds(10),
            DelayedRetryMax = TimeSpan.FromSeconds(15),
        });
        TestClient client = new();
        await queue.AddConsumerAsync(client.Consumer());
        await client.PublishAsync(queue, "a");

        int[] delaysInSeconds = [10, 15, 15];
        for (int i = 0; i < delaysInSeconds.Length; i++)
        {
            await client.WaitForAsync(i + 1);
            queue.Settle(client.Deliveries[i].DeliveryId, Settlement.Fail);
            // A request is done after the settlements before it; the counts alone may still be those from before the delivery.
            await queue.ApplySettingsAsync(queue.Settings);
            await client.Eventually(() => queue.Statistics is { UnackedMessages: 0, ReadyMessages: 1 });
            host.Time.Advance(TimeSpan.FromSeconds(delaysInSeconds[i]) - TimeSpan.FromMilliseconds(1));
            await queue.ApplySettingsAsync(queue.Settings);
            Assert.Equal(i + 1, client.Deliveries.Count);
            host.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await client.WaitForAsync(4);
        queue.Settle(client.Deliveries[3].DeliveryId, Settlement.Requeue);
        await client.WaitForAsync(5);
    }

    [Fact]
    public async Task A_consumer_that_holds_a_message_for_too_long_is_told_once()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(
            arguments: new QueueArguments { QueueType = QueueType.Quorum, ConsumerTimeout = TimeSpan.FromSeconds(30) });
        TestClient client = new();
        await queue.AddConsumerAsync(client.Consumer(prefetch: 2));
        await client.PublishAsync(queue, "a", "b");
        await client.WaitForAsync(2);

        host.Time.Advance(TimeSpan.FromSeconds(31));
        await client.Eventually(() => client.Timeouts.Count == 1);
        host.Time.Advance(TimeSpan.FromSeconds(31));
        await queue.ApplySettingsAsync(queue.Settings);

        Assert.Contains("Timeout value used: 30000 ms", Assert.Single(client.Timeouts), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_at_least_once_dead_letter_stays_until_it_has_arrived()
    {
        await using TestQueueHost host = new() { RefusesDeadLetters = true };
        Queue queue = await host.OpenAsync(arguments: new QueueArguments
        {
            QueueType = QueueType.Quorum,
            DeadLetterExchange = "dlx",
            DeadLetterStrategy = "at-least-once",
            Overflow = "reject-publish",
        });
        TestClient client = new();
        await client.PublishAsync(queue, "a");
        queue.Settle((await queue.GetAsync(autoAck: false))!.Value.DeliveryId, Settlement.Reject);
        await client.Eventually(() => host.DeadLetters.Count == 1);
        await client.Eventually(() => queue.Statistics.DeadLettering == 1);
        Assert.Null(await queue.GetAsync(autoAck: false));

        host.RefusesDeadLetters = false;
        host.Time.Advance(host.Host.Limits.DeadLetterRetry);

        await client.Eventually(() => queue.Statistics.DeadLettering == 0);
        Assert.Equal(2, host.DeadLetters.Count);
    }
}
