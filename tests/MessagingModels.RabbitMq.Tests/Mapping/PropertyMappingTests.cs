using CsCheck;
using MessagingModels.RabbitMq.Mapping;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Tests.Mapping;

public sealed class PropertyMappingTests
{
    private static readonly Gen<string?> s_text = Gen.Char.AlphaNumeric.Array[1, 85].Select(text => new string(text)).Null();

    /// <summary>Priority 0 and the first second of 1970 are left out: RabbitMQ.Client sends nothing for them.</summary>
    private static readonly Gen<MessageProperties> s_properties = Gen.Select(
        Gen.Select(s_text, s_text, s_text, s_text, s_text), Gen.Select(s_text, s_text, s_text, s_text),
        Gen.Select(Gen.Bool, Gen.Byte[1, 255].Nullable(), Gen.Long[0, uint.MaxValue].Nullable(), Gen.Long[1, 253_402_300_799].Nullable()),
        (first, second, others) => new MessageProperties
        {
            ContentType = first.Item1,
            ContentEncoding = first.Item2,
            CorrelationId = first.Item3,
            ReplyTo = first.Item4,
            MessageId = first.Item5,
            Type = second.Item1,
            UserId = second.Item2,
            AppId = second.Item3,
            ClusterId = second.Item4,
            Persistent = others.Item1,
            Priority = others.Item2,
            Expiration = others.Item3 is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            Timestamp = others.Item4 is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
        });

    [Fact]
    public void Every_property_comes_back_as_it_was() => s_properties.Sample(properties =>
    {
        MessageProperties received = PropertyMapping.FromClient(PropertyMapping.ToClient(properties)).Properties;
        return received == properties with { Headers = received.Headers } && received.Headers.Count == 0;
    });

    [Fact]
    public void Messages_without_properties_share_one_instance()
    {
        Assert.Same(MessageProperties.Empty, PropertyMapping.FromClient(PropertyMapping.ToClient(MessageProperties.Empty)).Properties);
        Assert.Same(MessageProperties.PersistentOnly, PropertyMapping.FromClient(PropertyMapping.ToClient(MessageProperties.PersistentOnly)).Properties);
    }

    [Fact]
    public void What_a_delivery_tells_elsewhere_is_taken_out_of_the_headers()
    {
        ReceivedProperties received = PropertyMapping.FromClient(new BasicProperties
        {
            Headers = new Dictionary<string, object?> { ["x-stream-offset"] = 42L, ["x-acquired-count"] = 3L, ["x-delivery-count"] = 1L, ["own"] = 1 },
        });
        Assert.Equal(42, received.StreamOffset);
        Assert.Equal(3, received.DeliveryCount);
        Assert.Equal(["own", "x-delivery-count"], received.Properties.Headers.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_server_that_counts_deliveries_only_is_believed()
        => Assert.Equal(2, PropertyMapping.FromClient(new BasicProperties
        {
            Headers = new Dictionary<string, object?> { ["x-delivery-count"] = 2L },
        }).DeliveryCount);

    [Fact]
    public void A_text_of_more_than_255_bytes_is_refused_by_name()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => PropertyMapping.ToClient(new MessageProperties { MessageId = new string('é', 128) }));
        Assert.Contains("MessageId 'éééééééééééééééé...' has 256 bytes", refused.Message, StringComparison.Ordinal);
    }
}
