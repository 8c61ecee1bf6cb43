using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class HelloLog() : Lesson(1, "hello-log", "Write a record to a topic and read it back, twice.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        // A broker in this process, in memory. No server, no container, no set-up.
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);

        await broker.Log.CreateTopicAsync("foo", cancellationToken: stopping);
        output.WriteLine("Created the topic foo.");

        await using ILogProducer producer = broker.Log.CreateProducer();
        RecordPosition at = await producer.ProduceAsync("foo", key: "key", value: "value", stopping);
        output.WriteLine($"Wrote key=value to {at.TopicPartition} at offset {at.Offset}.");

        // A group starts at the first record where it has committed nothing yet.
        await using (ILogConsumer first = await broker.Log.JoinGroupAsync("first", "foo"))
        {
            LogRecord record = await first.ReadAsync(stopping).FirstAsync(stopping);
            output.WriteLine($"The group 'first' read {record.KeyText}={record.ValueText} at offset {record.Offset}.");
            await first.CommitAsync(record, stopping);
        }

        // Reading takes nothing away: another group reads the same record.
        await using (ILogConsumer second = await broker.Log.JoinGroupAsync("second", "foo"))
        {
            LogRecord record = await second.ReadAsync(stopping).FirstAsync(stopping);
            output.WriteLine($"The group 'second' read {record.KeyText}={record.ValueText} at offset {record.Offset}.");
        }
    }
}
