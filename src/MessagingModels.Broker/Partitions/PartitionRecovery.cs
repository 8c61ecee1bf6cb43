using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;

namespace MessagingModels.Broker.Partitions;

/// <summary>Finds out, when a partition is opened, which producers and transactions its log knows of.</summary>
internal static class PartitionRecovery
{
    private const int ReadBytes = 1024 * 1024;

    /// <summary>Reads the snapshot and then the batches after it; without a usable snapshot all batches.</summary>
    /// <param name="snapshot">The partition's snapshot file.</param>
    /// <param name="log">The log, opened.</param>
    /// <param name="nowMs">The time in milliseconds since 1970, which is when the producers found count as heard of.</param>
    /// <param name="snapshotOffset">How far the snapshot in the file reaches; -1 where it must be written anew.</param>
    public static ProducerStates Load(CheckpointFile snapshot, Log log, long nowMs, out long snapshotOffset)
    {
        (ProducerStates states, snapshotOffset) = ReadSnapshot(snapshot, log);
        long offset = Math.Max(snapshotOffset, log.LogStartOffset);
        while (offset < log.NextOffset)
        {
            LogReadResult read = log.Read(offset, ReadBytes);
            if (read.NextOffset <= offset) break;
            Replay(states, read.Batches.Span, offset, nowMs);
            offset = read.NextOffset;
        }
        states.Aborted.RemoveBefore(log.LogStartOffset);
        return states;
    }

    // A snapshot that reaches further than the log speaks of records that a crash took: it must not come to apply to other ones later.
    private static (ProducerStates States, long Offset) ReadSnapshot(CheckpointFile file, Log log)
    {
        try
        {
            if (file.Read() is { } bytes && ProducerSnapshot.Decode(bytes) is { } snapshot && snapshot.Offset <= log.NextOffset) return snapshot;
        }
        catch (CheckpointCorruptedException)
        {
            // It only saves reading: the log itself says the same.
        }
        return (new ProducerStates(), -1);
    }

    private static void Replay(ProducerStates states, ReadOnlySpan<byte> batches, long fromOffset, long nowMs)
    {
        for (int position = 0; position < batches.Length;)
        {
            RecordBatchView batch = new(batches[position..]);
            if (batch.HasProducerId && batch.BaseOffset >= fromOffset) states.Apply(batch, nowMs);
            position += batch.SizeInBytes;
        }
    }
}
