using System.Runtime.InteropServices;
using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Producing;

internal sealed partial class KafkaProducer
{
    /// <summary>Up to this linger time a flush just waits for it.</summary>
    private const double FlushLingerMs = 10;

    private static readonly TimeSpan FlushSlice = TimeSpan.FromMilliseconds(100);

    /// <summary>When a full queue of the library is tried again without any delivery in between.</summary>
    private static readonly TimeSpan QueueRetry = TimeSpan.FromMilliseconds(50);

    // Records that could not be handed over at once. While there are any, all others queue behind them: a caller's records keep their order.
    private readonly Queue<WaitingRecord> _waiting = new();
    private int _waitingCount;
    private Task _admitting = Task.CompletedTask;

    // Of the admission: look-ups that failed. Records that waited for one at that time fail of it too, and do not each wait for their own.
    private readonly Dictionary<string, FailedLookUp> _failedLookUps = new(StringComparer.Ordinal);

    /// <summary>Hands a record to the library; false where it has to wait for its topic or for memory.</summary>
    /// <exception cref="LogException">It was refused.</exception>
    private bool TryHandOver(in ProducerRecord record, PendingRecord pending)
    {
        if (Volatile.Read(ref _waitingCount) != 0 || _topics.Find(record.Topic) is not { } topic || !_memory.TryReserve(pending.ReservedBytes))
            return false;
        int reserved = pending.ReservedBytes;
        bool isTaken = false;
        try
        {
            return isTaken = topic.Select(record, _partitioner, reserved) is { } partition && TryProduce(partition, record, pending);
        }
        catch
        {
            pending.Abandon();
            throw;
        }
        finally
        {
            if (!isTaken)
                _memory.Release(reserved);
        }
    }

