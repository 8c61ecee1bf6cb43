using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Benchmarks;

/// <summary>Publisher and consumer at the same time, through the public API: messages of 100 B on one queue, or records of 100 B in one partition.</summary>
internal static class PipelineMode
{
    private const int Messages = 1_000_000;
    private const int BodyBytes = 100;
    private const int Warmups = 2;
    private const int Repetitions = 5;

    private static readonly byte[] s_body = new byte[BodyBytes];

    public static async Task MeasureQueueAsync()
    {
        await MeasureBaselinesAsync();
        foreach (Durability durability in (Durability[])[Durability.Memory, Durability.PageCache])
        {
            using BenchmarkDirectory directory = new();
            await using EmbeddedBroker broker = await directory.StartBrokerAsync(durability);
            await broker.Exchanges.DeclareQueueAsync("q");
            await Repeats.MeasureAsync($"queue: publish, deliver, acknowledge, {durability}", Messages, Warmups, Repetitions, () => RunQueueAsync(broker, "q", Messages));
        }
    }

    public static async Task MeasureLogAsync()
    {
        await MeasureBaselinesAsync();
        foreach (Durability durability in (Durability[])[Durability.Memory, Durability.PageCache])
        {
            using BenchmarkDirectory directory = new();
            await using EmbeddedBroker broker = await directory.StartBrokerAsync(durability);
            await broker.Log.CreateTopicAsync("t");
            await Repeats.MeasureAsync($"log: produce, {durability}", Messages, Warmups, Repetitions, () => ProduceAsync(broker));
            await Repeats.MeasureAsync($"log: consume, {durability}", Messages, Warmups, Repetitions, () => ConsumeAsync(broker));
        }
    }

    /// <summary>Publishes to a queue and takes as many messages from it at the same time.</summary>
    public static async Task RunQueueAsync(EmbeddedBroker broker, string queue, int messages)
    {
        await using IQueueConsumer consumer = await broker.Exchanges.ConsumeAsync(queue, new QueueConsumerOptions { Prefetch = 2000 });
        Task consuming = Task.Run(async () =>
        {
            int left = messages;
            await foreach (Delivery delivery in consumer.ReadAsync())
            {
                await delivery.AckAsync();
                if (--left == 0)
                    return;
            }
        });
        await PublishAsync(broker, queue, messages);
        await consuming;
    }

    /// <summary>Publishes persistent messages and waits until all are confirmed.</summary>
    public static async Task PublishAsync(EmbeddedBroker broker, string queue, int messages)
    {
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync();
        for (int i = 0; i < messages; i++)
            await channel.EnqueueAsync("", queue, s_body, MessageProperties.PersistentOnly);
        await channel.FlushAsync();
    }

    private static async Task MeasureBaselinesAsync()
    {
        using BenchmarkDirectory directory = new();
        string path = Path.Combine(directory.Path, "raw");
        RawBytes raw = new();
        await Repeats.MeasureAsync("raw: the same bodies to a file, 16 KiB a write", Messages, 1, Repetitions, () => Run(() => raw.Write(path, (long)Messages * BodyBytes)));
        await Repeats.MeasureAsync("raw: the same bodies copied in memory", Messages, 1, Repetitions, () => Run(() => raw.Copy((long)Messages * BodyBytes)));

        static Task Run(Action action)
        {
            action();
            return Task.CompletedTask;
        }
    }

    private static async Task ProduceAsync(EmbeddedBroker broker)
    {
        await using ILogProducer producer = broker.Log.CreateProducer();
        for (int i = 0; i < Messages; i++)
            await producer.EnqueueAsync(new ProducerRecord("t", null, s_body));
        await producer.FlushAsync();
    }

    private static async Task ConsumeAsync(EmbeddedBroker broker)
    {
        await using ILogConsumer consumer = broker.Log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await consumer.AssignAsync([new TopicPartition("t", 0)]);
        int left = Messages;
        await foreach (LogRecord record in consumer.ReadAsync())
        {
            if (--left == 0)
                return;
        }
    }
}
