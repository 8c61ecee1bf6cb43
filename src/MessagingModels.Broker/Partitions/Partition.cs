namespace MessagingModels.Broker.Partitions;

/// <summary>One partition of a topic. Thread-safe: appends are serial inside, readers take no lock and follow the high watermark.</summary>
internal sealed class Partition
{
    /// <summary>Topic and number; its text is the name of the directory.</summary>
    public TopicPartition Id { get; }

    /// <summary>Why the partition cannot be used, or null. Its reads and appends then fail with <see cref="LogErrorCode.KafkaStorageError"/>.</summary>
    public string? Error => throw new NotSupportedException();

    public long LogStartOffset => throw new NotSupportedException();

    /// <summary>The end of what readers may see: everything below is as durable as the broker promises.</summary>
    public long HighWatermark => throw new NotSupportedException();

    /// <summary>The end of what read-committed readers may see: the first offset of the first open transaction, or the high watermark.</summary>
    public long LastStableOffset => throw new NotSupportedException();

    /// <summary>
    /// Validates and appends v2 batches as a client sent them; offsets and epoch are written into the caller's buffer. The append itself
    /// happens before the call returns, so that the buffer is free then and consecutive calls keep their order; only durability is waited for.
    /// </summary>
    /// <param name="batches">Whole batches; exactly one where it has a producer id.</param>
    /// <param name="acks">None and Leader complete when appended, All when durable.</param>
    /// <param name="cancellationToken">Ends the wait for durability.</param>
    /// <exception cref="LogException">The batches were refused, or the log cannot be written.</exception>
    public ValueTask<PartitionAppendResult> AppendAsync(Memory<byte> batches, Acks acks, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Appends the marker that ends a producer's transaction; completes when it is durable.</summary>
    /// <exception cref="LogException">The epoch is older than the producer's here, or the log cannot be written.</exception>
    public ValueTask AppendMarkerAsync(
        long producerId, short producerEpoch, int coordinatorEpoch, bool commit, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Reads stored batches from the one that holds an offset on: at least one whole batch where there is any.</summary>
    /// <exception cref="LogException">
    /// <see cref="LogErrorCode.OffsetOutOfRange"/> where the offset is below the log start or above the high watermark.
    /// </exception>
    public PartitionReadResult Read(long offset, int maxBytes, IsolationLevel isolation) => throw new NotSupportedException();

    /// <summary>Has a signal set whenever more can be read, until <see cref="Unwatch"/>.</summary>
    public void Watch(FetchSignal signal) => throw new NotSupportedException();

    public void Unwatch(FetchSignal signal) => throw new NotSupportedException();

    /// <summary>The first visible record that is not older than a time in milliseconds since 1970, or null.</summary>
    public TimedOffset? FindOffset(long timestampMs) => throw new NotSupportedException();

    /// <summary>Deletes the records before an offset (null: the high watermark).</summary>
    /// <returns>The new first offset.</returns>
    /// <exception cref="LogException">The offset lies above the high watermark.</exception>
    public ValueTask<long> DeleteRecordsAsync(long? before, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
