using System.Collections.Concurrent;

namespace MessagingModels.Broker.Tests.Embedded.Log;

public sealed class ProducerBatchingTests
{
    [Fact]
    public async Task Records_together_above_the_topics_limit_are_sent_in_batches_below_it()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await broker.Log.CreateTopicAsync(
            new TopicSpecification("orders") { Configuration = new Dictionary<string, string> { [TopicConfiguration.MaxMessageBytes] = "4000" } });
        await using ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(50) });
        ConcurrentQueue<LogException?> outcomes = [];
        for (int i = 0; i < 40; i++) await producer.EnqueueAsync(new ProducerRecord("orders", null, new string('x', 300)), report => outcomes.Enqueue(report.Error));
        await producer.FlushAsync();

        Assert.Equal(40, outcomes.Count);
        Assert.All(outcomes, Assert.Null);
    }

    [Fact]
    public async Task Transaction_that_nothing_was_added_to_leaves_no_trace()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await broker.Log.CreateTopicAsync("orders");
        await using ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { TransactionalId = "till" });
        await (await producer.BeginTransactionAsync()).CommitAsync();
        await (await producer.BeginTransactionAsync()).AbortAsync();

        Assert.Equal(0, (await broker.Log.GetOffsetsAsync(new TopicPartition("orders", 0))).HighWatermark.Value);
    }
}