    /// <summary>False where the library's queue is full.</summary>
    /// <exception cref="LogException">The record was refused.</exception>
    private bool TryProduce(Client.TopicPartition partition, in ProducerRecord record, PendingRecord pending)
    {
        Message<byte[]?, byte[]?> message = new() { Key = ToArray(record.Key), Value = ToArray(record.Value) };
        if (record.Timestamp is { } timestamp)
            message.Timestamp = new Timestamp(timestamp);
        if (record.Headers is { Count: > 0 } headers)
        {
            message.Headers = [];
            foreach (RecordHeader header in headers)
                message.Headers.Add(header.Key, ToArray(header.Value));
        }

        try
        {
            _client.Produce(partition, message, pending.Handler);
            return true;
        }
        catch (ProduceException<byte[]?, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
        catch (ProduceException<byte[]?, byte[]?> refused)
        {
            LogException error = refused.ToException($"A record to topic '{record.Topic}' was refused");
            Interlocked.CompareExchange(ref _transactionFailure, error, null);
            throw error;
        }
    }

    /// <summary>The library copies what it is given; a whole array needs no copy before that.</summary>
    private static byte[]? ToArray(ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } memory)
            return null;
        return MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();
    }

    private async ValueTask<RecordPosition> ProduceLaterAsync(
        ProducerRecord record, PendingRecord pending, ValueTask<RecordPosition> delivery, CancellationToken cancellationToken)
    {
        await HandOverLaterAsync(record, pending, cancellationToken).ConfigureAwait(false);
        return cancellationToken.CanBeCanceled
            ? await delivery.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false)
            : await delivery.ConfigureAwait(false);
    }

    private async Task HandOverLaterAsync(ProducerRecord record, PendingRecord pending, CancellationToken cancellationToken)
    {
        WaitingRecord waiting = new(record, pending);
        lock (_waiting)
        {
            _waiting.Enqueue(waiting);
            Volatile.Write(ref _waitingCount, _waiting.Count);
            if (_waiting.Count == 1)
                _admitting = Task.Run(AdmitAsync, CancellationToken.None);
        }

        await using (cancellationToken.UnsafeRegister(static (state, token) => ((WaitingRecord)state!).Cancel(token), waiting).ConfigureAwait(false))
            await waiting.Entered.ConfigureAwait(false);
    }

    /// <summary>Hands the waiting records over, one after the other, until there are none.</summary>
    private async Task AdmitAsync()
    {
        _failedLookUps.Clear();
        WaitingRecord? next;
        lock (_waiting)
            next = _waiting.Peek();
        while (next is not null)
        {
            try
            {
                await AdmitAsync(next).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // Thrown to whoever handed the record over.
                next.Pending.Abandon();
                next.Fail(exception);
            }

            lock (_waiting)
            {
                _waiting.Dequeue();
                Volatile.Write(ref _waitingCount, _waiting.Count);
                _waiting.TryPeek(out next);
            }
        }
    }

    private async ValueTask AdmitAsync(WaitingRecord next)
    {
        ProducerRecord record = next.Record;
        int reserved = next.Pending.ReservedBytes;
        ProducerTopic topic = _topics.Find(record.Topic) ?? await LookUpAsync(next).ConfigureAwait(false);
        await _memory.ReserveAsync(reserved).ConfigureAwait(false);
        bool isTaken = false;
        try
        {
            if (!next.TryClaim())
            {
                next.Pending.Abandon();
                return;
            }

            Client.TopicPartition partition = topic.Select(record, _partitioner, reserved)
                ?? (topic = await _topics.LookUpAsync(record.Topic).ConfigureAwait(false)).Select(record, _partitioner, reserved)
                ?? throw new LogException(LogErrorCode.UnknownTopicOrPartition,
                    $"Topic '{record.Topic}' has partitions 0 to {topic.PartitionCount - 1}, but not the one asked for ({record.Partition?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "by the partitioner"}).");
            while (!(isTaken = TryProduce(partition, record, next.Pending)))
                await _memory.WaitForReleaseAsync(QueueRetry).ConfigureAwait(false);
        }
        finally
        {
            if (!isTaken)
                _memory.Release(reserved);
        }

        next.Enter();
    }

    /// <summary>Waits for a record's topic: for as long as a look-up takes, and no longer than the record has.</summary>
    /// <exception cref="LogException">There is no such topic, or no answer in time.</exception>
    private async ValueTask<ProducerTopic> LookUpAsync(WaitingRecord next)
    {
        string topic = next.Record.Topic;
        if (_failedLookUps.TryGetValue(topic, out FailedLookUp? failed) && next.Since <= failed.At)
            throw failed.Error;
        TimeSpan rest = Options.DeliveryTimeout - TimeProvider.System.GetElapsedTime(next.Since);
        try
        {
            return await _topics.LookUpAsync(topic).WaitAsync(rest > TimeSpan.Zero ? rest : TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (LogException error)
        {
            _failedLookUps[topic] = new FailedLookUp(TimeProvider.System.GetTimestamp(), error);
            throw;
        }
        catch (TimeoutException late)
        {
            throw new LogException(
                LogErrorCode.RequestTimedOut,
                $"A record to topic '{topic}' waited for the topic to be looked up until its DeliveryTimeout ({Options.DeliveryTimeout.TotalSeconds:0.###} s) had passed.",
                late);
        }
    }

    /// <param name="At">When it failed.</param>
    /// <param name="Error">Of what.</param>
    private sealed record FailedLookUp(long At, LogException Error);

    /// <summary>A record that waits to be handed over; its caller may give up until it is claimed.</summary>
    private sealed class WaitingRecord(ProducerRecord record, PendingRecord pending)
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _isSettled;

        public ProducerRecord Record { get; } = record;

        public PendingRecord Pending { get; } = pending;

        /// <summary>When it began to wait.</summary>
        public long Since { get; } = TimeProvider.System.GetTimestamp();

        public Task Entered => _entered.Task;

        public bool TryClaim() => Interlocked.Exchange(ref _isSettled, 1) == 0;

        public void Cancel(CancellationToken cancellationToken)
        {
            if (TryClaim())
                _entered.SetCanceled(cancellationToken);
        }

        public void Enter() => _entered.TrySetResult();

        public void Fail(Exception exception) => _entered.TrySetException(exception);
    }
}
