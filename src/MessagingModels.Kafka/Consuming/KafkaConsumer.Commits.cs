using Confluent.Kafka;
using MessagingModels.Kafka.Clients;
using MessagingModels.Kafka.Producing;

namespace MessagingModels.Kafka.Consuming;

internal sealed partial class KafkaConsumer
{
    private long _lastAutoCommit = TimeProvider.System.GetTimestamp();

    public async ValueTask CommitAsync(CancellationToken cancellationToken = default)
    {
        RequireGroup();
        await OnThread(() => Commit(Positions(_partitions.All)), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask CommitAsync(LogRecord record, CancellationToken cancellationToken = default)
        => CommitAsync([new TopicPartitionOffset(record.Topic, record.Partition, record.Offset.Next)], cancellationToken);

    public async ValueTask CommitAsync(IReadOnlyCollection<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        RequireGroup();
        Client.TopicPartitionOffset[] commits = [.. offsets.Select(KafkaProducer.ToClientOffset)];
        await OnThread(() => Commit(commits), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits offsets. On the consumer's thread.</summary>
    /// <exception cref="LogException">The group refused one.</exception>
    private void Commit(Client.TopicPartitionOffset[] offsets)
    {
        if (offsets.Length == 0)
            return;
        string subject = $"Commit by group '{Options.GroupId}'";

        // Without a membership the group would take it for a commit from outside, which it accepts while it is empty.
        if (_subscription is not null && Membership is { Generation: < 0 })
            throw new LogException(LogErrorCode.UnknownMemberId, $"{subject}: the group does not know the member (it was silent or did not read for too long, or has not joined yet); read on to rejoin.");
        CommitInTime(RequireClient(), offsets, subject);

        foreach (Client.TopicPartitionOffset offset in offsets)
        {
            if (_partitions.Find(ToApi(offset.TopicPartition)) is { } partition)
                partition.Committed = offset.Offset.Value;
        }
    }

    /// <summary>Waits for a commit no longer than for other requests: the library's call takes a minute and more while no coordinator answers.</summary>
    private void CommitInTime(IConsumer<byte[]?, byte[]?> client, Client.TopicPartitionOffset[] offsets, string subject)
    {
        Task commit = Task.Run(() => client.Commit(offsets), CancellationToken.None);
        try
        {
            if (commit.Wait(_kafka.RequestTimeout))
                return;
        }
        catch (AggregateException failure) when (failure.InnerException is KafkaException exception)
        {
            throw exception.ToException(subject);
        }

        TaskWaits.Leave(commit);
        throw new LogException(
            LogErrorCode.RequestTimedOut,
            $"{subject}: no coordinator answered within {_kafka.RequestTimeout.TotalSeconds:0.###} s. Whether the offsets are committed is unknown.");
    }

    /// <summary>Commits what was handed out, where that is automatic. A commit that the group refuses is made up for by the next owner reading again.</summary>
    private void CommitWhatWasRead(IReadOnlyCollection<ConsumedPartition> partitions)
    {
        if (!Options.AutoCommit)
            return;
        _lastAutoCommit = TimeProvider.System.GetTimestamp();
        try
        {
            Commit(Positions(partitions));
        }
        catch (LogException refused)
        {
            // As in Kafka's own client: read on; the positions are committed with the next interval or read again by another member.
            KafkaLog.AutoCommitFailed(_logger, refused, Options.GroupId!);
        }
    }

    private static Client.TopicPartitionOffset[] Positions(IReadOnlyCollection<ConsumedPartition> partitions)
        => [.. partitions.Where(p => p.Position >= 0 && p.Position != p.Committed).Select(p => new Client.TopicPartitionOffset(p.ClientId, p.Position))];

    private string RequireGroup() => Options.GroupId
        ?? throw new InvalidOperationException("The consumer has no GroupId, so it has no committed offsets; set it in its options.");
}
