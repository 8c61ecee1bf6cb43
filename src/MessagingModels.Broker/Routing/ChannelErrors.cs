using MessagingModels.Broker.Routing.ExchangeTypes;

namespace MessagingModels.Broker.Routing;

/// <summary>The channel errors of exchanges, queues and bindings, in RabbitMQ 4.3's words: clients compare them.</summary>
internal static class ChannelErrors
{
    public static ChannelException NoExchange(string name, string virtualHost)
        => new(ReplyCode.NotFound, $"NOT_FOUND - no exchange '{name}' in vhost '{virtualHost}'");

    public static ChannelException NoQueue(string name, string virtualHost)
        => new(ReplyCode.NotFound, $"NOT_FOUND - no queue '{name}' in vhost '{virtualHost}'");

    public static ChannelException NoTopic(string name)
        => new(ReplyCode.NotFound, $"NOT_FOUND - no topic '{name}'; create it before binding an exchange to it");

    public static ChannelException DefaultExchange() => Refused("operation not permitted on the default exchange");

    public static ChannelException ReservedName(string kind, string name)
        => Refused($"{kind} name '{name}' contains reserved prefix 'amq.*'");

    public static ChannelException SystemExchange(string name, string virtualHost)
        => Refused($"deletion of system exchange '{name}' in vhost '{virtualHost}' not allowed");

    public static ChannelException InternalExchange(string name, string virtualHost)
        => Refused($"cannot publish to internal exchange '{name}' in vhost '{virtualHost}'");

    public static ChannelException ExclusiveConsumer(string queue, string virtualHost)
        => Refused($"queue '{queue}' in vhost '{virtualHost}' in exclusive use");

    public static ChannelException Locked(string queue, string virtualHost) => new(
        ReplyCode.ResourceLocked,
        $"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '{virtualHost}'. It could be originally " +
        "declared on another connection or the exclusive property value does not match that of the original declaration.");

    public static ChannelException InvalidExchangeType(string type) => Failed($"invalid exchange type '{type}'");

    public static ChannelException InUse(string kind, string name, string virtualHost)
        => Failed($"{kind} '{name}' in vhost '{virtualHost}' in use");

    public static ChannelException Inequivalent(
        string argument, string kind, string name, string virtualHost, string received, string current)
        => Failed($"inequivalent arg '{argument}' for {kind} '{name}' in vhost '{virtualHost}': received {received} but current is {current}");

    public static ChannelException InvalidType(string argument, string type, string kind, string name, string virtualHost)
        => Failed($"invalid type '{type}' for arg '{argument}' in {kind} '{name}' in vhost '{virtualHost}'");

    public static ChannelException InvalidArgument(string argument, string kind, string name, string virtualHost, string reason)
        => Failed($"invalid arg '{argument}' for {kind} '{name}' in vhost '{virtualHost}': {reason}");

    public static ChannelException Failed(string message, Exception? cause = null)
        => new(ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - {message}", cause);

    private static ChannelException Refused(string message) => new(ReplyCode.AccessRefused, $"ACCESS_REFUSED - {message}");
}
