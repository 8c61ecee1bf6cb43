using System.Text;
using CsCheck;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>Exchanges that give each message to one of their destinations, by the hash of its key or at random: which one is the broker's affair.</summary>
public abstract class SpreadingExchangeContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private const int Cases = 15;

    private static readonly string[] s_queues = ["a", "b", "c", "d"];
    private static readonly Gen<string> s_word = Gen.Int[0, 3].Select(index => ((string[])["", "k", "key.of.words", "#"])[index]);
    private static readonly Gen<(int Queue, string Key)[]> s_bindings = Gen.Select(Gen.Int[0, 3], s_word).Array[1, 6];

    public static TheoryData<string> Types => [ExchangeType.ModulusHash, ExchangeType.Random];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Every_generated_message_goes_to_one_queue_that_is_bound(string type)
    {
        await DeclareQueuesAsync(type);
        int exchanges = 0;
        await Gen.Select(s_bindings, Gen.Select(s_word, Gen.Int[0, 20]).Array[1, 30]).SampleAsync(
            async (bindings, messages) =>
            {
                string exchange = $"x{++exchanges}";
                await Broker.DeclareExchangeAsync(exchange, type);
                foreach ((int queue, string key) in bindings)
                    await Broker.BindQueueAsync(s_queues[queue], exchange, key);
                string[] keys = [.. messages.Select(message => $"{message.Item1}{message.Item2}")];
                await PublishAllAsync(exchange, keys);
                Dictionary<string, string[]> arrived = await TakeAllAsync();
                Assert.Equal(keys.Order(StringComparer.Ordinal), arrived.Values.SelectMany(texts => texts).Order(StringComparer.Ordinal));
                Assert.All(arrived, queue => Assert.True(queue.Value.Length == 0 || bindings.Any(bound => s_queues[bound.Queue] == queue.Key)));
                if (type == ExchangeType.ModulusHash)
                    Assert.All(keys.Distinct(), key => Assert.Single(arrived.Values, texts => texts.Contains(key)));
                await Broker.DeleteExchangeAsync(exchange);
            },
            iter: Cases, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Of_many_messages_every_destination_gets_some(string type)
    {
        await DeclareQueuesAsync(type);
        await DeclareExchangeAsync(type);
        await PublishAllAsync("x", [.. Enumerable.Range(0, 400).Select(i => $"key-{i}")]);
        Assert.All((await TakeAllAsync()).Values, texts => Assert.InRange(texts.Length, 40, 200));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_message_of_an_exchange_without_bindings_has_nowhere_to_go(string type)
    {
        NeedsType(type);
        await Broker.DeclareExchangeAsync("x", type);
        IExchangeChannel channel = await OpenAsync();
        Assert.Equal(PublishOutcome.Returned, await channel.PublishAsync("x", "k", "m", mandatory: true));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task What_a_queue_got_goes_to_the_others_once_it_is_unbound(string type)
    {
        await DeclareQueuesAsync(type);
        await DeclareExchangeAsync(type);
        foreach (string queue in (string[])["a", "b", "c"])
            await Broker.UnbindAsync(new Binding("x", BindingTarget.Queue, queue, "any"));
        await PublishAllAsync("x", [.. Enumerable.Range(0, 50).Select(i => $"key-{i}")]);
        Assert.Equal([0, 0, 0, 50], (await TakeAllAsync()).Values.Select(texts => texts.Length));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_destination_may_be_an_exchange(string type)
    {
        await DeclareQueuesAsync(type);
        await Broker.DeclareExchangeAsync("x", type);
        await Broker.BindExchangeAsync("amq.fanout", "x", "any");
        await Broker.BindQueueAsync("a", "amq.fanout");
        await Broker.BindQueueAsync("b", "amq.fanout");
        await PublishAllAsync("x", "1", "2");
        Dictionary<string, string[]> arrived = await TakeAllAsync();
        Assert.Equal(["1", "2"], arrived["a"]);
        Assert.Equal(["1", "2"], arrived["b"]);
    }

    private void NeedsType(string type)
        => Needs(type == ExchangeType.ModulusHash ? ExchangeFeature.ModulusHashExchanges : ExchangeFeature.RandomExchanges);

    private async Task DeclareQueuesAsync(string type)
    {
        NeedsType(type);
        foreach (string queue in s_queues)
            await Broker.DeclareQueueAsync(queue);
    }

    private async Task DeclareExchangeAsync(string type)
    {
        await Broker.DeclareExchangeAsync("x", type);
        foreach (string queue in s_queues)
            await Broker.BindQueueAsync(queue, "x", "any");
    }

    /// <summary>Publishes a message for each key, with the key as its text.</summary>
    private async Task PublishAllAsync(string exchange, params string[] keys)
    {
        await using IExchangeChannel channel = await OpenAsync();
        foreach (string key in keys)
            await channel.EnqueueAsync(exchange, key, Encoding.UTF8.GetBytes(key));
        await channel.FlushAsync();
    }

    private async Task<Dictionary<string, string[]>> TakeAllAsync()
    {
        Dictionary<string, string[]> arrived = [];
        foreach (string queue in s_queues)
            arrived[queue] = [.. await DrainAsync(queue)];
        return arrived;
    }
}

public sealed class SpreadingExchange_on_native(NativeExchanges provider) : SpreadingExchangeContract(provider);

public sealed class SpreadingExchange_on_native_disk(NativeExchangesOnDisk provider) : SpreadingExchangeContract(provider);

public sealed class SpreadingExchange_on_rabbitmq(RabbitMqExchanges provider) : SpreadingExchangeContract(provider);
