using System.Text;
using MessagingModels.Contract.Tests.Providers;

namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>What arrives is what was published.</summary>
public abstract class MessageContract(IExchangeProvider provider) : ExchangeContract(provider)
{
    private const int OneMebibyte = 1024 * 1024;

    public static TheoryData<string, object?> HeaderValues => new()
    {
        { "bool", true },
        { "signed byte", (sbyte)-5 },
        { "byte", (byte)200 },
        { "short", (short)-300 },
        { "unsigned short", (ushort)60_000 },
        { "int", -70_000 },
        { "unsigned int", 4_000_000_000u },
        { "long", long.MinValue },
        { "float", 1.5f },
        { "double", Math.PI },
        { "decimal", 12.345m },
        { "text", "Grüße, 世界" },
        { "empty text", "" },
        { "bytes", new byte[] { 0, 255, 1 } },
        { "time", DateTimeOffset.FromUnixTimeSeconds(1_750_000_000) },
        { "nothing", null },
        { "list", new List<object?> { 1, "two", null, new List<object?> { true } } },
        { "table", new Dictionary<string, object?> { ["a"] = 1, ["b"] = new Dictionary<string, object?> { ["c"] = "d" } } },
    };

    [Fact]
    public async Task All_properties_arrive()
    {
        MessageProperties sent = new()
        {
            ContentType = "text/plain",
            ContentEncoding = "utf-8",
            Persistent = true,
            Priority = 7,
            CorrelationId = "correlation",
            ReplyTo = "reply",
            Expiration = TimeSpan.FromHours(1),
            MessageId = "message",
            Timestamp = DateTimeOffset.FromUnixTimeSeconds(1_750_000_000),
            Type = "type",
            UserId = Site.User,
            AppId = "app",
            Headers = Table(("n", 1)),
        };
        MessageProperties received = (await RoundTripAsync("m"u8.ToArray(), sent)).Properties;
        Assert.Equal(sent with { Headers = received.Headers }, received);
        Assert.Equal(Table(("n", 1)), received.Headers);
    }

    [Fact]
    public async Task Properties_that_were_not_set_are_not_there()
    {
        MessageProperties received = (await RoundTripAsync("m"u8.ToArray(), null)).Properties;
        Assert.Equal(MessageProperties.Empty with { Headers = received.Headers }, received);
        Assert.Empty(received.Headers);
    }

    [Theory]
    [MemberData(nameof(HeaderValues))]
    public async Task A_header_of_each_type_arrives_as_it_was(string name, object? value)
    {
        Delivery delivery = await RoundTripAsync("m"u8.ToArray(), new MessageProperties { Headers = Table((name, value)) });
        object? received = delivery.Properties.Headers[name];
        Assert.Equal(value, received);
        // Numbers of another width would be equal as well.
        if (value is ValueType)
            Assert.IsType(value.GetType(), received);
    }

    [Fact]
    public async Task An_empty_body_arrives()
        => Assert.Equal(0, (await RoundTripAsync(ReadOnlyMemory<byte>.Empty, MessageProperties.PersistentOnly)).Body.Length);

    [Fact]
    public async Task A_body_of_a_mebibyte_arrives()
    {
        byte[] body = new byte[OneMebibyte];
        new Random(1).NextBytes(body);
        Assert.True((await RoundTripAsync(body, MessageProperties.PersistentOnly)).Body.Span.SequenceEqual(body));
    }

    [Fact]
    public async Task Names_and_keys_in_any_script_arrive()
    {
        await Broker.DeclareExchangeAsync("обмен", ExchangeType.Direct);
        await Broker.DeclareQueueAsync("очередь");
        await Broker.BindQueueAsync("очередь", "обмен", "ключ");
        await PublishAsync("обмен", "ключ", "сообщение");
        Delivery delivery = await TakeAsync("очередь");
        Assert.Equal(("обмен", "ключ", "сообщение"), (delivery.Exchange, delivery.RoutingKey, delivery.Text));
    }

    [Fact]
    public async Task A_message_that_was_got_is_the_same_as_one_that_was_consumed()
    {
        await Broker.DeclareQueueAsync("q");
        MessageProperties sent = new() { MessageId = "id", Headers = Table(("n", 1)) };
        await PublishAsync("", "q", "1", sent);
        await PublishAsync("", "q", "1", sent);
        IExchangeChannel channel = await OpenAsync();
        Delivery got = await TakeAsync("q", channel);
        Delivery consumed = (await ReadAsync(await channel.ConsumeAsync("q"), 1))[0];
        Assert.Equal(
            (got.Exchange, got.RoutingKey, got.Text, got.Properties.MessageId, got.Redelivered),
            (consumed.Exchange, consumed.RoutingKey, consumed.Text, consumed.Properties.MessageId, consumed.Redelivered));
    }

    [Fact]
    public async Task Many_headers_of_many_sizes_arrive()
    {
        Dictionary<string, object?> headers = Enumerable.Range(0, 50).ToDictionary(i => $"header-{i}", i => (object?)new string((char)('a' + (i % 26)), i * 40));
        Delivery delivery = await RoundTripAsync(Encoding.UTF8.GetBytes("m"), new MessageProperties { Headers = headers });
        Assert.Equal(headers, new Dictionary<string, object?>(delivery.Properties.Headers));
    }

    private async Task<Delivery> RoundTripAsync(ReadOnlyMemory<byte> body, MessageProperties? properties)
    {
        await Broker.DeclareQueueAsync("q");
        IExchangeChannel channel = await OpenAsync();
        await channel.PublishAsync("", "q", body, properties);
        return await TakeAsync("q");
    }
}

public sealed class Message_on_native(NativeExchanges provider) : MessageContract(provider);

public sealed class Message_on_native_disk(NativeExchangesOnDisk provider) : MessageContract(provider);

public sealed class Message_on_rabbitmq(RabbitMqExchanges provider) : MessageContract(provider);
