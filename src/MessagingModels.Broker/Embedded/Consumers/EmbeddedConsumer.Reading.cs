using System.Runtime.CompilerServices;

namespace MessagingModels.Broker.Embedded.Consumers;

internal sealed partial class EmbeddedConsumer
{
    /// <summary>How long a waiting subscriber goes without looking for new topics and partitions. Its group calls when it rebalances.</summary>
    private static readonly TimeSpan TopicCheckInterval = TimeSpan.FromMilliseconds(250);

    private readonly List<LogRecord> _polled = [];

    public async ValueTask<IReadOnlyList<LogRecord>> PollAsync(TimeSpan timeout, int maxRecords = 500, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _polled.Clear();
        long began = _time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - _time.GetElapsedTime(began);
            await AttendAsync(cancellationToken).ConfigureAwait(false);
            while (_polled.Count < maxRecords && TryRead(out LogRecord record))
                _polled.Add(record);
            if (_polled.Count > 0 || (timeout != Timeout.InfiniteTimeSpan && left <= TimeSpan.Zero))
            {
                _reads++;
                return _polled;
            }

            await WaitAsync(left, cancellationToken).ConfigureAwait(false);
        }
    }

    public async IAsyncEnumerable<LogRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await AttendAsync(cancellationToken).ConfigureAwait(false);

            // Records that are decoded already go out without asking anybody; the group is asked before every fetch.
            bool hasRead = TryRead(out LogRecord record);
            while (hasRead)
            {
                _reads++;
                yield return record;
                cancellationToken.ThrowIfCancellationRequested();
                hasRead = !_needsAttention && _current is { IsPaused: false } current && current.TryTake(out record);
            }

            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!HasFetchable())
                await WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The next record of the partition in turn; a partition's turn is what one batch of it holds.</summary>
    private bool TryRead(out LogRecord record)
    {
        if (_current is { IsPaused: false } current && current.TryTake(out record))
            return true;
        _current = null;
        for (int tries = _rotation.Count; tries > 0; tries--)
        {
            ConsumedPartition next = _rotation[_turn++ % _rotation.Count];
            if (next.IsPaused || !Fetch(next))
                continue;
            _current = next;
            return next.TryTake(out record);
        }

        record = default;
        return false;
    }

    private bool HasFetchable()
    {
        foreach (ConsumedPartition partition in _rotation)
        {
            if (!partition.IsPaused && Fetch(partition))
                return true;
        }

        return false;
    }

    private bool Fetch(ConsumedPartition partition)
    {
        if (!partition.HasPosition)
            partition.Seek(ResetPosition(partition.Partition, NothingCommitted));
        try
        {
            return partition.Fetch(Math.Min(Options.MaxPartitionFetchBytes, Options.FetchMaxBytes));
        }
        catch (LogException error) when (error.ErrorCode == LogErrorCode.OffsetOutOfRange && Options.OffsetReset != OffsetReset.Fail)
        {
            partition.Seek(ResetPosition(partition.Partition, "its position is out of range"));
            return partition.Fetch(Math.Min(Options.MaxPartitionFetchBytes, Options.FetchMaxBytes));
        }
        catch (LogException error) when (error.ErrorCode == LogErrorCode.UnknownTopicOrPartition && _subscription is not null)
        {
            // The topic was deleted: the group will say so by another assignment.
            return false;
        }
    }

    private async ValueTask WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        TimeSpan slice = _subscription is null || (timeout != Timeout.InfiniteTimeSpan && timeout < TopicCheckInterval) ? timeout : TopicCheckInterval;
        _isWaiting = true;
        try
        {
            if (_joining is { IsCompleted: true })
                return;
            await _signal.WaitAsync(slice, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _isWaiting = false;
            _reads++;
        }
    }
}
