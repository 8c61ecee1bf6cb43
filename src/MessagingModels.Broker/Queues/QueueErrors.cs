namespace MessagingModels.Broker.Queues;

/// <summary>RabbitMQ's texts for what queues refuse.</summary>
internal static class QueueErrors
{
    public static string Named(QueueHost host, string queue) => $"queue '{queue}' in vhost '{host.VirtualHost}'";

    public static ChannelException NotFound(QueueHost host, string queue) =>
        new(ReplyCode.NotFound, $"NOT_FOUND - no {Named(host, queue)}");

    public static ChannelException ExclusiveUse(QueueHost host, string queue) =>
        new(ReplyCode.AccessRefused, $"ACCESS_REFUSED - {Named(host, queue)} in exclusive use");

    public static ChannelException Unusable(QueueHost host, string queue, Exception cause) =>
        new(ReplyCode.InternalError, $"INTERNAL_ERROR - {Named(host, queue)} cannot be used: {cause.Message}", cause);

    public static string ConsumerTimeout(TimeSpan timeout) =>
        "PRECONDITION_FAILED - delivery acknowledgement timed out. Timeout value used: "
        + $"{(long)timeout.TotalMilliseconds} ms. This timeout value can be configured, see consumers doc guide to learn more";

    public static ChannelException NotSupportedByStreams(string what, QueueHost host, string queue) =>
        new(ReplyCode.NotImplemented, $"NOT_IMPLEMENTED - {what} not supported by stream queues {Named(host, queue)}");

    public static ChannelException GetBesideSingleActive(QueueHost host, string queue) => new(
        ReplyCode.ResourceLocked,
        $"RESOURCE_LOCKED - cannot obtain access to locked {Named(host, queue)}. basic.get operations are not supported by <<\"quorum\">> queues with single active consumer");

    public static ChannelException PartialTransaction() =>
        new(ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - partial tx completion");

    public static ChannelException AutoAckOfStream(QueueHost host, string queue) =>
        new(ReplyCode.NotImplemented, $"NOT_IMPLEMENTED - automatic acknowledgement not supported by stream {Named(host, queue)}");

    public static ChannelException StreamNeedsPrefetch(QueueHost host, string queue) =>
        new(ReplyCode.PreconditionFailed, $"PRECONDITION_FAILED - consumer prefetch count is not set for stream {Named(host, queue)}");
}
