using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Partitions;

/// <summary>What is to be done with a batch of an idempotent producer.</summary>
/// <param name="Error">Why it is refused, or <see cref="LogErrorCode.None"/>.</param>
/// <param name="Message">The reason in words where it is refused.</param>
/// <param name="Duplicate">The batch it repeats, or null where it is new.</param>
internal readonly record struct SequenceVerdict(LogErrorCode Error, string? Message = null, ProducedBatch? Duplicate = null);

/// <summary>
/// The idempotent producers and the transactions of one partition: a pure state machine, fed with batches in the order of their offsets,
/// by appends and by a replay of the log alike. Called under the partition's lock; <see cref="Aborted"/> may be read without.
/// </summary>
internal sealed class ProducerStates
{
    private readonly Dictionary<long, ProducerState> _producers = [];
    private readonly SortedSet<(long FirstOffset, long ProducerId)> _open = [];

    // Transactions whose marker is appended but not yet below the high watermark: readers must not pass their first offset before.
    private readonly Queue<(long FirstOffset, long MarkerOffset)> _ended = new();

    public IReadOnlyCollection<ProducerState> Producers => _producers.Values;

    public AbortedTransactions Aborted { get; } = new();

    /// <summary>Judges a batch before it is appended; changes nothing.</summary>
    public SequenceVerdict Judge(RecordBatchView batch)
    {
        if (!_producers.TryGetValue(batch.ProducerId, out ProducerState? producer)) return default;
        short epoch = batch.ProducerEpoch;
        if (epoch < producer.Epoch)
        {
            return new SequenceVerdict(LogErrorCode.InvalidProducerEpoch,
                $"Producer {batch.ProducerId} sent a batch of epoch {epoch}, but epoch {producer.Epoch} has begun: a newer instance has taken over.");
        }
        int baseSequence = batch.BaseSequence;
        if (epoch > producer.Epoch)
        {
            return baseSequence == 0 ? default : new SequenceVerdict(LogErrorCode.OutOfOrderSequenceNumber,
                $"Producer {batch.ProducerId} began epoch {epoch} with sequence {baseSequence} instead of 0.");
        }
        if (producer.TryFind(baseSequence, batch.LastSequence, out ProducedBatch duplicate))
            return new SequenceVerdict(LogErrorCode.None, Duplicate: duplicate);
        if (producer.HasOpenTransaction && !batch.IsTransactional)
        {
            return new SequenceVerdict(LogErrorCode.InvalidTransactionState,
                $"Producer {batch.ProducerId} sent a batch outside of its open transaction.");
        }
        int expected = producer.LastSequence == int.MaxValue ? 0 : producer.LastSequence + 1;
        if (baseSequence == expected) return default;
        bool isBehind = ((baseSequence - expected) & int.MaxValue) > int.MaxValue / 2;
        return isBehind && producer.BatchCount > 0
            ? new SequenceVerdict(LogErrorCode.DuplicateSequenceNumber,
                $"Producer {batch.ProducerId} repeated sequence {baseSequence}, which is older than the last {ProducerState.RememberedBatches} batches.")
            : new SequenceVerdict(LogErrorCode.OutOfOrderSequenceNumber,
                $"Producer {batch.ProducerId} sent sequence {baseSequence}; {expected} is next.");
    }

    /// <summary>Whether a producer has a transaction open here.</summary>
    public bool HasOpenTransaction(long producerId) =>
        _producers.TryGetValue(producerId, out ProducerState? producer) && producer.HasOpenTransaction;

    /// <summary>Whether a marker of an epoch may be appended: an older coordinator's may not.</summary>
    public bool IsCurrent(long producerId, short epoch) => !_producers.TryGetValue(producerId, out ProducerState? producer) || epoch >= producer.Epoch;

    /// <summary>Takes note of an appended batch with a producer id.</summary>
    /// <param name="batch">The batch, with its offsets.</param>
    /// <param name="nowMs">When it was appended, in milliseconds since 1970.</param>
    public void Apply(RecordBatchView batch, long nowMs)
    {
        ProducerState producer = GetOrAdd(batch.ProducerId, batch.ProducerEpoch);
        producer.LastTimestampMs = nowMs;
        if (batch.ProducerEpoch > producer.Epoch) producer.BeginEpoch(batch.ProducerEpoch);
        if (batch.IsControl)
        {
            if (ControlRecord.TryRead(batch, out ControlRecordType type)) EndTransaction(producer, batch.BaseOffset, type == ControlRecordType.Abort);
            return;
        }
        producer.Add(new ProducedBatch(batch.BaseSequence, batch.LastSequence, batch.BaseOffset, batch.LastOffset));
        if (batch.IsTransactional && !producer.HasOpenTransaction) Open(producer, batch.BaseOffset);
    }

    /// <summary>The end of what is stable, given the high watermark.</summary>
    public long LastStableOffset(long highWatermark)
    {
        while (_ended.TryPeek(out (long FirstOffset, long MarkerOffset) ended) && ended.MarkerOffset < highWatermark) _ended.Dequeue();
        long stable = highWatermark;
        foreach ((long firstOffset, _) in _ended) stable = Math.Min(stable, firstOffset);
        return _open.Count == 0 ? stable : Math.Min(stable, _open.Min.FirstOffset);
    }

    /// <summary>Forgets producers that were silent for too long and have no open transaction.</summary>
    public void Expire(long lastHeardBeforeMs)
    {
        foreach (ProducerState producer in _producers.Values)
        {
            if (!producer.HasOpenTransaction && producer.LastTimestampMs < lastHeardBeforeMs) _producers.Remove(producer.ProducerId);
        }
    }

    /// <summary>Puts back a producer from a snapshot.</summary>
    public void Restore(ProducerState producer)
    {
        _producers.Add(producer.ProducerId, producer);
        if (producer.HasOpenTransaction) _open.Add((producer.TransactionFirstOffset, producer.ProducerId));
    }

    private ProducerState GetOrAdd(long producerId, short epoch)
    {
        if (!_producers.TryGetValue(producerId, out ProducerState? producer))
        {
            producer = new ProducerState(producerId, epoch);
            _producers.Add(producerId, producer);
        }
        return producer;
    }

    private void Open(ProducerState producer, long firstOffset)
    {
        producer.TransactionFirstOffset = firstOffset;
        _open.Add((firstOffset, producer.ProducerId));
    }

    private void EndTransaction(ProducerState producer, long markerOffset, bool isAborted)
    {
        if (!producer.HasOpenTransaction) return;
        long firstOffset = producer.TransactionFirstOffset;
        _open.Remove((firstOffset, producer.ProducerId));
        producer.TransactionFirstOffset = ProducerState.None;
        _ended.Enqueue((firstOffset, markerOffset));
        if (!isAborted) return;
        // Whatever is aborted later begins at or after this: a search for what overlaps a range may stop there.
        long firstOpen = _open.Count == 0 ? markerOffset + 1 : _open.Min.FirstOffset;
        Aborted.Add(new AbortedTransaction(producer.ProducerId, firstOffset, markerOffset), firstOpen);
    }
}
