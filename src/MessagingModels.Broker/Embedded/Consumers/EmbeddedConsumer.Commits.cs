using MessagingModels.Broker.Groups;

namespace MessagingModels.Broker.Embedded.Consumers;

internal sealed partial class EmbeddedConsumer
{
    public ValueTask CommitAsync(CancellationToken cancellationToken = default)
    {
        RequireGroup();
        return CommitPositionsAsync([.. _assigned.Values], cancellationToken);
    }

    public ValueTask CommitAsync(LogRecord record, CancellationToken cancellationToken = default)
        => CommitAsync([new TopicPartitionOffset(record.Topic, record.Partition, record.Offset.Next)], cancellationToken);

    public async ValueTask CommitAsync(IReadOnlyCollection<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        string groupId = RequireGroup();
        if (offsets.Count == 0)
            return;
        OffsetCommit[] commits = [.. offsets.Select(o => new OffsetCommit(o.TopicPartition, o.Offset, o.Metadata ?? ""))];
        GroupCaller caller = _subscription is null ? GroupCaller.None : _member!.Caller;
        // Without a membership the group would take it for a commit from outside, which it accepts while it is empty.
        if (_subscription is not null && caller.Generation < 0)
            throw LogErrorCode.UnknownMemberId.ToException($"Group '{groupId}'");
        IReadOnlyList<LogErrorCode> errors =
            await _groups.CommitOffsetsAsync(groupId, caller, commits, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < commits.Length; i++)
        {
            errors[i].ThrowIfFailed($"Commit of partition {commits[i].Partition} by group '{groupId}'", _groups.Failure);
            if (_assigned.TryGetValue(commits[i].Partition, out ConsumedPartition? consumed))
                consumed.Committed = commits[i].Offset.Value;
        }
    }

    private ValueTask CommitPositionsAsync(IReadOnlyCollection<ConsumedPartition> partitions, CancellationToken cancellationToken)
        => CommitAsync(
            [.. partitions.Where(p => p.Position != p.Committed).Select(p => new TopicPartitionOffset(p.Id.Topic, p.Id.Partition, new Offset(p.Position)))],
            cancellationToken);

    /// <summary>Commits what was handed out, where that is automatic. A commit that the group refuses is made up for by the next owner reading again.</summary>
    private async ValueTask AutoCommitAsync(IReadOnlyCollection<ConsumedPartition> partitions, CancellationToken cancellationToken)
    {
        if (!Options.AutoCommit)
            return;
        try
        {
            await CommitPositionsAsync(partitions, cancellationToken).ConfigureAwait(false);
        }
        catch (LogException error) when (!error.IsFenced)
        {
            // As in Kafka's client: read on; the positions are committed with the next interval or read again by another member.
        }
    }

    private string RequireGroup() => Options.GroupId
        ?? throw new InvalidOperationException("The consumer has no GroupId, so it has no committed offsets; set it in its options.");
}
