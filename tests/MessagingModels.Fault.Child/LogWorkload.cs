using System.Globalization;
using MessagingModels.Broker;

namespace MessagingModels.Fault.Child;

/// <summary>Two producers write numbered records to three partitions with many in flight; a group commits what it reads.</summary>
internal static class LogWorkload
{
    private const string Topic = "load";
    private const int Partitions = 3;
    private const int InFlight = 64;

    public static async Task RunAsync(EmbeddedBroker broker, AcknowledgedLines lines, string round)
    {
        if (!(await broker.Log.ListTopicsAsync()).Contains(Topic))
        {
            await broker.Log.CreateTopicAsync(new TopicSpecification(Topic, Partitions)
            {
                Configuration = new Dictionary<string, string> { [TopicConfiguration.SegmentBytes] = "65536" },
            });
        }

        await Task.WhenAll(ProduceAsync(broker, lines, $"a{round}"), ProduceAsync(broker, lines, $"b{round}"), ConsumeAsync(broker, lines));
    }

    private static async Task ProduceAsync(EmbeddedBroker broker, AcknowledgedLines lines, string name)
    {
        await using ILogProducer producer = broker.Log.CreateProducer(new ProducerOptions { ClientId = name });
        Queue<(string Id, Task<RecordPosition> Position)> outstanding = new();
        for (long n = 0; ; n++)
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"{name}:{n}");
            ProducerRecord record = new(Topic, null, id + new string('.', (int)(n % 200))) { Partition = (int)(n % Partitions) };
            outstanding.Enqueue((id, producer.ProduceAsync(record).AsTask()));
            if (outstanding.Count < InFlight)
                continue;
            (string oldest, Task<RecordPosition> pending) = outstanding.Dequeue();
            RecordPosition position = await pending;
            lines.Write(string.Create(CultureInfo.InvariantCulture, $"record {position.Partition} {position.Offset} {oldest}"));
        }
    }

    private static async Task ConsumeAsync(EmbeddedBroker broker, AcknowledgedLines lines)
    {
        await using ILogConsumer consumer = await broker.Log.JoinGroupAsync("readers", Topic);
        while (true)
        {
            IReadOnlyList<LogRecord> records = await consumer.PollAsync(TimeSpan.FromSeconds(1), maxRecords: 100);
            await consumer.CommitAsync();
            foreach (TopicPartition partition in records.Select(r => r.TopicPartition).Distinct())
                lines.Write(string.Create(CultureInfo.InvariantCulture, $"committed {partition.Partition} {consumer.Position(partition)}"));
        }
    }
}
