using System.Globalization;
using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Fault.Tests;

public sealed class LogKillTests
{
    private readonly Dictionary<(int Partition, long Offset), string> _acknowledged = [];
    private readonly Dictionary<int, long> _committed = [];

    [Theory(Timeout = 3_600_000)]
    [InlineData(Durability.PageCache, 20)]
    [InlineData(Durability.Fsync, 8)]
    public async Task What_a_killed_log_acknowledged_is_there_in_order_at_its_offset(Durability durability, int defaultRounds)
    {
        using TemporaryDirectory directory = new();
        Rounds rounds = new(defaultRounds);
        for (int round = 0; round < rounds.Count; round++)
        {
            Remember(await KilledChild.RunAsync("log", directory.Path, durability.ToString(), round, rounds.NextLoad(), round == rounds.Count - 1 ? "committed" : null, TestContext.Current.CancellationToken));

            // In every other round the next child recovers what this one left, without a clean close in between.
            if (round % 2 == 0 || round == rounds.Count - 1)
                await VerifyAsync(directory.Path, durability, rounds.Describe(round));
        }

        Assert.NotEmpty(_acknowledged);
        Assert.NotEmpty(_committed);
    }

    private void Remember(IReadOnlyList<string> lines)
    {
        foreach (string[] parts in lines.Select(line => line.Split(' ')))
        {
            int partition = int.Parse(parts[1], CultureInfo.InvariantCulture);
            long offset = long.Parse(parts[2], CultureInfo.InvariantCulture);
            if (parts[0] == "committed")
                _committed[partition] = offset;
            else
                Assert.True(_acknowledged.TryAdd((partition, offset), parts[3]), $"Offset {offset} of partition {partition} was given twice.");
        }
    }

    private async Task VerifyAsync(string directory, Durability durability, string round)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(new() { DataDirectory = directory, Durability = durability });
        if (!(await broker.Log.ListTopicsAsync()).Contains("load"))
        {
            Assert.Empty(_acknowledged);
            return;
        }

        Dictionary<(int, long), string> stored = [];
        for (int partition = 0; partition < 3; partition++)
            await ReadAllAsync(broker, partition, stored, round);
        foreach (((int Partition, long Offset) at, string id) in _acknowledged)
            Assert.True(stored.TryGetValue(at, out string? found) && found == id, $"{round}: {at} should hold {id} but holds {found ?? "nothing"}.");
        await VerifyCommitsAsync(broker, round);
    }

    private static async Task ReadAllAsync(EmbeddedBroker broker, int partition, Dictionary<(int, long), string> stored, string round)
    {
        TopicPartition source = new("load", partition);
        PartitionOffsets range = await broker.Log.GetOffsetsAsync(source);
        await using ILogConsumer consumer = broker.Log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest });
        await consumer.AssignAsync([source]);
        await consumer.SeekToBeginningAsync([source]);
        Dictionary<string, long> last = [];
        while (consumer.Position(source) < range.HighWatermark)
        {
            foreach (LogRecord record in await consumer.PollAsync(TimeSpan.FromSeconds(10), maxRecords: 10_000))
            {
                string id = record.ValueText!.TrimEnd('.');
                stored.Add((partition, record.Offset.Value), id);
                string producer = id[..id.IndexOf(':', StringComparison.Ordinal)];
                long number = long.Parse(id[(producer.Length + 1)..], CultureInfo.InvariantCulture);
                Assert.True(number > last.GetValueOrDefault(producer, -1), $"{round}: {id} came after {last.GetValueOrDefault(producer)} in partition {partition}.");
                last[producer] = number;
            }
        }
    }

    private async Task VerifyCommitsAsync(EmbeddedBroker broker, string round)
    {
        if (_committed.Count == 0)
            return;
        GroupDescription group = await broker.Log.DescribeGroupAsync("readers");
        foreach ((int partition, long offset) in _committed)
        {
            long? found = group.Offsets.FirstOrDefault(o => o.Partition.Partition == partition)?.Committed.Value;
            Assert.True(found >= offset, $"{round}: the commit of {offset} in partition {partition} is gone; found {found}.");
        }
    }
}
