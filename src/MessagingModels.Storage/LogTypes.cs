namespace MessagingModels.Storage;

/// <summary>Where an append went.</summary>
/// <param name="FirstOffset">The offset of the first record.</param>
/// <param name="LastOffset">The offset of the last record. Wait for <c>LastOffset + 1</c> to have it durable.</param>
/// <param name="Position">Where in its segment the first batch begins, in bytes.</param>
/// <param name="MaxTimestampMs">The latest timestamp of the batches, in milliseconds since 1970.</param>
public readonly record struct LogAppendResult(long FirstOffset, long LastOffset, int Position, long MaxTimestampMs);

/// <summary>Stored batches, whole and as they were appended.</summary>
/// <param name="Batches">The bytes; empty where there is nothing to read below the limit.</param>
/// <param name="BaseOffset">The base offset of the first batch, which may be below or (after compaction) above the offset asked for.</param>
/// <param name="NextOffset">Where to go on reading.</param>
public readonly record struct LogReadResult(ReadOnlyMemory<byte> Batches, long BaseOffset, long NextOffset);

/// <summary>A record's offset and its timestamp in milliseconds since 1970.</summary>
public readonly record struct OffsetAndTimestamp(long Offset, long TimestampMs);

/// <summary>One segment of a log.</summary>
/// <param name="BaseOffset">The first offset that the segment may hold.</param>
/// <param name="NextOffset">The first offset after it.</param>
/// <param name="SizeInBytes">The size of its data.</param>
public readonly record struct SegmentInfo(long BaseOffset, long NextOffset, int SizeInBytes);

/// <summary>What a compaction did.</summary>
/// <param name="UpToOffset">Everything below has been compacted.</param>
/// <param name="RemovedRecords">Superseded records, expired tombstones, records of aborted transactions and markers that are gone.</param>
/// <param name="SizeBeforeInBytes">The size of the segments that were looked at.</param>
/// <param name="SizeAfterInBytes">The size of what took their place.</param>
public readonly record struct CompactionResult(long UpToOffset, long RemovedRecords, long SizeBeforeInBytes, long SizeAfterInBytes);
