using System.Collections.Concurrent;

namespace MessagingModels.Broker.Tests.Embedded.Exchanges;

public class ChannelChurnTests
{
    private const int Messages = 500;
    private const int Workers = 4;

    [Fact]
    public async Task Channels_that_come_and_go_lose_nothing_and_get_nothing_again_that_they_acknowledged()
    {
        await using ExchangeHarness harness = await ConsumingTests.OpenWithAsync("q", Messages);
        ConcurrentDictionary<string, bool> acknowledged = [];
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(harness, worker, acknowledged))))
            .WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(Messages, acknowledged.Count);
        await ExchangeHarness.UntilAsync(() => ConsumingTests.Ready(harness, "q") + ConsumingTests.Unacked(harness, "q") == 0);
    }

    /// <summary>Reads a few messages, acknowledges some of them in one of several ways, and closes the channel over the rest.</summary>
    private static async Task WorkAsync(ExchangeHarness harness, int seed, ConcurrentDictionary<string, bool> acknowledged)
    {
        Random random = new(seed);
        while (acknowledged.Count < Messages)
        {
            await using IExchangeChannel channel = await harness.Broker.OpenChannelAsync();
            await using IQueueConsumer consumer = await channel.ConsumeAsync(
                "q", new QueueConsumerOptions { Prefetch = (ushort)random.Next(0, 50) });
            using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(200));
            List<Delivery> deliveries = await ReadSomeAsync(consumer, random.Next(1, 40), patience.Token);
            foreach (Delivery delivery in deliveries)
                Assert.False(acknowledged.ContainsKey(delivery.Text), $"message {delivery.Text} came again after it was acknowledged");
            int settled = random.Next(0, deliveries.Count + 1);
            if (settled == 0)
                continue;
            foreach (Delivery delivery in deliveries[..settled])
                acknowledged[delivery.Text] = true;
            if (random.Next(2) == 0)
            {
                await deliveries[settled - 1].AckAsync(multiple: true);
                continue;
            }

            foreach (Delivery delivery in deliveries[..settled])
                await delivery.AckAsync();
        }
    }

    private static async Task<List<Delivery>> ReadSomeAsync(IQueueConsumer consumer, int count, CancellationToken cancellationToken)
    {
        List<Delivery> deliveries = [];
        try
        {
            await foreach (Delivery delivery in consumer.ReadAsync(cancellationToken))
            {
                deliveries.Add(delivery);
                if (deliveries.Count == count)
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // The queue had fewer for this consumer.
        }

        return deliveries;
    }
}
