using MessagingModels.Broker.Partitions;
using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Embedded.Log;

/// <summary>
/// Gathers a producer's records for one partition into batches and appends them in order. Thread-safe. At most one drain runs at a time, on
/// the thread pool; while it appends, the next batch gathers.
/// </summary>
internal sealed class PartitionBatcher : IThreadPoolWorkItem, IDisposable
{
    private readonly Lock _gate = new();
    private readonly EmbeddedProducer _producer;
    private readonly Partition _partition;
    private readonly Queue<ProducerBatch> _sealed = new();
    private readonly List<ProducerBatch> _sending = [];
    private readonly List<(long Number, TaskCompletionSource Done)> _flushes = [];
    private readonly ITimer? _linger;
    private ProducerBatch? _open;
    private bool _isDraining;
    private long _begun;
    private long _completed;
    private int _nextSequence;
    private short _sequenceEpoch = -1;
    private long _transaction;

    public PartitionBatcher(EmbeddedProducer producer, Partition partition)
    {
        _producer = producer;
        _partition = partition;
        if (producer.Options.Linger > TimeSpan.Zero)
        {
            _linger = producer.Time.CreateTimer(
                static state => ((PartitionBatcher)state!).SealOpen(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public Partition Partition => _partition;

    /// <summary>A batch that the topic would refuse is not gathered; Kafka's clients learn the topic's limit by a refusal and split then.</summary>
    private int MaxBatchBytes => Math.Min(_producer.Options.BatchSizeBytes, _partition.Settings.MaxMessageBytes);

    /// <summary>Copies a record into the open batch.</summary>
    /// <returns>True where that sealed a batch: a producer with sticky partitions goes on to another one.</returns>
    public bool Add(in ProducerRecord record, long timestampMs, int reservedBytes, object? waiter)
    {
        bool drains, seals = false;
        lock (_gate)
        {
            if (_open is { RecordCount: > 0 } full && full.SizeInBytes + reservedBytes > MaxBatchBytes)
            {
                Seal();
                seals = true;
            }

            ProducerBatch batch = _open ??= Begin(timestampMs);
            batch.Add(record, timestampMs, reservedBytes, waiter);
            drains = !_isDraining && (_linger is null || _sealed.Count > 0);
            _isDraining |= drains;
        }

        if (drains)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return seals;
    }

    /// <summary>Sends what is there; completes when it is acknowledged or has failed.</summary>
    public Task FlushAsync()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_completed == _begun)
                return Task.CompletedTask;
            _flushes.Add((_begun, done));
        }

        SealOpen();
        return done.Task;
    }

    public void Execute() => _ = DrainAsync();

    public void Dispose() => _linger?.Dispose();

    private void SealOpen()
    {
        lock (_gate)
        {
            if (_open is not null)
                Seal();
            if (_isDraining || _sealed.Count == 0)
                return;
            _isDraining = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private ProducerBatch Begin(long timestampMs)
    {
        ProducerBatch batch = _producer.Batches.Rent();
        batch.Begin(++_begun, timestampMs);
        _linger?.Change(_producer.Options.Linger, Timeout.InfiniteTimeSpan);
        return batch;
    }

    private void Seal()
    {
        _sealed.Enqueue(_open!);
        _open = null;
    }

    private async Task DrainAsync()
    {
        while (TakeAll())
        {
            try
            {
                await SendAsync().ConfigureAwait(false);
            }
            catch (LogException error)
            {
                foreach (ProducerBatch batch in _sending.Where(b => b.Append is null))
                    batch.Error ??= error;
            }

            foreach (ProducerBatch batch in _sending)
                await CompleteAsync(batch).ConfigureAwait(false);
            EndTurn();
        }
    }

    private bool TakeAll()
    {
        lock (_gate)
        {
            if (_linger is null && _open is not null)
                Seal();
            while (_sealed.TryDequeue(out ProducerBatch? batch))
                _sending.Add(batch);
            _isDraining = _sending.Count > 0;
            return _isDraining;
        }
    }

    private async ValueTask SendAsync()
    {
        ProducerStamp stamp = await _producer.StampAsync().ConfigureAwait(false);
        if (stamp.IsTransactional && _transaction != _producer.TransactionNumber)
        {
            await _producer.AddToTransactionAsync(_partition.Id).ConfigureAwait(false);
            _transaction = _producer.TransactionNumber;
        }

        // A new epoch begins to count at zero.
        if (stamp.Epoch != _sequenceEpoch)
        {
            _sequenceEpoch = stamp.Epoch;
            _nextSequence = 0;
        }

        foreach (ProducerBatch batch in _sending)
            Send(batch, stamp);
    }

    private void Send(ProducerBatch batch, ProducerStamp stamp)
    {
        try
        {
            Memory<byte> bytes = batch.Build((CompressionCodec)_producer.Options.Compression, stamp, _nextSequence);
            if (bytes.Length > _producer.Options.MaxRequestSizeBytes)
            {
                throw new LogException(LogErrorCode.MessageTooLarge,
                    $"A batch of {bytes.Length} bytes is larger than MaxRequestSizeBytes ({_producer.Options.MaxRequestSizeBytes}).");
            }

            ValueTask<PartitionAppendResult> appended = _partition.AppendAsync(bytes, _producer.Options.Acks);
            if (appended.IsCompletedSuccessfully)
                batch.Result = appended.Result;
            else
                batch.Append = appended.AsTask();
            _nextSequence = (int)(((long)_nextSequence + batch.RecordCount) & int.MaxValue);
        }
        catch (LogException error)
        {
            // Nothing was appended, so the next batch goes on with the same sequence number.
            batch.Error = error;
        }
    }

    private async ValueTask CompleteAsync(ProducerBatch batch)
    {
        if (batch.Append is { } append)
        {
            try
            {
                batch.Result = await append.ConfigureAwait(false);
            }
            catch (LogException error)
            {
                batch.Error = error;
            }
        }

        int waiters = batch.WaiterCount;
        _producer.OnCompleted(batch, batch.HasSilentFailure(waiters));
        batch.Complete(_partition.Id, _producer.Options.Acks);
    }

    private void EndTurn()
    {
        lock (_gate)
        {
            _completed = _sending[^1].Number;
            foreach (ProducerBatch batch in _sending)
                _producer.Batches.Return(batch);
            _sending.Clear();
            for (int i = _flushes.Count - 1; i >= 0; i--)
            {
                if (_flushes[i].Number > _completed)
                    continue;
                _flushes[i].Done.SetResult();
                _flushes.RemoveAt(i);
            }
        }
    }
}
