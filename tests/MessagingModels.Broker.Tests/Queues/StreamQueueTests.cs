using MessagingModels.Broker.Queues;

namespace MessagingModels.Broker.Tests.Queues;

public class StreamQueueTests
{
    private static readonly QueueArguments s_stream = new() { QueueType = QueueType.Stream };

    [Fact]
    public async Task Every_consumer_reads_the_whole_stream_from_where_it_likes()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: s_stream);
        TestClient publisher = new();
        await publisher.PublishAsync(queue, "0", "1", "2");
        host.Time.Advance(TimeSpan.FromSeconds(10));
        DateTimeOffset between = host.Time.GetUtcNow();
        await publisher.PublishAsync(queue, "3");
        await publisher.PublishAsync(queue, "4");

        Assert.Equal(["0", "1", "2", "3", "4"], await ReadAsync(queue, StreamOffset.First, 5));
        Assert.Equal(["2", "3", "4"], await ReadAsync(queue, StreamOffset.At(new Offset(2)), 3));
        Assert.Equal(["4"], await ReadAsync(queue, StreamOffset.Last, 1));
        Assert.Equal(["3", "4"], await ReadAsync(queue, StreamOffset.From(between), 2));
        TestClient next = new();
        await queue.AddConsumerAsync(Reader(next, null));
        await publisher.PublishAsync(queue, "5");
        await next.WaitForAsync(1);
        Assert.Equal(["5"], next.Bodies);
        Assert.Equal(5, next.Deliveries[0].StreamOffset);
    }

    [Fact]
    public async Task Acknowledgements_are_but_credit()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: s_stream);
        TestClient client = new();
        await client.PublishAsync(queue, "0", "1", "2");
        await queue.AddConsumerAsync(Reader(client, StreamOffset.First, prefetch: 2));
        await client.WaitForAsync(2);
        Assert.Equal(2, client.Deliveries.Count);

        queue.Settle(client.Deliveries[1].DeliveryId, Settlement.Reject);

        await client.WaitForAsync(3);
        Assert.Equal(["0", "1", "2"], client.Bodies);
        Assert.Equal(3, queue.Statistics.ReadyMessages);
    }

    [Fact]
    public async Task A_stream_refuses_what_streams_have_not()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: s_stream);
        TestClient client = new();

        Assert.Equal(ReplyCode.NotImplemented, (await Assert.ThrowsAsync<ChannelException>(async () => await queue.GetAsync(true))).ReplyCode);
        Assert.Equal(ReplyCode.NotImplemented, (await Assert.ThrowsAsync<ChannelException>(async () => await queue.PurgeAsync())).ReplyCode);
        Assert.Equal(
            "PRECONDITION_FAILED - consumer prefetch count is not set for stream queue 'q' in vhost '/'",
            (await Assert.ThrowsAsync<ChannelException>(async () => await queue.AddConsumerAsync(client.Consumer()))).Message);
    }

    [Fact]
    public async Task Retention_by_size_takes_the_oldest_segments()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments
        {
            QueueType = QueueType.Stream,
            MaxLengthBytes = 3 * 1024 * 1024,
            StreamMaxSegmentSizeBytes = 1024 * 1024,
        });
        TestClient client = new();
        string body = new('x', 100_000);
        for (int i = 0; i < 10; i++)
            await client.PublishAsync(queue, Enumerable.Repeat(body, 10));

        await client.Eventually(() => queue.Statistics.ReadyBytes < 5 * 1024 * 1024);
        await client.Eventually(() => queue.Statistics.ReadyMessages is > 20 and < 50);
        await queue.AddConsumerAsync(Reader(client, StreamOffset.At(new Offset(0)), prefetch: 1));
        Assert.True((await client.WaitForAsync(1))[0].StreamOffset > 0);
    }

    [Fact]
    public async Task Retention_by_age_takes_what_is_old()
    {
        await using TestQueueHost host = new();
        Queue queue = await host.OpenAsync(arguments: new QueueArguments { QueueType = QueueType.Stream, MaxAge = "1h" });
        TestClient client = new();
        await client.PublishAsync(queue, "old");
        host.Time.Advance(TimeSpan.FromHours(2));
        await client.PublishAsync(queue, "new");

        host.Time.Advance(TimeSpan.FromMinutes(2));

        await client.Eventually(() => queue.Statistics.ReadyMessages == 1);
        Assert.Equal(["new"], await ReadAsync(queue, StreamOffset.First, 1));
    }

    [Fact]
    public async Task A_stream_is_there_after_a_restart()
    {
        Storage.Files.MemoryFileSystem files = new();
        await using (TestQueueHost host = new(files))
            await new TestClient().PublishAsync(await host.OpenAsync(arguments: s_stream), "0", "1");

        await using TestQueueHost again = new(files);
        Assert.Equal(["0", "1"], await ReadAsync(await again.OpenAsync(arguments: s_stream), StreamOffset.First, 2));
    }

    private static QueueConsumer Reader(TestClient client, StreamOffset? start, ushort prefetch = 100) =>
        new() { Tag = "reader", Sink = client, Prefetch = prefetch, StreamOffset = start };

    private static async Task<IReadOnlyList<string>> ReadAsync(Queue queue, StreamOffset start, int count)
    {
        TestClient client = new();
        QueueConsumer reader = Reader(client, start);
        await queue.AddConsumerAsync(reader);
        await client.WaitForAsync(count);
        await queue.RemoveConsumerAsync(reader);
        return client.Bodies;
    }
}
