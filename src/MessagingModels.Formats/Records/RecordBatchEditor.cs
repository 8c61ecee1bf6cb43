using System.Buffers.Binary;
using static MessagingModels.Formats.Records.RecordBatchLayout;

namespace MessagingModels.Formats.Records;

/// <summary>
/// Edits a whole, valid batch in its owner's buffer. Where the field is under the checksum, the checksum is set anew.
/// </summary>
public static class RecordBatchEditor
{
    /// <summary>Sets the offset of the first record. Outside the checksum.</summary>
    public static void SetBaseOffset(Span<byte> batch, long baseOffset) =>
        BinaryPrimitives.WriteInt64BigEndian(batch[BaseOffsetPosition..], baseOffset);

    /// <summary>Sets the leader's epoch. Outside the checksum.</summary>
    public static void SetPartitionLeaderEpoch(Span<byte> batch, int leaderEpoch) =>
        BinaryPrimitives.WriteInt32BigEndian(batch[PartitionLeaderEpochPosition..], leaderEpoch);

    /// <summary>Makes <paramref name="timestampMs"/> (milliseconds since 1970) the append time of every record.</summary>
    public static void SetLogAppendTime(Span<byte> batch, long timestampMs)
    {
        SetAttribute(batch, TimestampTypeMask, true);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampPosition..], timestampMs);
        SetCrc(batch);
    }

    /// <summary>Sets who produced the batch, with which first sequence, and whether in a transaction.</summary>
    public static void SetProducerState(Span<byte> batch, long producerId, short producerEpoch, int baseSequence, bool isTransactional)
    {
        SetAttribute(batch, TransactionalMask, isTransactional);
        BinaryPrimitives.WriteInt64BigEndian(batch[ProducerIdPosition..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[ProducerEpochPosition..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BaseSequencePosition..], baseSequence);
        SetCrc(batch);
    }

    internal static void SetCrc(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcPosition..], new RecordBatchView(batch).ComputeCrc());

    private static void SetAttribute(Span<byte> batch, short mask, bool on)
    {
        short attributes = BinaryPrimitives.ReadInt16BigEndian(batch[AttributesPosition..]);
        BinaryPrimitives.WriteInt16BigEndian(
            batch[AttributesPosition..], (short)(on ? attributes | mask : attributes & ~mask));
    }
}
