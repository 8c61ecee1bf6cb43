using MessagingModels.Broker;

namespace MessagingModels.Samples.Lessons;

internal sealed class ConsumerGroups() : Lesson(3, "consumer-groups", "Members of a group share the partitions; every group reads everything.")
{
    public override async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(cancellationToken: stopping);
        await broker.Log.CreateTopicAsync("orders", partitions: 2, stopping);

        await using ILogConsumer billing1 = await broker.Log.JoinGroupAsync("billing", "orders");
        await using ILogConsumer billing2 = await JoinBesideAsync(broker.Log, billing1, stopping);
        await using ILogConsumer audit = await broker.Log.JoinGroupAsync("audit", "orders");
        output.WriteLine($"billing, member 1: {Names(billing1.Assignment)}");
        output.WriteLine($"billing, member 2: {Names(billing2.Assignment)}");
        output.WriteLine($"audit, only member: {Names(audit.Assignment)}");

        await using ILogProducer producer = broker.Log.CreateProducer();
        for (int i = 0; i < 4; i++)
            await producer.ProduceAsync(new ProducerRecord("orders", null, $"order {i}") { Partition = i % 2 }, stopping);
        output.WriteLine("Wrote orders 0 to 3, two to each partition.");

        output.WriteLine($"billing, member 1 read: {await ReadAsync(billing1, 2, stopping)}");
        output.WriteLine($"billing, member 2 read: {await ReadAsync(billing2, 2, stopping)}");
        output.WriteLine($"audit read: {await ReadAsync(audit, 4, stopping)}");

        await billing1.CommitAsync(stopping);
        await billing2.CommitAsync(stopping);
        foreach (string group in new[] { "audit", "billing" })
        {
            GroupDescription description = await broker.Log.DescribeGroupAsync(group, stopping);
            output.WriteLine($"{group}: {description.Members.Count} members, {description.Offsets.Count} committed offsets.");
        }
    }

    /// <summary>Adds a member to billing. The member that is there already takes part in the rebalance while it reads.</summary>
    private static async Task<ILogConsumer> JoinBesideAsync(ILogBroker log, ILogConsumer member, CancellationToken stopping)
    {
        Task<ILogConsumer> joining = log.JoinGroupAsync("billing", "orders").AsTask();
        while (!joining.IsCompleted || member.Assignment.Count != 1)
            await member.PollAsync(TimeSpan.FromMilliseconds(10), cancellationToken: stopping);
        return await joining;
    }

    private static async Task<string> ReadAsync(ILogConsumer consumer, int count, CancellationToken stopping)
    {
        List<string?> values = await consumer.ReadAsync(stopping).Take(count).Select(record => record.ValueText).ToListAsync(stopping);
        return string.Join(", ", values.Order(StringComparer.Ordinal));
    }

    private static string Names(IEnumerable<TopicPartition> partitions)
        => string.Join(", ", partitions.Select(partition => partition.ToString()).Order(StringComparer.Ordinal));
}
