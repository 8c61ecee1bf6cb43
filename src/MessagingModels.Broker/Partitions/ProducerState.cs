using System.Runtime.CompilerServices;

namespace MessagingModels.Broker.Partitions;

/// <summary>A batch that a producer has appended, for telling a repetition of it.</summary>
internal readonly record struct ProducedBatch(int BaseSequence, int LastSequence, long BaseOffset, long LastOffset);

/// <summary>
/// What a partition knows of one idempotent producer: its epoch, its last five batches (a client has no more under way) and the first
/// offset of its open transaction. Changed under the partition's lock.
/// </summary>
/// <remarks>Source: KIP-98, KIP-360; <c>ProducerStateEntry</c> in Kafka.</remarks>
internal sealed class ProducerState(long producerId, short epoch)
{
    public const int RememberedBatches = 5;

    /// <summary>The value of a sequence or offset that is not there.</summary>
    public const int None = -1;

    private RecentBatches _batches;
    private int _count;

    public long ProducerId { get; } = producerId;

    public short Epoch { get; private set; } = epoch;

    /// <summary>When the producer was last heard of, in milliseconds since 1970.</summary>
    public long LastTimestampMs { get; set; }

    /// <summary>The first offset of the open transaction, or <see cref="None"/>.</summary>
    public long TransactionFirstOffset { get; set; } = None;

    public bool HasOpenTransaction => TransactionFirstOffset != None;

    public int BatchCount => _count;

    public int LastSequence => _count == 0 ? None : _batches[_count - 1].LastSequence;

    /// <summary>The remembered batches, oldest first.</summary>
    public ReadOnlySpan<ProducedBatch> Batches => ((ReadOnlySpan<ProducedBatch>)_batches)[.._count];

    public void Add(in ProducedBatch batch)
    {
        if (_count == RememberedBatches)
        {
            for (int i = 1; i < RememberedBatches; i++) _batches[i - 1] = _batches[i];
            _count--;
        }
        _batches[_count++] = batch;
    }

    /// <summary>Begins a later epoch, in which sequences begin at 0 again.</summary>
    public void BeginEpoch(short epoch)
    {
        Epoch = epoch;
        _count = 0;
    }

    public bool TryFind(int baseSequence, int lastSequence, out ProducedBatch batch)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            batch = _batches[i];
            if (batch.BaseSequence == baseSequence && batch.LastSequence == lastSequence) return true;
        }
        batch = default;
        return false;
    }

    [InlineArray(RememberedBatches)]
    private struct RecentBatches
    {
        private ProducedBatch _first;
    }
}
