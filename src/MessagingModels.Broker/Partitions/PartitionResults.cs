namespace MessagingModels.Broker.Partitions;

/// <summary>Where appended batches went.</summary>
/// <param name="BaseOffset">The offset of the first record; -1 where nobody waited for it to be known.</param>
/// <param name="LogAppendTimeMs">The timestamp given to every record where the topic's is <c>LogAppendTime</c>, else -1.</param>
/// <param name="LogStartOffset">The first offset kept at the time.</param>
/// <param name="IsDuplicate">True where the producer had sent the batch before: nothing was appended.</param>
internal readonly record struct PartitionAppendResult(long BaseOffset, long LogAppendTimeMs, long LogStartOffset, bool IsDuplicate = false);

/// <summary>What one read found.</summary>
/// <param name="Batches">Whole stored batches, the first of which holds the offset asked for or the next one kept; empty at the end.</param>
/// <param name="NextOffset">Where to go on reading.</param>
/// <param name="HighWatermark">The end of what readers may see.</param>
/// <param name="LastStableOffset">The end of what read-committed readers may see.</param>
/// <param name="LogStartOffset">The first offset kept.</param>
/// <param name="Aborted">
/// The aborted transactions with records in <paramref name="Batches"/>, by first offset; empty for <see cref="IsolationLevel.ReadUncommitted"/>.
/// </param>
internal readonly record struct PartitionReadResult(
    ReadOnlyMemory<byte> Batches, long NextOffset, long HighWatermark, long LastStableOffset, long LogStartOffset,
    IReadOnlyList<AbortedTransaction> Aborted);

/// <summary>
/// A transaction that was aborted: a reader skips the producer's transactional batches from <paramref name="FirstOffset"/> on until it
/// meets the producer's abort marker (at <paramref name="MarkerOffset"/>).
/// </summary>
/// <param name="ProducerId">The producer.</param>
/// <param name="FirstOffset">Its first record in the transaction.</param>
/// <param name="MarkerOffset">The offset of the marker that ended it.</param>
internal readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long MarkerOffset);
