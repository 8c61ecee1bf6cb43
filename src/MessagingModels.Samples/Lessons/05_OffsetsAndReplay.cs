using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class OffsetsAndReplay() : Lesson(5, "offsets-and-replay", "A committed offset survives its consumer; any record can be read again.")
{
    private static readonly TopicPartition Partition = new("orders", 0);

    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Log.CreateTopicAsync("orders", cancellationToken: stopping);
        await using ILogProducer producer = broker.Log.CreateProducer();
        for (int i = 0; i < 5; i++)
            await producer.ProduceAsync(new ProducerRecord("orders", null, $"order {i}") { Timestamp = Noon.AddMinutes(i) }, stopping);
        output.WriteLine("Wrote orders 0 to 4, a minute apart.");

        await using (ILogConsumer consumer = await broker.Log.JoinGroupAsync("billing", "orders"))
        {
            await foreach (LogRecord record in consumer.ReadAsync(stopping).Take(2))
            {
                output.WriteLine($"billing read {record.ValueText} and committed it.");
                await consumer.CommitAsync(record, stopping);
            }
        }

        // Another consumer of the group goes on where the last commit was.
        await using (ILogConsumer consumer = await broker.Log.JoinGroupAsync("billing", "orders"))
        {
            TopicPartitionOffset? committed = await consumer.CommittedAsync(Partition, stopping);
            output.WriteLine($"After a restart the committed offset is {committed!.Value.Offset}, the lag {await consumer.LagAsync(Partition, stopping)}.");
            output.WriteLine($"billing reads on with {await NextAsync(consumer, stopping)}.");

            await consumer.SeekToBeginningAsync([Partition], stopping);
            output.WriteLine($"From the beginning: {await NextAsync(consumer, stopping)}.");
            await consumer.SeekAsync(Partition, new Offset(3), stopping);
            output.WriteLine($"From offset 3: {await NextAsync(consumer, stopping)}.");
            await consumer.SeekToTimestampAsync([Partition], Noon.AddMinutes(1), stopping);
            output.WriteLine($"From 12:01: {await NextAsync(consumer, stopping)}.");
        }

        // An operator can do the same to a group that has stopped.
        await broker.Log.ResetGroupOffsetsAsync("billing", [Partition], OffsetTarget.From(Noon.AddMinutes(4)), stopping);
        await using (ILogConsumer consumer = await broker.Log.JoinGroupAsync("billing", "orders"))
            output.WriteLine($"After its offsets were set to 12:04, billing reads {await NextAsync(consumer, stopping)}.");
    }

    private static async Task<string?> NextAsync(ILogConsumer consumer, CancellationToken stopping)
        => (await consumer.ReadAsync(stopping).FirstAsync(stopping)).ValueText;
}
