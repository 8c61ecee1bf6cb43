using MessagingModels.Broker.Queues;
using MessagingModels.Broker.Routing;

namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class ChannelAllocationTests
{
    private const int Messages = 2000;
    private const int Rounds = 10;

    [Fact]
    public async Task Routing_to_many_queues_allocates_nothing()
    {
        await using ExchangeHarness harness = await ExchangeHarness.OpenAsync();
        for (int i = 0; i < 20; i++)
        {
            await harness.Broker.DeclareQueueAsync($"q{i}");
            await harness.Broker.BindQueueAsync($"q{i}", "amq.topic", i % 2 == 0 ? "a.*" : "#.b");
        }

        MessageRouter router = new(harness.Host);
        Exchange exchange = harness.Host.FindExchange("amq.topic")!;
        Message message = new() { Exchange = "amq.topic", RoutingKey = "a.b", Body = new byte[100] };
        Assert.Equal(0, LeastAllocated(() => router.Route(exchange, message, null)));
        Assert.Equal(20, router.Destinations.Length);
    }

    [Fact]
    public async Task Publishing_allocates_nothing_on_the_callers_thread()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", 0);
        await harness.Broker.BindQueueAsync("q", "amq.topic", "a.#");
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync(new ChannelOptions { MaxUnconfirmed = 65_536 });
        byte[] body = new byte[100];
        MessageProperties properties = new() { ContentType = "text/plain" };
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            least = Math.Min(least, Publish());
            await channel.FlushAsync();
        }

        Assert.Equal(0, least);

        long Publish()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Messages; i++)
                Assert.True(IsDone(channel.EnqueueAsync("amq.topic", "a.b", body, properties)));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public async Task Reading_and_acknowledging_what_has_come_allocates_nothing()
    {
        const int Slice = 100;
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", Rounds * Slice);
        await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
        await using IQueueConsumer consumer = await channel.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 0 });
        await using IAsyncEnumerator<Delivery> reader = consumer.ReadAsync().GetAsyncEnumerator();
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Unacked(harness, "q") == Rounds * Slice);
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
            least = Math.Min(least, Read(reader));

        Assert.Equal(0, least);

        static long Read(IAsyncEnumerator<Delivery> reader)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Slice; i++)
            {
                Assert.True(IsDone(reader.MoveNextAsync()));
                Assert.True(IsDone(reader.Current.AckAsync()));
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static bool IsDone(ValueTask task) => task.IsCompletedSuccessfully;

    private static bool IsDone(ValueTask<bool> task) => task.IsCompletedSuccessfully;

    private static long LeastAllocated(Action action)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Messages; i++)
                action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
