using MessagingModels.Broker.Queues;
using MessagingModels.Broker.Routing;

namespace MessagingModels.Broker.Tests.Routing;

public class PropertiesCodecTests
{
    internal static readonly MessageProperties Full = new()
    {
        ContentType = "text/plain",
        ContentEncoding = "gzip",
        Persistent = true,
        Priority = 7,
        CorrelationId = "c",
        ReplyTo = "r",
        Expiration = TimeSpan.FromMilliseconds(60_000),
        MessageId = "m",
        Timestamp = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        Type = "t",
        UserId = "guest",
        AppId = "a",
        ClusterId = "cl",
        Headers = new Dictionary<string, object?>
        {
            ["text"] = "ü",
            ["int"] = 5,
            ["long"] = 5L,
            ["short"] = (short)-5,
            ["byte"] = (byte)200,
            ["sbyte"] = (sbyte)-3,
            ["ushort"] = (ushort)60_000,
            ["uint"] = 4_000_000_000u,
            ["float"] = 1.5f,
            ["double"] = 2.5,
            ["decimal"] = -12.34m,
            ["bool"] = true,
            ["null"] = null,
            ["bytes"] = new byte[] { 1, 2, 3 },
            ["time"] = DateTimeOffset.FromUnixTimeSeconds(1_600_000_000),
            ["list"] = new List<object?> { 1, "two", null },
            ["table"] = new Dictionary<string, object?> { ["inner"] = 9L },
        },
    };

    [Fact]
    public void All_properties_and_header_types_come_back_as_they_were()
    {
        MessageProperties decoded = PropertiesCodec.Decode(PropertiesCodec.Encode(Full).Span);
        Assert.Equal(Full with { Headers = decoded.Headers }, decoded);
        AssertSame(Full.Headers, decoded.Headers);
    }

    [Fact]
    public void The_common_properties_cost_nothing()
    {
        Assert.True(PropertiesCodec.Encode(MessageProperties.Empty).IsEmpty);
        Assert.Same(MessageProperties.Empty, PropertiesCodec.Decode(default));
        ReadOnlyMemory<byte> persistent = PropertiesCodec.Encode(MessageProperties.PersistentOnly);
        Assert.Equal(PropertiesCodec.Encode(new MessageProperties { Persistent = true }).ToArray(), persistent.ToArray());
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Same(MessageProperties.PersistentOnly, PropertiesCodec.Decode(PropertiesCodec.Encode(MessageProperties.PersistentOnly).Span));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_header_of_another_type_is_refused_by_name()
    {
        MessageProperties properties = new() { Headers = new Dictionary<string, object?> { ["id"] = Guid.NewGuid() } };
        Assert.Contains("'id'", Assert.Throws<ArgumentException>(() => PropertiesCodec.Encode(properties)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_becomes_a_record_and_comes_back_the_same()
    {
        Message message = new()
        {
            Exchange = "x",
            RoutingKey = "a.b",
            Body = new byte[] { 1, 2, 3 },
            Properties = PropertiesCodec.Encode(Full with
            {
                Headers = new Dictionary<string, object?>(Full.Headers) { ["amqp.own"] = "mine", ["amqp.number"] = 3 },
            }),
        };
        ProducerRecord record = AmqpRecordMapping.ToRecord("t", message);
        Assert.Equal("text/plain", Header(record, "amqp.content-type"));
        Assert.Equal("ü", Header(record, "text"));
        Assert.Equal("5", Header(record, "int"));
        Assert.Equal("2", Header(record, "amqp.delivery-mode"));
        Message back = AmqpRecordMapping.ToMessage(new LogRecord("t", 0, new Offset(0), 0, record.Key, record.Value, record.Headers));
        Assert.Equal(("x", "a.b"), (back.Exchange, back.RoutingKey));
        Assert.Equal(message.Body.ToArray(), back.Body.ToArray());
        MessageProperties before = PropertiesCodec.Decode(message.Properties.Span), after = PropertiesCodec.Decode(back.Properties.Span);
        Assert.Equal(before with { Headers = after.Headers }, after);
        AssertSame(before.Headers, after.Headers);
    }

    [Fact]
    public void A_plain_message_becomes_a_record_without_headers()
    {
        ProducerRecord record = AmqpRecordMapping.ToRecord("t", new Message { Exchange = "", RoutingKey = "", Body = new byte[] { 1 } });
        Assert.Null(record.Headers);
        Assert.Null(record.Key);
    }

    private static string? Header(ProducerRecord record, string name)
        => record.Headers!.TryGetLast(name, out RecordHeader header) ? header.Text : null;

    private static void AssertSame(IReadOnlyDictionary<string, object?> expected, IReadOnlyDictionary<string, object?> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach ((string name, object? value) in expected)
        {
            if (value is IReadOnlyDictionary<string, object?> table)
                AssertSame(table, (IReadOnlyDictionary<string, object?>)actual[name]!);
            else
                Assert.Equal(value, actual[name]);
        }
    }
}
