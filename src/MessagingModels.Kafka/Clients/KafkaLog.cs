using Microsoft.Extensions.Logging;

namespace MessagingModels.Kafka.Clients;

/// <summary>What the adapter and the library beneath it log.</summary>
internal static partial class KafkaLog
{
    [LoggerMessage(1, LogLevel.Information, "Connected to the Kafka cluster {ClusterId} with {Brokers} brokers through {Servers}.")]
    public static partial void Connected(ILogger logger, string clusterId, int brokers, string servers);

    [LoggerMessage(2, LogLevel.Warning, "{Client}: {Reason} ({Code}).")]
    public static partial void ClientError(ILogger logger, string client, string reason, Client.ErrorCode code);

    [LoggerMessage(3, LogLevel.Error, "{Client} cannot go on: {Reason} ({Code}).")]
    public static partial void FatalError(ILogger logger, string client, string reason, Client.ErrorCode code);

    [LoggerMessage(EventId = 4, Message = "{Client} {Facility}: {Text}")]
    public static partial void LibraryLine(ILogger logger, LogLevel level, string client, string facility, string text);

    [LoggerMessage(5, LogLevel.Warning, "The offsets of group {GroupId} were not committed; what was read since the last commit may be read again.")]
    public static partial void AutoCommitFailed(ILogger logger, Exception exception, string groupId);

    [LoggerMessage(6, LogLevel.Warning, "The start positions of {Partitions} partitions could not be looked up; the client looks them up itself.")]
    public static partial void PositionsUnknown(ILogger logger, Exception exception, int partitions);

    [LoggerMessage(7, LogLevel.Warning, "The cluster's topics could not be listed; the subscription by pattern stays as it is.")]
    public static partial void TopicsUnknown(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "{Client} did not close within {Seconds} s and is left behind; its connections and its thread stay until they end by themselves.")]
    public static partial void LeftBehind(ILogger logger, string client, double seconds);
}
