using System.Diagnostics;

namespace MessagingModels;

/// <summary>What a client does, under the names of the conventions: the name is the API's own verb, the type one of a fixed few.</summary>
/// <param name="Name">The verb.</param>
/// <param name="Type"><c>send</c>, <c>receive</c>, <c>process</c> or <c>settle</c>.</param>
/// <param name="Kind">The kind of its span.</param>
internal sealed record MessagingOperation(string Name, string Type, ActivityKind Kind)
{
    public static readonly MessagingOperation Send = new("send", "send", ActivityKind.Producer);
    public static readonly MessagingOperation Publish = new("publish", "send", ActivityKind.Producer) { IsRouted = true };
    public static readonly MessagingOperation Poll = new("poll", "receive", ActivityKind.Client);
    public static readonly MessagingOperation Consume = new("consume", "receive", ActivityKind.Client) { IsRouted = true };
    public static readonly MessagingOperation Get = new("get", "receive", ActivityKind.Client) { IsRouted = true };
    public static readonly MessagingOperation Process = new("process", "process", ActivityKind.Consumer);
    public static readonly MessagingOperation Commit = new("commit", "settle", ActivityKind.Client);

    /// <summary>True for operations of the exchange model, whose full destination has a routing key in it: measurements say exchange or queue alone.</summary>
    public bool IsRouted { get; private init; }
}

/// <summary>Attribute names of the conventions, and the values that are always the same.</summary>
internal static class MessagingTags
{
    public const string System = "messaging.system";
    public const string KafkaSystem = "kafka";
    public const string RabbitMqSystem = "rabbitmq";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string Destination = "messaging.destination.name";
    public const string DestinationTemplate = "messaging.destination.template";
    public const string DestinationAnonymous = "messaging.destination.anonymous";
    public const string PartitionId = "messaging.destination.partition.id";
    public const string ConsumerGroup = "messaging.consumer.group.name";
    public const string BodySize = "messaging.message.body.size";
    public const string Offset = "messaging.kafka.offset";
    public const string RoutingKey = "messaging.rabbitmq.destination.routing_key";
    public const string DeliveryTag = "messaging.rabbitmq.message.delivery_tag";
    public const string ErrorType = "error.type";

    /// <summary>The error code where the error has one, else its type.</summary>
    public static string ErrorTypeOf(Exception error) => error switch
    {
        LogException log => log.ErrorCode.ToString(),
        ChannelException channel => channel.ReplyCode.ToString(),
        ConnectionException connection => connection.ReplyCode.ToString(),
        _ => error.GetType().FullName!,
    };
}
