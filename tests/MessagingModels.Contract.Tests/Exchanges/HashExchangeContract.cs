using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>Consistent hashing: which queue a key goes to is the broker's affair, these properties are not.</summary>
public abstract class HashExchangeContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private const int Keys = 2000;

    [Fact]
    public async Task Every_message_goes_to_one_queue_and_equal_keys_to_the_same()
    {
        await DeclareAsync([], ("a", "1"), ("b", "1"), ("c", "1"));
        await SpreadAsync(200, i => ($"key-{i}", null));
        Dictionary<string, string> first = await WhereAsync("a", "b", "c");
        await SpreadAsync(200, i => ($"key-{i}", null));
        Assert.Equal(200, first.Count);
        Assert.Equal(first.OrderBy(pair => pair.Key), (await WhereAsync("a", "b", "c")).OrderBy(pair => pair.Key));
        Assert.Equal(["a", "b", "c"], first.Values.Distinct().Order());
    }

    [Fact]
    public async Task Queues_get_a_share_by_their_weight()
    {
        await DeclareAsync([], ("light", "10"), ("heavy", "30"));
        await SpreadAsync(Keys, i => ($"key-{i}", null));
        Assert.InRange(await ReadyAsync("light"), Keys * 17 / 100, Keys * 33 / 100);
        Assert.Equal(Keys, await ReadyAsync("light") + await ReadyAsync("heavy"));
    }

    [Fact]
    public async Task A_header_can_be_hashed_in_place_of_the_key()
    {
        await DeclareAsync(Table(("hash-header", "h")), ("a", "5"), ("b", "5"));
        await SpreadAsync(100, i => ($"key-{i}", new MessageProperties { Headers = Table(("h", "same")) }));
        Assert.Equal(100, Math.Max(await ReadyAsync("a"), await ReadyAsync("b")));
        await SpreadAsync(100, i => ("same", new MessageProperties { Headers = Table(("h", $"{i}")) }));
        Assert.NotEqual(0, Math.Min(await ReadyAsync("a"), await ReadyAsync("b")));
    }

    [Theory]
    [InlineData("message_id")]
    [InlineData("correlation_id")]
    public async Task A_property_can_be_hashed_in_place_of_the_key(string property)
    {
        await DeclareAsync(Table(("hash-property", property)), ("a", "5"), ("b", "5"));
        await SpreadAsync(100, i => ($"key-{i}", new MessageProperties { MessageId = "same", CorrelationId = "same" }));
        Assert.Equal(100, Math.Max(await ReadyAsync("a"), await ReadyAsync("b")));
        await SpreadAsync(100, i => ("same", new MessageProperties { MessageId = $"{i}", CorrelationId = $"{i}" }));
        Assert.NotEqual(0, Math.Min(await ReadyAsync("a"), await ReadyAsync("b")));
    }

    [Fact]
    public async Task What_a_queue_got_goes_to_the_others_once_it_is_unbound()
    {
        await DeclareAsync([], ("a", "1"), ("b", "1"));
        await Broker.UnbindAsync(new Binding("x", BindingTarget.Queue, "a", "1"));
        await SpreadAsync(50, i => ($"key-{i}", null));
        Assert.Equal((0, 50), (await ReadyAsync("a"), await ReadyAsync("b")));
    }

    [Theory]
    [InlineData("many", "The binding key must be an integer: <<\"many\">>")]
    [InlineData("0", "The binding key must be greater than 0")]
    [InlineData("-1", "The binding key must be greater than 0")]
    public async Task A_weight_that_is_no_sensible_number_is_refused(string weight, string message)
    {
        await DeclareAsync([]);
        await Broker.DeclareQueueAsync("q");
        await FailedAsync(message, async () => await Broker.BindQueueAsync("q", "x", weight));
    }

    [Fact]
    public async Task What_to_hash_must_be_one_thing_and_known()
    {
        await FailedAsync(
            "hash-header and hash-property are mutually exclusive",
            () => DeclareAsync(Table(("hash-header", "h"), ("hash-property", "message_id"))));
        await FailedAsync("Unsupported property: nope", () => DeclareAsync(Table(("hash-property", "nope"))));
    }

    private async Task DeclareAsync(Dictionary<string, object?> arguments, params (string Queue, string Weight)[] bindings)
    {
        Needs(ExchangeFeature.ConsistentHashExchanges);
        await Broker.DeclareExchangeAsync(new ExchangeDeclaration("x", ExchangeType.ConsistentHash) { Arguments = arguments });
        foreach ((string queue, string weight) in bindings)
        {
            await Broker.DeclareQueueAsync(queue);
            await Broker.BindQueueAsync(queue, "x", weight);
        }
    }

    private async Task SpreadAsync(int count, Func<int, (string Key, MessageProperties? Properties)> message)
    {
        await using IExchangeChannel channel = await OpenAsync();
        for (int i = 0; i < count; i++)
        {
            (string key, MessageProperties? properties) = message(i);
            await channel.EnqueueAsync("x", key, System.Text.Encoding.UTF8.GetBytes(key), properties);
        }

        await channel.FlushAsync();
    }

    /// <summary>Which queue each text is in; it is taken away.</summary>
    private async Task<Dictionary<string, string>> WhereAsync(params string[] queues)
    {
        Dictionary<string, string> where = [];
        foreach (string queue in queues)
        {
            foreach (string text in await DrainAsync(queue))
                where.Add(text, queue);
        }

        return where;
    }
}

public sealed class HashExchange_on_native(NativeExchanges provider) : HashExchangeContract(provider);

public sealed class HashExchange_on_native_disk(NativeExchangesOnDisk provider) : HashExchangeContract(provider);

public sealed class HashExchange_on_rabbitmq(RabbitMqExchanges provider) : HashExchangeContract(provider);
