using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Consuming;

internal sealed partial class KafkaConsumer
{
    private static readonly TimeSpan SeekRetry = TimeSpan.FromMilliseconds(5);

    public async ValueTask SeekAsync(TopicPartition partition, Offset offset, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset.Value, nameof(offset));
        ConsumedPartition consumed = _partitions.Get(partition);
        await OnThread(() => Seek(consumed, offset.Value), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask SeekToBeginningAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => SeekEachAsync(
            partitions, p => _lookups.Offsets.ListAsync(p, ClientAdmin.OffsetSpec.Earliest(), Options.IsolationLevel, cancellationToken), cancellationToken);

    public ValueTask SeekToEndAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => SeekEachAsync(
            partitions, p => _lookups.Offsets.ListAsync(p, ClientAdmin.OffsetSpec.Latest(), Options.IsolationLevel, cancellationToken), cancellationToken);

    public ValueTask SeekToTimestampAsync(
        IReadOnlyCollection<TopicPartition> partitions, DateTimeOffset timestamp, CancellationToken cancellationToken = default)
        => SeekEachAsync(
            partitions, p => _lookups.Offsets.FindOrEndAsync(p, timestamp, Options.IsolationLevel, cancellationToken), cancellationToken);

    public ValueTask PauseAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        ConsumedPartition[] paused = GetAll(partitions);
        return new(OnThread(
            () =>
            {
                foreach (ConsumedPartition partition in paused)
                {
                    _partitions.Pause(partition);
                    if (!partition.IsStarting && IsAssigned(partition))
                        RequireClient().Pause([partition.ClientId]);
                }
            },
            cancellationToken));
    }

    public ValueTask ResumeAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        ConsumedPartition[] resumed = GetAll(partitions);
        return new(OnThread(
            () =>
            {
                foreach (ConsumedPartition partition in resumed.Where(p => p.IsPaused))
                {
                    partition.IsPaused = false;
                    if (partition.IsStarting || !IsAssigned(partition))
                        continue;
                    if (partition.NeedsSeek && partition.Position >= 0)
                        Seek(partition, partition.Position);
                    RequireClient().Resume([partition.ClientId]);
                }
            },
            cancellationToken));
    }

    public Offset Position(TopicPartition partition)
    {
        ConsumedPartition consumed = _partitions.Get(partition);
        return consumed.Position switch
        {
            >= 0 and long position => new Offset(position),
            ConsumedPartition.NoPosition => throw NoPlaceToStart(consumed),
            _ => _client?.Position(consumed.ClientId) is { IsSpecial: false } known
                ? new Offset(known.Value)
                : throw new LogException(LogErrorCode.OffsetNotAvailable, $"The position in partition {partition} is not known before its first record is read."),
        };
    }

    public async ValueTask<long> LagAsync(TopicPartition partition, CancellationToken cancellationToken = default)
    {
        _partitions.Get(partition);
        IReadOnlyDictionary<TopicPartition, long> end = await _lookups.Offsets.ListAsync(
            [partition], ClientAdmin.OffsetSpec.Latest(), Options.IsolationLevel, cancellationToken).ConfigureAwait(false);
        return Math.Max(0, end[partition] - Position(partition).Value);
    }

    public async ValueTask<TopicPartitionOffset?> CommittedAsync(TopicPartition partition, CancellationToken cancellationToken = default)
        => await _lookups.CommittedAsync(RequireGroup(), partition, cancellationToken).ConfigureAwait(false);

    private async ValueTask SeekEachAsync(
        IReadOnlyCollection<TopicPartition> partitions, Func<TopicPartition[], Task<IReadOnlyDictionary<TopicPartition, long>>> find,
        CancellationToken cancellationToken)
    {
        ConsumedPartition[] sought = GetAll(partitions);
        IReadOnlyDictionary<TopicPartition, long> targets = await find([.. sought.Select(p => p.Id)]).ConfigureAwait(false);
        await OnThread(
            () =>
            {
                foreach (ConsumedPartition partition in sought)
                    Seek(partition, targets[partition.Id]);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Task OnThread(Action work, CancellationToken cancellationToken) => _thread.RunAsync(work).WaitAsync(cancellationToken);

    /// <summary>Sets a position. On the consumer's thread; within an assignment the position goes with it.</summary>
    private void Seek(ConsumedPartition partition, long offset)
    {
        _partitions.SetPosition(partition, offset);
        if (partition.IsStarting || !IsAssigned(partition))
            return;
        long begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                RequireClient().Seek(new Client.TopicPartitionOffset(partition.ClientId, offset));
                return;
            }
            catch (KafkaException early) when (
                early.Error.Code is ErrorCode.Local_State or ErrorCode.Local_PrevInProgress or ErrorCode.Local_Outdated
                && TimeProvider.System.GetElapsedTime(begin) < _kafka.RequestTimeout)
            {
                // The library has not begun to fetch the partition yet, or is about to move to another offset.
                _thread.RunUntil(Task.Delay(SeekRetry));
            }
            catch (KafkaException exception)
            {
                throw exception.ToException($"Partition {partition.Id}");
            }
        }
    }

    /// <summary>False where the partition went while the call waited for its turn.</summary>
    private bool IsAssigned(ConsumedPartition partition) => ReferenceEquals(_partitions.Find(partition.Id), partition);

    private ConsumedPartition[] GetAll(IReadOnlyCollection<TopicPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        return [.. partitions.Distinct().Select(_partitions.Get)];
    }
}
