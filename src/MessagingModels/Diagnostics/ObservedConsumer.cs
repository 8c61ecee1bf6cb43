using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace MessagingModels;

/// <summary>
/// A consumer whose polls and commits are measured while someone listens; else it hands every call straight on.
/// A read that has begun stays as it began.
/// </summary>
internal sealed class ObservedConsumer(ILogConsumer inner, MessagingSystem? system = null) : ILogConsumer
{
    public ConsumerOptions Options => inner.Options;

    public IReadOnlyCollection<TopicPartition> Assignment => inner.Assignment;

    public GroupMembership Membership => inner.Membership;

    public IAsyncEnumerable<LogRecord> ReadAsync(CancellationToken cancellationToken = default)
        => MessagingMetrics.MeasuresReceives ? ReadObservedAsync(cancellationToken) : inner.ReadAsync(cancellationToken);

    public ValueTask<IReadOnlyList<LogRecord>> PollAsync(TimeSpan timeout, int maxRecords = 500, CancellationToken cancellationToken = default)
        => MessagingMetrics.MeasuresReceives
            ? PollObservedAsync(timeout, maxRecords, cancellationToken)
            : inner.PollAsync(timeout, maxRecords, cancellationToken);

    public ValueTask CommitAsync(CancellationToken cancellationToken = default)
    {
        long begin = MessagingMetrics.Begin();
        ValueTask commit = inner.CommitAsync(cancellationToken);
        return begin == 0 ? commit : CommitObservedAsync(commit, topic: null, begin);
    }

    public ValueTask CommitAsync(LogRecord record, CancellationToken cancellationToken = default)
    {
        long begin = MessagingMetrics.Begin();
        ValueTask commit = inner.CommitAsync(record, cancellationToken);
        return begin == 0 ? commit : CommitObservedAsync(commit, record.Topic, begin);
    }

    public ValueTask CommitAsync(IReadOnlyCollection<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default)
    {
        long begin = MessagingMetrics.Begin();
        ValueTask commit = inner.CommitAsync(offsets, cancellationToken);
        return begin == 0 ? commit : CommitObservedAsync(commit, topic: null, begin);
    }

    // Listeners are told of this consumer, not of the one within.
    public ValueTask SubscribeAsync(
        IReadOnlyCollection<string> topics, IRebalanceListener? listener = null, CancellationToken cancellationToken = default)
        => inner.SubscribeAsync(topics, Wrap(listener), cancellationToken);

    public ValueTask SubscribeAsync(Regex pattern, IRebalanceListener? listener = null, CancellationToken cancellationToken = default)
        => inner.SubscribeAsync(pattern, Wrap(listener), cancellationToken);

    public ValueTask AssignAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => inner.AssignAsync(partitions, cancellationToken);

    public ValueTask UnsubscribeAsync(CancellationToken cancellationToken = default) => inner.UnsubscribeAsync(cancellationToken);

    public ValueTask SeekAsync(TopicPartition partition, Offset offset, CancellationToken cancellationToken = default)
        => inner.SeekAsync(partition, offset, cancellationToken);

    public ValueTask SeekToBeginningAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => inner.SeekToBeginningAsync(partitions, cancellationToken);

    public ValueTask SeekToEndAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => inner.SeekToEndAsync(partitions, cancellationToken);

    public ValueTask SeekToTimestampAsync(
        IReadOnlyCollection<TopicPartition> partitions, DateTimeOffset timestamp, CancellationToken cancellationToken = default)
        => inner.SeekToTimestampAsync(partitions, timestamp, cancellationToken);

    public ValueTask PauseAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => inner.PauseAsync(partitions, cancellationToken);

    public ValueTask ResumeAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
        => inner.ResumeAsync(partitions, cancellationToken);

    public ValueTask<TopicPartitionOffset?> CommittedAsync(TopicPartition partition, CancellationToken cancellationToken = default)
        => inner.CommittedAsync(partition, cancellationToken);

    public Offset Position(TopicPartition partition) => inner.Position(partition);

    public ValueTask<long> LagAsync(TopicPartition partition, CancellationToken cancellationToken = default)
        => inner.LagAsync(partition, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async IAsyncEnumerable<LogRecord> ReadObservedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (LogRecord record in inner.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            MessagingMetrics.Consumed(MessagingOperation.Poll, record.Topic, Options.GroupId, 1, system);
            yield return record;
        }
    }

    private async ValueTask<IReadOnlyList<LogRecord>> PollObservedAsync(TimeSpan timeout, int maxRecords, CancellationToken cancellationToken)
    {
        long begin = MessagingMetrics.Begin();
        IReadOnlyList<LogRecord> records = await inner.PollAsync(timeout, maxRecords, cancellationToken).ConfigureAwait(false);
        MessagingMetrics.Ended(MessagingOperation.Poll, null, begin, Options.GroupId, system: system);
        for (int from = 0, to; from < records.Count; from = to)
        {
            string topic = records[from].Topic;
            for (to = from + 1; to < records.Count && records[to].Topic == topic; to++)
            {
            }

            MessagingMetrics.Consumed(MessagingOperation.Poll, topic, Options.GroupId, to - from, system);
        }

        return records;
    }

    private async ValueTask CommitObservedAsync(ValueTask commit, string? topic, long begin)
    {
        Exception? failure = null;
        try
        {
            await commit.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            MessagingMetrics.Ended(MessagingOperation.Commit, topic, begin, Options.GroupId, failure, system);
        }
    }

    private OuterListener? Wrap(IRebalanceListener? listener) => listener is null ? null : new OuterListener(this, listener);

    private sealed class OuterListener(ObservedConsumer outer, IRebalanceListener listener) : IRebalanceListener
    {
        public ValueTask OnAssignedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => listener.OnAssignedAsync(outer, partitions, cancellationToken);

        public ValueTask OnRevokedAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => listener.OnRevokedAsync(outer, partitions, cancellationToken);

        public ValueTask OnLostAsync(ILogConsumer consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
            => listener.OnLostAsync(outer, partitions, cancellationToken);
    }
}
