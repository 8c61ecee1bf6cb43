using MessagingModels.Broker.Groups;
using MessagingModels.Broker.Partitions;

namespace MessagingModels.Broker.Embedded.Consumers;

internal sealed partial class EmbeddedConsumer
{
    private const string NothingCommitted = "no offset is committed for it";

    private static readonly TimeSpan UnstableOffsetRetry = TimeSpan.FromMilliseconds(10);

    public ValueTask SeekAsync(TopicPartition partition, Offset offset, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset.Value, nameof(offset));
        Get(partition).Seek(offset.Value);
        return ValueTask.CompletedTask;
    }

    public ValueTask SeekToBeginningAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => SeekEach(partitions, p => p.Partition.GetOffsets().LogStart.Value);

    public ValueTask SeekToEndAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => SeekEach(partitions, p => End(p.Partition));

    public ValueTask SeekToTimestampAsync(
        IReadOnlyCollection<TopicPartition> partitions, DateTimeOffset timestamp, CancellationToken cancellationToken = default)
        => SeekEach(partitions, p => p.Partition.FindOffset(timestamp.ToUnixTimeMilliseconds())?.Offset ?? End(p.Partition));

    public ValueTask PauseAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => SetPaused(partitions, true);

    public ValueTask ResumeAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        ValueTask resumed = SetPaused(partitions, false);
        _signal.Set();
        return resumed;
    }

    public Offset Position(TopicPartition partition)
    {
        ConsumedPartition consumed = Get(partition);
        return new Offset(consumed.HasPosition ? consumed.Position : ResetPosition(consumed.Partition, NothingCommitted));
    }

    public ValueTask<long> LagAsync(TopicPartition partition, CancellationToken cancellationToken = default)
    {
        ConsumedPartition consumed = Get(partition);
        return new(Math.Max(0, End(consumed.Partition) - Position(partition).Value));
    }

    public ValueTask<TopicPartitionOffset?> CommittedAsync(TopicPartition partition, CancellationToken cancellationToken = default)
    {
        string groupId = RequireGroup();
        FetchedOffset fetched = _groups.FetchOffsets(groupId, [partition], requireStable: false)[0];
        fetched.Error.ThrowIfFailed($"Group '{groupId}'", _groups.Failure);
        return new(fetched.IsCommitted ? new TopicPartitionOffset(partition.Topic, partition.Partition, fetched.Offset, fetched.Metadata) : null);
    }

    private ValueTask SeekEach(IReadOnlyCollection<TopicPartition> partitions, Func<ConsumedPartition, long> target)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        foreach (ConsumedPartition consumed in partitions.Select(Get).ToArray())
            consumed.Seek(target(consumed));
        return ValueTask.CompletedTask;
    }

    private ValueTask SetPaused(IReadOnlyCollection<TopicPartition> partitions, bool isPaused)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        foreach (ConsumedPartition consumed in partitions.Select(Get).ToArray())
            consumed.IsPaused = isPaused;
        return ValueTask.CompletedTask;
    }

    private long End(Partition partition)
    {
        PartitionOffsets range = partition.GetOffsets();
        return (Options.IsolationLevel == IsolationLevel.ReadCommitted ? range.LastStable : range.HighWatermark).Value;
    }

    /// <summary>The group's committed offset, or where the reset policy says. An offset that an open transaction holds is waited for (KIP-447).</summary>
    private async ValueTask<long> StartPositionAsync(Partition partition, CancellationToken cancellationToken)
    {
        while (Options.GroupId is { } groupId)
        {
            FetchedOffset fetched = _groups.FetchOffsets(groupId, [partition.Id], requireStable: true)[0];
            if (fetched.IsCommitted)
                return fetched.Offset.Value;
            if (fetched.Error == LogErrorCode.None)
                break;
            if (fetched.Error != LogErrorCode.UnstableOffsetCommit)
                throw fetched.Error.ToException($"Group '{groupId}'", _groups.Failure);
            await Task.Delay(UnstableOffsetRetry, _time, cancellationToken).ConfigureAwait(false);
        }

        // A reset to nowhere fails the first read, so that the caller can still seek.
        return Options.OffsetReset == OffsetReset.Fail ? ConsumedPartition.NoPosition : ResetPosition(partition, NothingCommitted);
    }

    private long ResetPosition(Partition partition, string reason) => Options.OffsetReset switch
    {
        OffsetReset.Earliest => partition.GetOffsets().LogStart.Value,
        OffsetReset.Latest => End(partition),
        _ => throw new LogException(LogErrorCode.OffsetOutOfRange,
            $"Partition {partition.Id} has no place to start: {reason} and OffsetReset is Fail. Seek, or choose Earliest or Latest."),
    };
}
