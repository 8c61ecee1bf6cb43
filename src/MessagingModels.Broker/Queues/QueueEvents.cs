using Microsoft.Extensions.Logging;

namespace MessagingModels.Broker.Queues;

/// <summary>What queues write to the log of the program.</summary>
internal static partial class QueueEvents
{
    [LoggerMessage(EventId = 300, Level = LogLevel.Warning, Message = "Shared bodies in {Directory} could not be deleted; the next start does it")]
    public static partial void PayloadsNotDeleted(ILogger logger, string directory, Exception error);

    [LoggerMessage(EventId = 301, Level = LogLevel.Error, Message = "Queue {Queue} in {VirtualHost} cannot be used")]
    public static partial void QueueFailed(ILogger logger, string queue, string virtualHost, Exception error);

    [LoggerMessage(EventId = 302, Level = LogLevel.Warning, Message = "Queue {Queue} in {VirtualHost} could not write; it tries again")]
    public static partial void WriteFailed(ILogger logger, string queue, string virtualHost, Exception error);

    [LoggerMessage(EventId = 303, Level = LogLevel.Warning, Message = "Queue {Queue} in {VirtualHost}: the message at {Offset} is dropped, its shared body was never completely written")]
    public static partial void PayloadLost(ILogger logger, string queue, string virtualHost, long offset, Exception error);

    [LoggerMessage(EventId = 304, Level = LogLevel.Warning, Message = "The files of a deleted queue in {Directory} could not be deleted; the next start does it")]
    public static partial void FilesNotDeleted(ILogger logger, string directory, Exception error);
}
