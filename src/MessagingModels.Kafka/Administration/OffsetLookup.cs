using Confluent.Kafka;

namespace MessagingModels.Kafka.Administration;

/// <summary>Offsets of partitions: their range, by time, and the deletion of what lies before one.</summary>
internal sealed class OffsetLookup(ClusterAdmin cluster)
{
    // Codes that the API has no name for: the client has heard of another leader than the broker, or the other way round.
    private const LogErrorCode FencedLeaderEpoch = (LogErrorCode)(short)ErrorCode.FencedLeaderEpoch;
    private const LogErrorCode UnknownLeaderEpoch = (LogErrorCode)(short)ErrorCode.UnknownLeaderEpoch;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(50);

    public async ValueTask<PartitionOffsets> GetRangeAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        Task<IReadOnlyDictionary<TopicPartition, long>> start = ListAsync([partition], ClientAdmin.OffsetSpec.Earliest(), IsolationLevel.ReadUncommitted, cancellationToken);
        Task<IReadOnlyDictionary<TopicPartition, long>> end = ListAsync([partition], ClientAdmin.OffsetSpec.Latest(), IsolationLevel.ReadUncommitted, cancellationToken);
        Task<IReadOnlyDictionary<TopicPartition, long>> stable = ListAsync([partition], ClientAdmin.OffsetSpec.Latest(), IsolationLevel.ReadCommitted, cancellationToken);
        IReadOnlyDictionary<TopicPartition, long>[] offsets = await Task.WhenAll(start, end, stable).ConfigureAwait(false);
        return new PartitionOffsets(new(offsets[0][partition]), new(offsets[1][partition]), new(offsets[2][partition]));
    }

    public async ValueTask<Offset?> FindAsync(
        TopicPartition partition, DateTimeOffset timestamp, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<TopicPartition, long> found =
            await ListAsync([partition], At(timestamp), IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false);
        return found[partition] < 0 ? null : new Offset(found[partition]);
    }

    /// <summary>The offsets of the first records that are not older; the ends where there is none.</summary>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> FindOrEndAsync(
        IReadOnlyCollection<TopicPartition> partitions, DateTimeOffset timestamp, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<TopicPartition, long> found = await ListAsync(partitions, At(timestamp), isolation, cancellationToken).ConfigureAwait(false);
        TopicPartition[] none = [.. found.Where(f => f.Value < 0).Select(f => f.Key)];
        IReadOnlyDictionary<TopicPartition, long> ends =
            await ListAsync(none, ClientAdmin.OffsetSpec.Latest(), isolation, cancellationToken).ConfigureAwait(false);
        return found.ToDictionary(f => f.Key, f => f.Value < 0 ? ends[f.Key] : f.Value);
    }

    /// <summary>One offset for each partition. Asks again while a leader is only just taking over, as after a topic's creation.</summary>
    /// <exception cref="LogException">A partition does not exist, or no answer in time.</exception>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> ListAsync(
        IReadOnlyCollection<TopicPartition> partitions, ClientAdmin.OffsetSpec which, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        if (partitions.Count == 0)
            return new Dictionary<TopicPartition, long>();
        long begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await RequestAsync(partitions, which, isolation, cancellationToken).ConfigureAwait(false);
            }
            catch (LogException early) when (
                early.ErrorCode is LogErrorCode.NotLeaderOrFollower or LogErrorCode.LeaderNotAvailable or LogErrorCode.OffsetNotAvailable
                    or FencedLeaderEpoch or UnknownLeaderEpoch
                    or LogErrorCode.FencedLeaderEpoch or LogErrorCode.UnknownLeaderEpoch
                && TimeProvider.System.GetElapsedTime(begin) < cluster.RequestTimeout)
            {
                await Task.Delay(RetryInterval, cancellationToken).ConfigureAwait(false);
                foreach (string topic in partitions.Select(p => p.Topic).Distinct(StringComparer.Ordinal))
                    await cluster.RefreshAsync(topic, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<IReadOnlyDictionary<TopicPartition, long>> RequestAsync(
        IReadOnlyCollection<TopicPartition> partitions, ClientAdmin.OffsetSpec which, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        ClientAdmin.ListOffsetsResult answer = await ClusterAdmin.AnswerAsync(
            cluster.AdminClient.ListOffsetsAsync(
                partitions.Select(p => new ClientAdmin.TopicPartitionOffsetSpec
                {
                    TopicPartition = new Client.TopicPartition(p.Topic, p.Partition),
                    OffsetSpec = which,
                }),
                new ClientAdmin.ListOffsetsOptions
                {
                    RequestTimeout = cluster.RequestTimeout,
                    IsolationLevel = isolation == IsolationLevel.ReadCommitted
                        ? Client.IsolationLevel.ReadCommitted : Client.IsolationLevel.ReadUncommitted,
                }),
            partitions.Count == 1 ? $"Partition {partitions.First()}" : "The offsets of partitions", cancellationToken).ConfigureAwait(false);
        return answer.ResultInfos.ToDictionary(
            i => new TopicPartition(i.TopicPartitionOffsetError.Topic, i.TopicPartitionOffsetError.Partition),
            i => i.TopicPartitionOffsetError.Offset.Value);
    }

    public async ValueTask<Offset> DeleteRecordsAsync(
        TopicPartition partition, Offset? before, CancellationToken cancellationToken)
    {
        if (before is { Value: < 0 } negative)
            throw new LogException(LogErrorCode.OffsetOutOfRange, $"Partition {partition} has no offset {negative}.");

        // Deleting in a partition that does not exist is a request that librdkafka never answers: this one says so.
        await ListAsync([partition], ClientAdmin.OffsetSpec.Earliest(), IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false);
        Client.Offset until = before is { } offset ? new Client.Offset(offset.Value) : Client.Offset.End;
        List<ClientAdmin.DeleteRecordsResult> results = await ClusterAdmin.AnswerAsync(
            cluster.AdminClient.DeleteRecordsAsync(
                [new Client.TopicPartitionOffset(partition.Topic, partition.Partition, until)],
                new ClientAdmin.DeleteRecordsOptions { RequestTimeout = cluster.RequestTimeout, OperationTimeout = cluster.RequestTimeout }),
            $"Partition {partition}", cancellationToken).ConfigureAwait(false);
        return new Offset(results[0].Offset.Value);
    }

    /// <summary>Negative numbers have other meanings in the protocol; no record is older than 1970.</summary>
    private static ClientAdmin.OffsetSpec At(DateTimeOffset timestamp)
        => ClientAdmin.OffsetSpec.ForTimestamp(Math.Max(0, timestamp.ToUnixTimeMilliseconds()));
}
