using System.Buffers.Binary;
using static MessagingModels.Formats.Records.RecordBatchLayout;

namespace MessagingModels.Formats.Records;

/// <summary>What a control record says. The values are those of the record's key.</summary>
public enum ControlRecordType : short
{
    /// <summary>The producer's transaction was aborted.</summary>
    Abort = 0,

    /// <summary>The producer's transaction was committed.</summary>
    Commit = 1,
}

/// <summary>
/// Transaction markers: a batch with the control bit that holds one record, whose key is the version (int16) and the type
/// (int16), and whose value is the version (int16) and the coordinator's epoch (int32). Applications never see them.
/// </summary>
/// <remarks>Source: KIP-98, "Control Messages".</remarks>
public static class ControlRecord
{
    /// <summary>The size of a marker batch.</summary>
    public const int MarkerSizeInBytes = HeaderSizeInBytes + 17;

    private const int KeySizeInBytes = 4;
    private const int ValueSizeInBytes = 6;

    /// <summary>Writes the marker that ends a producer's transaction, with base offset 0 for the log to assign.</summary>
    /// <param name="destination">At least <see cref="MarkerSizeInBytes"/>.</param>
    /// <param name="type">Whether the transaction was committed or aborted.</param>
    /// <param name="producerId">The producer whose transaction ends.</param>
    /// <param name="producerEpoch">Its epoch.</param>
    /// <param name="coordinatorEpoch">Epoch of the transaction coordinator that decided.</param>
    /// <param name="timestampMs">Milliseconds since 1970.</param>
    public static void WriteMarker(
        Span<byte> destination, ControlRecordType type, long producerId, short producerEpoch, int coordinatorEpoch, long timestampMs)
    {
        Span<byte> batch = destination[..MarkerSizeInBytes];
        batch.Clear();
        BinaryPrimitives.WriteInt32BigEndian(batch[LengthPosition..], MarkerSizeInBytes - LogOverheadInBytes);
        BinaryPrimitives.WriteInt32BigEndian(batch[PartitionLeaderEpochPosition..], -1);
        batch[MagicPosition] = CurrentMagic;
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesPosition..], ControlMask | TransactionalMask);
        BinaryPrimitives.WriteInt64BigEndian(batch[BaseTimestampPosition..], timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampPosition..], timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(batch[ProducerIdPosition..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[ProducerEpochPosition..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BaseSequencePosition..], RecordBatchView.NoSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordCountPosition..], 1);

        // Length, attributes, both deltas, key, value, no headers: every number here fits one varint byte.
        Span<byte> record = batch[HeaderSizeInBytes..];
        Varint.Write(record, record.Length - 1);
        Varint.Write(record[4..], KeySizeInBytes);
        BinaryPrimitives.WriteInt16BigEndian(record[7..], (short)type);
        Varint.Write(record[9..], ValueSizeInBytes);
        BinaryPrimitives.WriteInt32BigEndian(record[12..], coordinatorEpoch);
        RecordBatchEditor.SetCrc(batch);
    }

    /// <summary>
    /// Reads a transaction marker. False where the batch is no control batch, or one of another kind.
    /// </summary>
    /// <exception cref="InvalidRecordException">The batch's records section is broken.</exception>
    public static bool TryRead(RecordBatchView batch, out ControlRecordType type, out int coordinatorEpoch)
    {
        type = default;
        coordinatorEpoch = 0;
        if (!batch.IsControl || batch.RecordCount == 0 || batch.Codec != CompressionCodec.None)
            return false;
        var reader = new RecordReader(batch.RecordsSection, batch.RecordCount);
        reader.MoveNext();
        RecordView record = reader.Current;
        if (record.Key.Length < KeySizeInBytes || record.Value.Length < ValueSizeInBytes)
            return false;
        type = (ControlRecordType)BinaryPrimitives.ReadInt16BigEndian(record.Key[2..]);
        coordinatorEpoch = BinaryPrimitives.ReadInt32BigEndian(record.Value[2..]);
        return type is ControlRecordType.Abort or ControlRecordType.Commit;
    }

    /// <summary>Reads a transaction marker's type; see the other overload.</summary>
    /// <exception cref="InvalidRecordException">The batch's records section is broken.</exception>
    public static bool TryRead(RecordBatchView batch, out ControlRecordType type) => TryRead(batch, out type, out _);
}
