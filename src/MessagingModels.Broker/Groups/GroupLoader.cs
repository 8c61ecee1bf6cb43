using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Groups;

/// <summary>Brings the groups back from the offsets log.</summary>
internal sealed class GroupLoader(GroupCoordinatorOptions options) : ICoordinatorLogReader
{
    private readonly Dictionary<string, LoadedGroup> _groups = [];

    private sealed class LoadedGroup
    {
        public GroupMetadata? Metadata { get; set; }

        public GroupOffsets Offsets { get; } = new();
    }

    public void OnRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long offset, long producerId)
    {
        OffsetRecordKey read = OffsetRecords.ReadKey(key);
        switch (read.Kind)
        {
            case OffsetRecordKind.Group:
                Group(read.GroupId).Metadata = hasValue ? OffsetRecords.ReadGroupValue(value) : null;
                break;
            case OffsetRecordKind.Offset when !hasValue:
                Group(read.GroupId).Offsets.Remove(read.Partition);
                break;
            case OffsetRecordKind.Offset when producerId == RecordBatchView.NoProducerId:
                Group(read.GroupId).Offsets.Commit(read.Partition, OffsetRecords.ReadOffsetValue(value), offset);
                break;
            case OffsetRecordKind.Offset:
                Group(read.GroupId).Offsets.CommitPending(producerId, read.Partition, OffsetRecords.ReadOffsetValue(value), offset);
                break;
        }
    }

    public void OnMarker(long producerId, bool commit)
    {
        foreach (LoadedGroup group in _groups.Values) group.Offsets.Complete(producerId, commit);
    }

    /// <summary>The groups that were stored.</summary>
    /// <param name="now">The time on the coordinator's clock: sessions begin anew.</param>
    /// <param name="nowMs">The time in milliseconds since 1970.</param>
    public IEnumerable<GroupCell> Load(TimeSpan now, long nowMs)
    {
        foreach ((string groupId, LoadedGroup loaded) in _groups)
        {
            if (loaded.Metadata is null && loaded.Offsets.IsEmpty)
                continue;
            GroupCell cell = new(groupId, options, loaded.Offsets);
            if (loaded.Metadata is { } metadata)
            {
                GroupMember[] living = [.. metadata.Members.Where(MayComeBack)];
                cell.State.Restore(metadata with { Members = living }, now);
                if (living.Length == 0) cell.EmptySinceMs = metadata.Members.Count == 0 ? metadata.StateTimestampMs : nowMs;
            }

            yield return cell;
        }
    }

    // Members in this process ended with it; only a static name says that one will come back. Others may be at a wire and still alive.
    private static bool MayComeBack(GroupMember member) => member.IsStatic || member.ClientHost != GroupCoordinator.InProcessHost;

    private LoadedGroup Group(string groupId)
    {
        if (!_groups.TryGetValue(groupId, out LoadedGroup? group))
            _groups[groupId] = group = new LoadedGroup();
        return group;
    }
}
