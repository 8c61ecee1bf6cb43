using MessagingModels.Broker;
using MessagingModels.Storage;

namespace MessagingModels.Fault.Tests;

public sealed class QueueKillTests
{
    private readonly HashSet<string> _confirmed = [];
    private readonly HashSet<string> _settled = [];

    [Theory(Timeout = 3_600_000)]
    [InlineData(Durability.PageCache, 14)]
    [InlineData(Durability.Fsync, 6)]
    public async Task What_a_killed_queue_confirmed_is_there_unless_it_was_acknowledged(Durability durability, int defaultRounds)
    {
        using TemporaryDirectory directory = new();
        Rounds rounds = new(defaultRounds);
        for (int round = 0; round < rounds.Count; round++)
        {
            Remember(await KilledChild.RunAsync("queue", directory.Path, durability.ToString(), round, rounds.NextLoad(), round == rounds.Count - 1 ? "acking" : null, TestContext.Current.CancellationToken));
            if (round % 2 == 0 || round == rounds.Count - 1)
                await VerifyAsync(directory.Path, durability, rounds.Describe(round));
        }

        Assert.NotEmpty(_confirmed);
        Assert.NotEmpty(_settled);
    }

    private void Remember(IReadOnlyList<string> lines)
    {
        foreach (string[] parts in lines.Select(line => line.Split(' ')))
            (parts[0] == "acking" ? _settled : _confirmed).Add(parts[1]);
    }

    private async Task VerifyAsync(string directory, Durability durability, string round)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(new() { DataDirectory = directory, Durability = durability });
        HashSet<string> load = await ReadAllAsync(broker, "load");
        HashSet<string> copy = await ReadAllAsync(broker, "copy");
        foreach (string id in _confirmed)
        {
            Assert.True(load.Contains(id) || _settled.Contains(id), $"{round}: {id} was confirmed and never acknowledged, but is gone.");
            Assert.True(copy.Contains(id), $"{round}: {id} was confirmed but is gone from the queue that nobody consumes.");
        }
    }

    /// <summary>Reads without acknowledging, so that everything goes back when the channel closes.</summary>
    private static async Task<HashSet<string>> ReadAllAsync(EmbeddedBroker broker, string queue)
    {
        HashSet<string> ids = [];
        if ((await broker.Exchanges.ListQueuesAsync()).All(q => q.Declaration.Name != queue))
            return ids;
        long ready = (await broker.Exchanges.DescribeQueueAsync(queue)).ReadyMessages;
        await using IExchangeChannel channel = await broker.Exchanges.OpenChannelAsync();
        for (long n = 0; n < ready; n++)
        {
            Delivery? delivery = await channel.GetAsync(queue);
            Assert.True(delivery.HasValue, $"Queue {queue} says it has {ready} messages but gave {n}.");
            ids.Add(delivery.Value.Text.TrimEnd('.'));
        }

        return ids;
    }
}
