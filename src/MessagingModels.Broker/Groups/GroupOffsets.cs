namespace MessagingModels.Broker.Groups;

/// <summary>
/// The committed offsets of one group, and those that wait for a transaction to end. A pure state; called under the group's lock. It is
/// told of a commit once the commit is in the log, with its place there: of two commits the one that lies later counts, also where a
/// transaction decides late about the earlier one.
/// </summary>
internal sealed class GroupOffsets
{
    private readonly Dictionary<TopicPartition, Entry> _committed = [];
    private readonly Dictionary<long, Dictionary<TopicPartition, Entry>> _pending = [];

    private readonly record struct Entry(StoredOffset Offset, long LoggedAt);

    public bool IsEmpty => _committed.Count == 0 && _pending.Count == 0;

    /// <summary>The producers whose open transactions have a part here.</summary>
    public IReadOnlyCollection<long> PendingProducers => _pending.Keys;

    public IEnumerable<KeyValuePair<TopicPartition, StoredOffset>> Committed
        => _committed.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Offset));

    public bool TryGet(TopicPartition partition, out StoredOffset offset)
    {
        bool found = _committed.TryGetValue(partition, out Entry entry);
        offset = entry.Offset;
        return found;
    }

    /// <summary>True while a transaction may still change the offset.</summary>
    public bool IsPending(TopicPartition partition)
    {
        foreach (Dictionary<TopicPartition, Entry> offsets in _pending.Values)
        {
            if (offsets.ContainsKey(partition))
                return true;
        }

        return false;
    }

    public void Commit(TopicPartition partition, in StoredOffset offset, long loggedAt)
    {
        if (!_committed.TryGetValue(partition, out Entry present) || present.LoggedAt <= loggedAt)
            _committed[partition] = new Entry(offset, loggedAt);
    }

    public void CommitPending(long producerId, TopicPartition partition, in StoredOffset offset, long loggedAt)
    {
        if (!_pending.TryGetValue(producerId, out Dictionary<TopicPartition, Entry>? offsets))
            _pending[producerId] = offsets = [];
        offsets[partition] = new Entry(offset, loggedAt);
    }

    /// <summary>A producer's transaction has ended. True where the group had a part in it.</summary>
    public bool Complete(long producerId, bool commit)
    {
        if (!_pending.Remove(producerId, out Dictionary<TopicPartition, Entry>? offsets))
            return false;
        if (!commit)
            return true;
        foreach ((TopicPartition partition, Entry entry) in offsets) Commit(partition, entry.Offset, entry.LoggedAt);
        return true;
    }

    public void Remove(TopicPartition partition)
    {
        _committed.Remove(partition);
        foreach ((long producerId, Dictionary<TopicPartition, Entry> offsets) in _pending)
        {
            offsets.Remove(partition);
            if (offsets.Count == 0) _pending.Remove(producerId);
        }
    }

    /// <summary>
    /// The offsets nobody has a use for any more (KIP-211): of a consumer group without members, what was not committed since it became
    /// empty; of one with members, what no member subscribes to; of a group that never had members, each by itself.
    /// </summary>
    public IReadOnlyList<TopicPartition> Expired(GroupState group, long? emptySinceMs, TimeSpan retention, long nowMs)
    {
        List<TopicPartition> expired = [];
        long before = nowMs - (long)retention.TotalMilliseconds;
        foreach ((TopicPartition partition, Entry entry) in _committed)
        {
            bool isUnused = group.Status switch
            {
                GroupStatus.Empty => Math.Max(emptySinceMs ?? entry.Offset.CommittedAtMs, entry.Offset.CommittedAtMs) <= before,
                GroupStatus.Stable => !group.IsSubscribedTo(partition.Topic) && entry.Offset.CommittedAtMs <= before,
                _ => false,
            };
            if (isUnused && !IsPending(partition)) expired.Add(partition);
        }

        return expired;
    }
}
