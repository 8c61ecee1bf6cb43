using MessagingModels.Formats.Records;
using MessagingModels.Storage;

namespace MessagingModels.Broker.Groups;

/// <summary>
/// Writes what groups must remember to the offsets log, <c>__consumer_offsets-0</c>. Thread-safe. Every method appends one batch, so that
/// it is stored whole or not at all, and returns what to wait for.
/// </summary>
internal sealed class GroupStore(CoordinatorLog log, TimeProvider time) : IAsyncDisposable
{
    public const string DirectoryName = "__consumer_offsets-0";

    /// <summary>The partition in the name of which transactions end here.</summary>
    public static readonly TopicPartition Partition = new("__consumer_offsets", 0);

    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The damage for which nothing can be stored; null while the log is sound.</summary>
    public StorageException? Failure => log.Failure;

    public void Replay(ICoordinatorLogReader reader) => log.Replay(reader);

    public ValueTask WaitDurableAsync(long upToOffset) => log.WaitDurableAsync(upToOffset);

    public long StoreMetadata(GroupState group)
    {
        using CoordinatorLog.CoordinatorAppend append = log.BeginAppend();
        OffsetRecords.WriteGroupKey(append.Key, group.GroupId);
        OffsetRecords.WriteGroupValue(append.Value, group.ToMetadata(NowMs));
        append.Add();
        return append.Complete().NextOffset;
    }

    /// <summary>Stores those offsets whose code is no error.</summary>
    /// <returns>The offset of the first record, and what to wait for.</returns>
    public (long FirstOffset, long NextOffset) StoreOffsets(
        string groupId, IReadOnlyList<OffsetCommit> offsets, ReadOnlySpan<LogErrorCode> errors, long nowMs,
        long producerId = RecordBatchView.NoProducerId, short producerEpoch = -1)
    {
        using CoordinatorLog.CoordinatorAppend append = log.BeginAppend();
        for (int i = 0; i < offsets.Count; i++)
        {
            if (errors[i] != LogErrorCode.None)
                continue;
            OffsetRecords.WriteOffsetKey(append.Key, groupId, offsets[i].Partition);
            OffsetRecords.WriteOffsetValue(append.Value, offsets[i].ToStored(nowMs));
            append.Add();
        }

        return append.RecordCount == 0 ? default : append.Complete(producerId, producerEpoch);
    }

    public long RemoveOffsets(string groupId, IEnumerable<TopicPartition> partitions)
    {
        using CoordinatorLog.CoordinatorAppend append = log.BeginAppend();
        AddOffsetTombstones(append, groupId, partitions);
        return append.RecordCount == 0 ? 0 : append.Complete().NextOffset;
    }

    /// <summary>Removes a group with all its offsets.</summary>
    public long RemoveGroup(string groupId, IEnumerable<TopicPartition> partitions)
    {
        using CoordinatorLog.CoordinatorAppend append = log.BeginAppend();
        AddOffsetTombstones(append, groupId, partitions);
        OffsetRecords.WriteGroupKey(append.Key, groupId);
        append.AddTombstone();
        return append.Complete().NextOffset;
    }

    public long EndTransaction(long producerId, short producerEpoch, int coordinatorEpoch, bool commit)
        => log.AppendMarker(producerId, producerEpoch, coordinatorEpoch, commit);

    public ValueTask DisposeAsync() => log.DisposeAsync();

    private static void AddOffsetTombstones(CoordinatorLog.CoordinatorAppend append, string groupId, IEnumerable<TopicPartition> partitions)
    {
        foreach (TopicPartition partition in partitions)
        {
            OffsetRecords.WriteOffsetKey(append.Key, groupId, partition);
            append.AddTombstone();
        }
    }
}
