using MessagingModels.Storage;

namespace MessagingModels.Broker.Tests.Embedded;

/// <summary>
/// What a message costs all threads together, from the client's call to the file and back: a copy of its bytes for the reader that follows
/// closely, and no object of its own.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class ProcessAllocationTests : IDisposable
{
    private const int Messages = 50_000;
    private const int Slice = 1000;
    private const int Rounds = 10;
    private const int BodyBytes = 100;

    /// <summary>A stored message of <see cref="BodyBytes"/>, which the readers of a queue get a copy of.</summary>
    private const int RecordBytes = 136;

    /// <summary>The smallest object. What a batch costs is shared by its records, which are fewer to a batch on a busy machine.</summary>
    private const int Slack = 24;

    /// <summary>A reader that falls behind, as on a busy machine, gets some messages' bytes from the file as well; an object for each would cost more.</summary>
    private const int QueueSlack = 40;

    private readonly byte[] _body = new byte[BodyBytes];
    private readonly string _directory = Directory.CreateTempSubdirectory("mm-allocation-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_message_through_a_queue_costs_its_bytes_and_no_object()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await broker.Exchanges.DeclareQueueAsync("q");
        await using IExchangeChannel publisher = await broker.Exchanges.OpenChannelAsync();
        await using IQueueConsumer consumer = await broker.Exchanges.ConsumeAsync("q", new QueueConsumerOptions { Prefetch = 1000 });
        await using IAsyncEnumerator<Delivery> reader = consumer.ReadAsync().GetAsyncEnumerator();

        double least = await LeastAllocatedAsync(async () =>
        {
            // In slices, so that the reader follows closely; one that falls behind gets its bytes from the file as well.
            for (int slice = 0; slice < Messages / Slice; slice++)
            {
                for (int i = 0; i < Slice; i++)
                    await publisher.EnqueueAsync("", "q", _body, MessageProperties.PersistentOnly);
                await publisher.FlushAsync();
                for (int i = 0; i < Slice; i++)
                {
                    Assert.True(await reader.MoveNextAsync());
                    await reader.Current.AckAsync();
                }
            }
        });

        Assert.True(least < RecordBytes + QueueSlack, $"{least:F1} bytes were allocated for a message.");
    }

    [Fact]
    public async Task A_record_produced_costs_nothing()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await broker.Log.CreateTopicAsync("t");
        await using ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { BufferMemoryBytes = 512 * 1024 });

        double least = await LeastAllocatedAsync(async () =>
        {
            for (int i = 0; i < Messages; i++)
                await producer.EnqueueAsync(new ProducerRecord("t", null, _body));
            await producer.FlushAsync();
        });

        Assert.True(least < Slack, $"{least:F1} bytes were allocated for a record.");
    }

    [Fact]
    public async Task A_record_consumed_costs_its_bytes_and_no_object()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await broker.Log.CreateTopicAsync("t");
        await using ILogProducer producer = broker.Log.CreateProducer();
        for (int i = 0; i < Messages * (Rounds + 1); i++)
            await producer.EnqueueAsync(new ProducerRecord("t", null, _body));
        await producer.FlushAsync();
        await using ILogConsumer consumer = broker.Log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await consumer.AssignAsync([new TopicPartition("t", 0)]);
        await using IAsyncEnumerator<LogRecord> reader = consumer.ReadAsync().GetAsyncEnumerator();

        double least = await LeastAllocatedAsync(async () =>
        {
            for (int i = 0; i < Messages; i++)
                Assert.True(await reader.MoveNextAsync());
        });

        Assert.True(least < RecordBytes + Slack, $"{least:F1} bytes were allocated for a record.");
    }

    private Task<EmbeddedBroker> StartAsync()
        => EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { DataDirectory = _directory, Durability = Durability.PageCache });

    /// <summary>The least of some rounds, for a message, after one to warm up: a background thread's own allocations are not the message's.</summary>
    private static async Task<double> LeastAllocatedAsync(Func<Task> round)
    {
        double least = double.MaxValue;
        for (int i = 0; i <= Rounds; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await round();
            double allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Messages;
            if (i > 0)
                least = Math.Min(least, allocated);
        }

        return least;
    }
}
