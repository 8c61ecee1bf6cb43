using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Queues;

/// <summary>Where a stream's consumer starts (<c>x-stream-offset</c>): a word, an offset, a time, or an age such as <c>1h</c>.</summary>
internal static class StreamPosition
{
    /// <summary>Finds the offset of the first message to deliver.</summary>
    /// <param name="log">The stream.</param>
    /// <param name="start">What the consumer asked for; null for <c>next</c>.</param>
    /// <param name="now">For ages.</param>
    /// <returns>An offset, which may lie beyond the end; null where the argument means nothing.</returns>
    public static long? Find(Log log, StreamOffset? start, DateTimeOffset now) => start?.Argument switch
    {
        null or "next" => log.NextOffset,
        "first" => log.LogStartOffset,
        "last" => FindLastBatch(log),
        string age when QueueArgumentReader.TryAge(age, out TimeSpan time) => FindTime(log, time > now - DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : now - time),
        DateTimeOffset time => FindTime(log, time),
        { } value when QueueArgumentReader.TryInteger(value, out long offset) => Math.Max(offset, log.LogStartOffset),
        _ => null,
    };

    private static long FindTime(Log log, DateTimeOffset time) => log.FindByTimestamp(time.ToUnixTimeMilliseconds())?.Offset ?? log.NextOffset;

    private static long FindLastBatch(Log log)
    {
        if (log.NextOffset == log.LogStartOffset)
            return log.NextOffset;
        ReadOnlyMemory<byte> batches = log.Read(log.NextOffset - 1, 1).Batches;
        return Math.Max(log.LogStartOffset, new RecordBatchView(batches.Span).BaseOffset);
    }
}
