using System.Runtime.CompilerServices;
using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Consuming;

internal sealed partial class KafkaConsumer
{
    /// <summary>How many records a read takes from the library at once.</summary>
    private const int ReadAhead = 500;

    /// <summary>The library's wait cannot be broken off: it waits in slices, after each of which other calls get their turn.</summary>
    private const int SliceMs = 25;

    /// <summary>A reader that goes through what was taken looks after its group this often, so that rebalances need not wait for the last record.</summary>
    private static readonly TimeSpan AttendInterval = TimeSpan.FromMilliseconds(100);

    private readonly List<LogRecord> _polled = [];
    private LogException? _fault;
    private long _lastReceived;

    public async ValueTask<IReadOnlyList<LogRecord>> PollAsync(TimeSpan timeout, int maxRecords = 500, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        _polled.Clear();
        await ReceiveAsync(_partitions.Buffered > 0 ? TimeSpan.Zero : timeout, maxRecords, cancellationToken).ConfigureAwait(false);
        _partitions.Take(maxRecords, _polled);
        return _polled;
    }

    public async IAsyncEnumerable<LogRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            await ReceiveAsync(_partitions.Buffered > 0 ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, ReadAhead, cancellationToken).ConfigureAwait(false);
            while (TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastReceived)) < AttendInterval && _partitions.TryTake(out LogRecord record))
            {
                yield return record;
                cancellationToken.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            }
        }
    }

    /// <summary>Lets the consumer's thread read. What it took when the wait is cancelled comes with the next read.</summary>
    private async Task ReceiveAsync(TimeSpan timeout, int maxRecords, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        await _thread.RunAsync(() => Receive(timeout, maxRecords, cancellationToken)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes records from the library: what is there, or the first to come. On the consumer's thread.</summary>
    private void Receive(TimeSpan timeout, int maxRecords, CancellationToken cancellationToken)
    {
        long begin = TimeProvider.System.GetTimestamp();
        bool isEmpty = true;
        while (!cancellationToken.IsCancellationRequested)
        {
            // Neither this nor the clock is asked between records that are there: together they took a tenth of what a record of 100 B takes.
            if (isEmpty)
                Attend();
            TimeSpan left = TimeSpan.Zero;
            if (_partitions.Buffered == 0)
                left = timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout - TimeProvider.System.GetElapsedTime(begin);
            isEmpty = !TryConsume((int)Math.Clamp(left.TotalMilliseconds, 0, SliceMs), cancellationToken);
            if (_partitions.Buffered >= maxRecords || (isEmpty && (_partitions.Buffered > 0 || left <= TimeSpan.Zero)))
                break;
            if (isEmpty)
                _thread.RunQueued();
        }

        Volatile.Write(ref _lastReceived, TimeProvider.System.GetTimestamp());
    }

    /// <summary>Takes what the library has next; false where it has nothing.</summary>
    /// <exception cref="LogException">Reading failed, and everything before was handed out.</exception>
    private bool TryConsume(int timeoutMs, CancellationToken cancellationToken)
    {
        IConsumer<byte[]?, byte[]?> client = RequireClient();
        ConsumeResult<byte[]?, byte[]?>? result = null;
        _reading = cancellationToken;
        try
        {
            result = client.Consume(timeoutMs);
        }
        catch (ConsumeException exception)
        {
            _fault ??= FaultOf(exception);
        }

        _reading = CancellationToken.None;
        if (result is { IsPartitionEOF: true })
            _partitions.ReachEnd(new TopicPartition(result.Topic, result.Partition.Value), result.Offset.Value);
        else if (result is not null)
            _partitions.Buffer(result);
        PauseWhatStarted(client);
        ThrowListenerFault();
        return result is not null;
    }

    /// <summary>Does what is due between reads, and fails where they cannot go on.</summary>
    private void Attend()
    {
        if (_partitions.Buffered == 0)
        {
            if (Interlocked.Exchange(ref _fault, null) is { } fault)
                throw fault;
            if (_events.Fatal is { } fatal)
                throw ConsumerError(fatal, null);
            ThrowIfNoPosition();
        }

        RefreshSubscription();
        if (Options.AutoCommit && TimeProvider.System.GetElapsedTime(_lastAutoCommit) >= Options.AutoCommitInterval)
            CommitWhatWasRead(_partitions.All);
    }

    private void ThrowIfNoPosition()
    {
        foreach (ConsumedPartition partition in _partitions.All)
        {
            if (partition is { Position: ConsumedPartition.NoPosition, IsPaused: false })
                throw NoPlaceToStart(partition);
        }
    }

    private static LogException NoPlaceToStart(ConsumedPartition partition) => new(
        LogErrorCode.OffsetOutOfRange,
        $"Partition {partition.Id} has no place to start: {partition.Reason} and OffsetReset is Fail. Seek, or choose Earliest or Latest.");

    /// <summary>What the caller has to know of an error; null where the library gets over it.</summary>
    private LogException? FaultOf(ConsumeException exception)
    {
        switch (exception.Error.Code)
        {
            case ErrorCode.Local_AutoOffsetReset:
                if (exception.ConsumerRecord is { Topic: { } topic } at && _partitions.Find(new TopicPartition(topic, at.Partition.Value)) is { } partition)
                {
                    partition.Reason = "its position is out of range";
                    _partitions.SetPosition(partition, ConsumedPartition.NoPosition);
                    return null;
                }

                break;

            // A topic that does not exist is read once it does; a member that did not read joins again; lost connections are made again.
            case ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition when _subscription is not null:
            case ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch:
            case ErrorCode.Local_MaxPollExceeded or ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Resolve:
                return null;
        }

        return ConsumerError(exception.Error, exception);
    }

    private LogException ConsumerError(Error error, Exception? inner)
    {
        string subject = Options.GroupId is { } groupId ? $"Group '{groupId}'" : $"Consumer '{Options.ClientId}'";

        // The library has one code for producers and static members.
        return (error.Code == ErrorCode.Local_Fenced ? new Error(ErrorCode.FencedInstanceId, error.Reason) : error).ToException(subject, inner);
    }
}
