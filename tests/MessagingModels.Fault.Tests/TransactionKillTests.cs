using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Fault.Tests;

public sealed class TransactionKillTests
{
    private readonly HashSet<string> _committed = [];
    private readonly HashSet<string> _aborted = [];

    [Fact(Timeout = 3_600_000)]
    public async Task A_transaction_of_a_killed_broker_is_visible_everywhere_or_nowhere()
    {
        using TemporaryDirectory directory = new();
        Rounds rounds = new(8);
        for (int round = 0; round < rounds.Count; round++)
        {
            foreach (string[] parts in (await KilledChild.RunAsync(
                "transactions", directory.Path, nameof(Durability.PageCache), round, rounds.NextLoad(), round == rounds.Count - 1 ? "committed" : null, TestContext.Current.CancellationToken)).Select(line => line.Split(' ')))
            {
                (parts[0] == "committed" ? _committed : _aborted).Add(parts[1]);
            }

            if (round % 2 == 0 || round == rounds.Count - 1)
                await VerifyAsync(directory.Path, rounds.Describe(round));
        }

        Assert.NotEmpty(_committed);
    }

    private async Task VerifyAsync(string directory, string round)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(new() { DataDirectory = directory });
        if ((await broker.Log.ListTopicsAsync()).Count < 2)
        {
            Assert.Empty(_committed);
            return;
        }

        // Takes the transaction over: what the killed producer left open is aborted, and everything before it becomes stable.
        await using (ILogProducer successor = broker.Log.CreateProducer(new ProducerOptions { TransactionalId = "load" }))
            await successor.InitializeTransactionsAsync();

        List<string> first = await ReadCommittedAsync(broker, new TopicPartition("left", 0));
        List<string> second = await ReadCommittedAsync(broker, new TopicPartition("left", 1));
        List<string> third = await ReadCommittedAsync(broker, new TopicPartition("right", 0));
        Assert.Equal(first, second);
        Assert.Equal(first, third);
        Assert.Equal(first.Count, first.Distinct().Count());
        HashSet<string> visible = [.. first];
        Assert.True(_committed.IsSubsetOf(visible), $"{round}: a committed transaction is gone: {_committed.Except(visible).FirstOrDefault()}.");
        Assert.False(_aborted.Overlaps(visible), $"{round}: an aborted transaction is visible: {_aborted.Intersect(visible).FirstOrDefault()}.");
    }

    private static async Task<List<string>> ReadCommittedAsync(EmbeddedBroker broker, TopicPartition partition)
    {
        await using ILogConsumer consumer = broker.Log.CreateConsumer(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await consumer.AssignAsync([partition]);
        await consumer.SeekToBeginningAsync([partition]);
        PartitionOffsets range = await broker.Log.GetOffsetsAsync(partition);
        Assert.Equal(range.HighWatermark, range.LastStable);
        List<string> ids = [];
        while (consumer.Position(partition) < range.LastStable)
        {
            foreach (LogRecord record in await consumer.PollAsync(TimeSpan.FromSeconds(1), maxRecords: 10_000))
                ids.Add(record.ValueText!);
        }

        return ids;
    }
}
