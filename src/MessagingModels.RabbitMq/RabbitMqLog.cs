using Microsoft.Extensions.Logging;

namespace MessagingModels.RabbitMq;

/// <summary>What the adapter logs.</summary>
internal static partial class RabbitMqLog
{
    [LoggerMessage(1, LogLevel.Information, "Connected to {System} at {Address}, virtual host '{VirtualHost}', as user '{User}'.")]
    public static partial void Connected(ILogger logger, string system, string address, string virtualHost, string user);

    [LoggerMessage(2, LogLevel.Warning, "The connection to RabbitMQ was lost: {Reason}. Connecting again: {WillRecover}.")]
    public static partial void ConnectionLost(ILogger logger, string reason, bool willRecover);

    [LoggerMessage(3, LogLevel.Information, "The connection to RabbitMQ is back; {Channels} channels go on.")]
    public static partial void Recovered(ILogger logger, int channels);

    [LoggerMessage(4, LogLevel.Warning, "Connecting to RabbitMQ again failed: {Reason}. The next attempt is in {Interval}.")]
    public static partial void RecoveryFailed(ILogger logger, string reason, TimeSpan interval);

    [LoggerMessage(5, LogLevel.Warning, "'{Name}' could not be declared again after the connection was lost: {Reason}")]
    public static partial void TopologyNotRecovered(ILogger logger, string name, string reason);

    [LoggerMessage(6, LogLevel.Warning, "The queue '{Before}', whose name RabbitMQ chose, is called '{After}' after the connection was lost.")]
    public static partial void QueueRenamed(ILogger logger, string before, string after);

    [LoggerMessage(7, LogLevel.Warning, "RabbitMQ blocks publishers: {Reason}")]
    public static partial void Blocked(ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Information, "RabbitMQ lets publishers go on.")]
    public static partial void Unblocked(ILogger logger);

    [LoggerMessage(9, LogLevel.Warning, "The consumer '{Consumer}' of queue '{Queue}' could not be started again: {Reason}")]
    public static partial void ConsumerNotRecovered(ILogger logger, string consumer, string queue, string reason);

    [LoggerMessage(10, LogLevel.Debug, "The channel was closed: {Reason}")]
    public static partial void ChannelClosed(ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Warning, "{Count} publishes were not confirmed within {Timeout} when their channel was disposed.")]
    public static partial void NotDrained(ILogger logger, int count, TimeSpan timeout);

    [LoggerMessage(13, LogLevel.Warning, "RabbitMQ did not answer while a {What} was closed; disposing it ended without.")]
    public static partial void CloseUnanswered(ILogger logger, string what);

    [LoggerMessage(12, LogLevel.Warning, "RabbitMQ's management does not tell whether the queue '{Queue}' is a stream: {Reason}")]
    public static partial void TypeUnknown(ILogger logger, string queue, string reason);
}
