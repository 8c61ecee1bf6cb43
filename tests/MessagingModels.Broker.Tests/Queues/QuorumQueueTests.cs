using MessagingModels.Broker.Queues;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Tests.Queues;

public class QuorumQueueTests
{
    [Fact]
    public async Task A_return_that_is_no_failure_does_not_count_towards_the_limit()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { QueueType = QueueType.Quorum, DeliveryLimit = 1 });
        TestClient client = new();
        await client.PublishAsync(queue, "a");

        Settlement[] settlements = [Settlement.Requeue, Settlement.Fail, Settlement.Requeue, Settlement.Requeue];
        int[] failures = [0, 0, 1, 1];
        for (int i = 0; i < settlements.Length; i++)
        {
            QueueDelivery delivery = (await queue.GetAsync(autoAck: false))!.Value;
            Assert.Equal((i, failures[i]), (delivery.DeliveryCount, delivery.Failures));
            queue.Settle(delivery.DeliveryId, settlements[i]);
        }

        queue.Settle((await queue.GetAsync(autoAck: false))!.Value.DeliveryId, Settlement.Fail);
        Assert.Null(await queue.GetAsync(autoAck: false));
    }

    [Fact]
    public async Task Both_counts_of_a_message_survive_a_restart()
    {
        MemoryFileSystem files = new();
        QueueArguments arguments = new() { QueueType = QueueType.Quorum };
        await using (TestQueueHost first = new(files))
        {
            Queue queue = await first.OpenAsync(arguments: arguments);
            await new TestClient().PublishAsync(queue, "a", "b");
            foreach (Settlement settlement in (Settlement[])[Settlement.Fail, Settlement.Requeue, Settlement.Fail])
                queue.Settle((await queue.GetAsync(autoAck: false))!.Value.DeliveryId, settlement);
        }

        await using TestQueueHost second = new(files);
        Queue reopened = await second.OpenAsync(arguments: arguments);
        QueueDelivery delivery = (await reopened.GetAsync(autoAck: false))!.Value;
        Assert.Equal(("a", 3, 2), (TestClient.Text(delivery), delivery.DeliveryCount, delivery.Failures));
        Assert.Equal(0, (await reopened.GetAsync(autoAck: false))!.Value.Failures);
    }

    [Fact]
    public async Task A_delay_without_a_greatest_does_not_grow()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments
        {
            QueueType = QueueType.Quorum,
            DelayedRetryType = "all",
            DelayedRetryMin = TimeSpan.FromSeconds(10),
        });
        TestClient client = new();
        await queue.AddConsumerAsync(client.Consumer());
        await client.PublishAsync(queue, "a");
        for (int delivered = 1; delivered <= 3; delivered++)
        {
            await client.WaitForAsync(delivered);
            queue.Settle(client.Deliveries[delivered - 1].DeliveryId, Settlement.Fail);

            // Comes behind the settlement in the queue's loop: the clock moves on after it.
            await queue.ApplySettingsAsync(queue.Settings);
            host.Time.Advance(TimeSpan.FromSeconds(10));
        }

        await client.WaitForAsync(4);
    }

    [Fact]
    public async Task The_single_active_consumer_yields_to_a_higher_priority_once_it_holds_nothing()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { QueueType = QueueType.Quorum, SingleActiveConsumer = true });
        TestClient low = new();
        TestClient high = new();
        await queue.AddConsumerAsync(low.Consumer("low"));
        await low.PublishAsync(queue, "a", "b");
        await low.WaitForAsync(2);
        await queue.AddConsumerAsync(high.Consumer("high", priority: 5));
        await low.PublishAsync(queue, "c");
        queue.Settle(low.Deliveries[0].DeliveryId, Settlement.Ack);
        await queue.ApplySettingsAsync(queue.Settings);
        Assert.Empty(high.Bodies);
        queue.Settle(low.Deliveries[1].DeliveryId, Settlement.Ack);
        await high.WaitForAsync(1);
        Assert.Equal((2, "c"), (low.Deliveries.Count, high.Bodies[0]));
    }

    [Fact]
    public async Task A_higher_priority_that_goes_before_its_turn_leaves_the_active_consumer_active()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { QueueType = QueueType.Quorum, SingleActiveConsumer = true });
        TestClient low = new();
        QueueConsumer high = new TestClient().Consumer("high", priority: 5);
        await queue.AddConsumerAsync(low.Consumer("low"));
        await low.PublishAsync(queue, "a");
        await low.WaitForAsync(1);
        await queue.AddConsumerAsync(high);
        await queue.RemoveConsumerAsync(high);
        await low.PublishAsync(queue, "b");
        await low.WaitForAsync(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_larger_than_a_segment_has_one_of_its_own(bool durable)
    {
        await using TestQueueHost host = new(limits: new QueueLimits { SegmentBytes = 64 * 1024 });
        Queue queue = await host.OpenAsync(durable: durable);
        TestClient client = new();
        string large = new('x', 2 * 1024 * 1024);
        Assert.Empty(await client.PublishAsync(queue, "before", large, "after"));
        await queue.AddConsumerAsync(client.Consumer());
        await client.WaitForAsync(3);
        Assert.Equal(["before", large, "after"], client.Bodies);
    }
}
