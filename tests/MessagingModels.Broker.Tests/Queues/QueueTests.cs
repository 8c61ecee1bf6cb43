using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Tests.Queues;

public class QueueTests
{
    [Fact]
    public async Task Messages_arrive_in_the_order_they_were_published()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient client = new();
        await queue.AddConsumerAsync(client.Consumer());

        await client.PublishAsync(queue, Enumerable.Range(0, 5000).Select(i => $"{i}"));
        await client.WaitForAsync(5000);

        Assert.Equal(Enumerable.Range(0, 5000).Select(i => $"{i}"), client.Bodies);
    }

    [Fact]
    public async Task A_message_keeps_its_exchange_key_properties_and_times()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient client = new();

        await client.PublishAsync(queue, [TestClient.NewMessage("b", priority: 7, expirationMs: 60_000) with { Exchange = "ex", RoutingKey = "ключ", Properties = new byte[] { 1, 2, 3 } }]);
        QueueDelivery delivery = (await queue.GetAsync(autoAck: true))!.Value;

        Assert.Equal("ex", delivery.Message.Exchange);
        Assert.Equal("ключ", delivery.Message.RoutingKey);
        Assert.Equal(new byte[] { 1, 2, 3 }, delivery.Message.Properties.ToArray());
        Assert.Equal(7, delivery.Message.Priority);
        Assert.Equal(60_000, delivery.Message.ExpirationMs);
        Assert.True(delivery.Message.Persistent);
        Assert.Equal(host.Time.GetUtcNow().ToUnixTimeMilliseconds(), delivery.Message.PublishedAtMs);
    }

    [Fact]
    public async Task Prefetch_bounds_what_a_consumer_holds()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient client = new();
        await queue.AddConsumerAsync(client.Consumer(prefetch: 2));
        await client.PublishAsync(queue, "a", "b", "c");

        await client.WaitForAsync(2);
        await queue.PurgeAsync();
        await client.PublishAsync(queue, "d");
        Assert.Equal(["a", "b"], client.Bodies);

        queue.Settle(client.Deliveries[0].DeliveryId, Settlement.Ack);
        await client.WaitForAsync(3);
        Assert.Equal("d", client.Bodies[2]);
    }

    [Fact]
    public async Task A_returned_message_comes_back_at_its_old_place_and_counted()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient client = new();
        await client.PublishAsync(queue, "a", "b", "c");
        QueueDelivery a = (await queue.GetAsync(autoAck: false))!.Value;
        QueueDelivery b = (await queue.GetAsync(autoAck: false))!.Value;

        queue.Settle([b.DeliveryId, a.DeliveryId], Settlement.Requeue);
        List<QueueDelivery> again = [];
        while (await queue.GetAsync(autoAck: true) is { } delivery)
            again.Add(delivery);

        Assert.Equal(["a", "b", "c"], again.Select(TestClient.Text));
        Assert.Equal([true, true, false], again.Select(d => d.Redelivered));
        Assert.Equal([1, 1, 0], again.Select(d => d.DeliveryCount));
    }

    [Fact]
    public async Task A_delivery_settled_twice_is_passed_over()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient client = new();
        await client.PublishAsync(queue, "a", "b");
        QueueDelivery a = (await queue.GetAsync(autoAck: false))!.Value;
        queue.Settle(a.DeliveryId, Settlement.Ack);
        QueueDelivery b = (await queue.GetAsync(autoAck: false))!.Value;

        queue.Settle(a.DeliveryId, Settlement.Requeue);

        Assert.Null(await queue.GetAsync(autoAck: false));
        Assert.Equal("b", TestClient.Text(b));
        Assert.Equal(1, queue.Statistics.UnackedMessages);
    }

    [Fact]
    public async Task Consumers_take_turns_and_higher_priority_goes_first()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient low = new(), high1 = new(), high2 = new();
        await queue.AddConsumerAsync(low.Consumer("low"));
        await queue.AddConsumerAsync(high1.Consumer("high1", prefetch: 2, priority: 5));
        await queue.AddConsumerAsync(high2.Consumer("high2", prefetch: 2, priority: 5));

        await low.PublishAsync(queue, "1", "2", "3", "4", "5", "6");
        await low.WaitForAsync(2);

        Assert.Equal(["1", "3"], high1.Bodies);
        Assert.Equal(["2", "4"], high2.Bodies);
        Assert.Equal(["5", "6"], low.Bodies);
    }

    [Fact]
    public async Task Only_the_active_one_of_single_active_consumers_is_served()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { SingleActiveConsumer = true });
        TestClient first = new(), second = new();
        QueueConsumer active = first.Consumer("first");
        await queue.AddConsumerAsync(active);
        await queue.AddConsumerAsync(second.Consumer("second"));

        await first.PublishAsync(queue, "a", "b");
        await first.WaitForAsync(2);
        Assert.Empty(second.Bodies);

        await queue.RemoveConsumerAsync(active);
        await first.PublishAsync(queue, "c");
        await second.WaitForAsync(1);
        Assert.Equal(["c"], second.Bodies);
    }

    [Fact]
    public async Task An_exclusive_consumer_is_alone()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient client = new();
        await queue.AddConsumerAsync(client.Consumer("one", exclusive: true));

        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(async () => await queue.AddConsumerAsync(client.Consumer("two")));

        Assert.Equal(ReplyCode.AccessRefused, refused.ReplyCode);
        Assert.Equal("ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use", refused.Message);
    }

    [Fact]
    public async Task A_sink_without_room_is_served_again_when_it_has_some()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient client = new() { Room = 1 };
        QueueConsumer consumer = client.Consumer();
        await queue.AddConsumerAsync(consumer);
        await client.PublishAsync(queue, "a", "b");
        await client.WaitForAsync(1);
        await client.Eventually(() => queue.Statistics.ReadyMessages == 1);

        client.Room = 1;
        queue.OnCreditReturned(consumer);

        await client.WaitForAsync(2);
        Assert.Equal(["a", "b"], client.Bodies);
    }

    [Fact]
    public async Task Higher_message_priority_is_delivered_first()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { MaxPriority = 5 });
        TestClient client = new();
        await client.PublishAsync(queue, [
            TestClient.NewMessage("low1"), TestClient.NewMessage("high1", priority: 5), TestClient.NewMessage("middle", priority: 3),
            TestClient.NewMessage("high2", priority: 200), TestClient.NewMessage("low2")]);

        List<string> got = [];
        while (await queue.GetAsync(autoAck: true) is { } delivery)
            got.Add(TestClient.Text(delivery));

        Assert.Equal(["high1", "high2", "middle", "low1", "low2"], got);
    }

    [Fact]
    public async Task A_deleted_queue_cancels_its_consumers_and_refuses_the_rest()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync();
        TestClient client = new();
        await client.PublishAsync(queue, "a");
        await queue.AddConsumerAsync(client.Consumer(prefetch: 1));
        await client.WaitForAsync(1);
        await client.PublishAsync(queue, "b");

        Assert.Equal("PRECONDITION_FAILED - queue 'q' in vhost '/' in use",
            (await Assert.ThrowsAsync<ChannelException>(async () => await queue.DeleteAsync(ifUnused: true, ifEmpty: false))).Message);
        Assert.Equal("PRECONDITION_FAILED - queue 'q' in vhost '/' not empty",
            (await Assert.ThrowsAsync<ChannelException>(async () => await queue.DeleteAsync(ifUnused: false, ifEmpty: true))).Message);
        Assert.Equal(1, await queue.DeleteAsync(ifUnused: false, ifEmpty: false));

        Assert.Equal(["c"], client.Cancelled);
        Assert.Single(await client.PublishAsync(queue, "c"));
        Assert.Equal(ReplyCode.NotFound, (await Assert.ThrowsAsync<ChannelException>(async () => await queue.GetAsync(true))).ReplyCode);
        Assert.True(host.FileSystem.DirectoryExists("/data/queues/q"));
        queue.DeleteFiles();
        Assert.False(host.FileSystem.DirectoryExists("/data/queues/q"));
    }

    [Fact]
    public async Task An_auto_delete_queue_goes_with_its_last_consumer()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(durable: false, autoDelete: true);
        TestClient client = new();
        QueueConsumer one = client.Consumer("one"), two = client.Consumer("two");
        await queue.AddConsumerAsync(one);
        await queue.AddConsumerAsync(two);

        await queue.RemoveConsumerAsync(one);
        Assert.Empty(host.Ends);
        await queue.RemoveConsumerAsync(two);

        await client.Eventually(() => host.Ends.Count == 1);
        Assert.Equal([QueueEnd.AutoDeleted], host.Ends);
    }

    [Fact]
    public async Task An_unused_queue_expires_and_its_use_puts_that_off()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { Expires = TimeSpan.FromSeconds(10) });
        TestClient client = new();
        await client.PublishAsync(queue, "a");

        host.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(await queue.GetAsync(autoAck: true));
        host.Time.Advance(TimeSpan.FromSeconds(6));
        await queue.PurgeAsync();
        Assert.Empty(host.Ends);
        host.Time.Advance(TimeSpan.FromSeconds(6));

        await client.Eventually(() => host.Ends.Count == 1);
        Assert.Equal([QueueEnd.Expired], host.Ends);
    }

    [Fact]
    public async Task A_publisher_that_overruns_the_inbox_is_made_to_wait_and_then_refused()
    {
        await using TestQueueHost host = new(limits: new QueueLimits { InboxMessages = 4, RefusalFactor = 2 });
        Queue queue = await host.OpenAsync();
        using ManualResetEventSlim blocked = new(), go = new();
        queue.Post(new QueueNotice((_, _) =>
        {
            blocked.Set();
            Assert.True(go.Wait(TimeSpan.FromSeconds(20)));
        }));
        Assert.True(blocked.Wait(TimeSpan.FromSeconds(20)));
        TestClient client = new();

        for (ulong i = 0; i < 10; i++)
            queue.Publish(TestClient.NewMessage($"{i}"), client, i);
        ValueTask room = queue.WaitForRoomAsync(TestContext.Current.CancellationToken);
        Assert.False(room.IsCompleted);
        Assert.Equal([8UL, 9UL], client.Refused);

        go.Set();
        await room;
    }
}
