using System.Globalization;
using RabbitMQ.Client;

namespace MessagingModels.RabbitMq.Mapping;

/// <summary>Message properties between the API and RabbitMQ.Client.</summary>
internal static class PropertyMapping
{
    private const string StreamOffsetHeader = "x-stream-offset";
    private const string AcquiredCountHeader = "x-acquired-count";
    private const string DeliveryCountHeader = "x-delivery-count";

    /// <exception cref="ArgumentException">A text has more than 255 bytes, or a header's value is of no type that AMQP knows.</exception>
    public static BasicProperties ToClient(MessageProperties properties)
    {
        ShortText.Check(properties);
        BasicProperties mapped = new();
        if (properties.Persistent)
            mapped.DeliveryMode = DeliveryModes.Persistent;
        if (properties.ContentType is { } contentType)
            mapped.ContentType = contentType;
        if (properties.ContentEncoding is { } contentEncoding)
            mapped.ContentEncoding = contentEncoding;
        if (properties.Headers.Count > 0)
            mapped.Headers = FieldTableMapping.ToClient(properties.Headers);
        if (properties.Priority is { } priority)
            mapped.Priority = priority;
        if (properties.CorrelationId is { } correlationId)
            mapped.CorrelationId = correlationId;
        if (properties.ReplyTo is { } replyTo)
            mapped.ReplyTo = replyTo;
        if (properties.Expiration is { } expiration)
            mapped.Expiration = ((long)expiration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        if (properties.MessageId is { } messageId)
            mapped.MessageId = messageId;
        if (properties.Timestamp is { } timestamp)
            mapped.Timestamp = new AmqpTimestamp(timestamp.ToUnixTimeSeconds());
        if (properties.Type is { } type)
            mapped.Type = type;
        if (properties.UserId is { } userId)
            mapped.UserId = userId;
        if (properties.AppId is { } appId)
            mapped.AppId = appId;
        if (properties.ClusterId is { } clusterId)
            mapped.ClusterId = clusterId;
        return mapped;
    }

    /// <summary>The properties of a message that was received, and what RabbitMQ wrote into its headers about the delivery.</summary>
    public static ReceivedProperties FromClient(IReadOnlyBasicProperties properties)
    {
        long? streamOffset = null;
        long? deliveryCount = null;
        IReadOnlyDictionary<string, object?> headers = MessageProperties.NoHeaders;
        if (properties.Headers is { Count: > 0 } table)
        {
            Dictionary<string, object?> values = FieldTableMapping.FromClient(table);
            if (values.Remove(StreamOffsetHeader, out object? offset))
                streamOffset = ToNumber(offset);
            // Since RabbitMQ 4.3 a quorum queue counts the returns and, apart from them, the failures that its delivery limit is about.
            deliveryCount = values.Remove(AcquiredCountHeader, out object? acquired)
                ? ToNumber(acquired)
                : ToNumber(values.GetValueOrDefault(DeliveryCountHeader));
            if (values.Count > 0)
                headers = values;
        }

        return new ReceivedProperties(ToApi(properties, headers), deliveryCount, streamOffset);
    }

    private static MessageProperties ToApi(IReadOnlyBasicProperties properties, IReadOnlyDictionary<string, object?> headers)
    {
        bool isPersistent = properties.IsDeliveryModePresent() && properties.DeliveryMode is DeliveryModes.Persistent;
        if (headers.Count == 0 && HasOnlyDeliveryMode(properties))
            return isPersistent ? MessageProperties.PersistentOnly : MessageProperties.Empty;
        return new MessageProperties
        {
            ContentType = properties.IsContentTypePresent() ? properties.ContentType : null,
            ContentEncoding = properties.IsContentEncodingPresent() ? properties.ContentEncoding : null,
            Headers = headers,
            Persistent = isPersistent,
            Priority = properties.IsPriorityPresent() ? properties.Priority : null,
            CorrelationId = properties.IsCorrelationIdPresent() ? properties.CorrelationId : null,
            ReplyTo = properties.IsReplyToPresent() ? properties.ReplyTo : null,
            Expiration = properties.IsExpirationPresent() && long.TryParse(
                properties.Expiration, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long milliseconds)
                ? TimeSpan.FromMilliseconds(milliseconds)
                : null,
            MessageId = properties.IsMessageIdPresent() ? properties.MessageId : null,
            Timestamp = properties.IsTimestampPresent() ? FieldTableMapping.ToMoment(properties.Timestamp) : null,
            Type = properties.IsTypePresent() ? properties.Type : null,
            UserId = properties.IsUserIdPresent() ? properties.UserId : null,
            AppId = properties.IsAppIdPresent() ? properties.AppId : null,
            ClusterId = properties.IsClusterIdPresent() ? properties.ClusterId : null,
        };
    }

    private static bool HasOnlyDeliveryMode(IReadOnlyBasicProperties properties)
        => !(properties.IsContentTypePresent() || properties.IsContentEncodingPresent() || properties.IsPriorityPresent()
            || properties.IsCorrelationIdPresent() || properties.IsReplyToPresent() || properties.IsExpirationPresent()
            || properties.IsMessageIdPresent() || properties.IsTimestampPresent() || properties.IsTypePresent()
            || properties.IsUserIdPresent() || properties.IsAppIdPresent() || properties.IsClusterIdPresent());

    private static long? ToNumber(object? value) => value switch
    {
        long number => number,
        int number => number,
        _ => null,
    };
}

/// <summary>What came with a message beside its body.</summary>
/// <param name="Properties">Its properties.</param>
/// <param name="DeliveryCount">How often it was delivered before, where the queue counts.</param>
/// <param name="StreamOffset">Its offset, where the queue is a stream.</param>
internal readonly record struct ReceivedProperties(MessageProperties Properties, long? DeliveryCount, long? StreamOffset);
