using System.Buffers.Binary;
using static MessagingModels.Formats.Records.RecordBatchLayout;

namespace MessagingModels.Formats.Records;

/// <summary>
/// A view over one whole encoded batch or, for the header fields only, over at least its first
/// <see cref="HeaderSizeInBytes"/> bytes. Fields are read in place and nothing is copied. A batch from outside is
/// checked with <see cref="Validate"/> first; on fewer bytes than a header the fields throw
/// <see cref="ArgumentOutOfRangeException"/>.
/// </summary>
public readonly ref struct RecordBatchView
{
    /// <summary>The value of <see cref="ProducerId"/> where the producer is not idempotent.</summary>
    public const long NoProducerId = -1;

    /// <summary>The value of <see cref="BaseSequence"/> where there is none.</summary>
    public const int NoSequence = -1;

    private readonly ReadOnlySpan<byte> _batch;

    /// <summary>A view over <paramref name="batch"/>, which is not checked here.</summary>
    public RecordBatchView(ReadOnlySpan<byte> batch) => _batch = batch;

    /// <summary>The bytes this view was made over.</summary>
    public ReadOnlySpan<byte> Bytes => _batch;

    /// <summary>Offset of the first record; 0 until a broker has assigned it.</summary>
    public long BaseOffset => BinaryPrimitives.ReadInt64BigEndian(_batch[BaseOffsetPosition..]);

    /// <summary>Size of the whole batch by its length field, including the 12 bytes that the field does not count.</summary>
    public int SizeInBytes => LogOverheadInBytes + BinaryPrimitives.ReadInt32BigEndian(_batch[LengthPosition..]);

    /// <summary>Epoch of the leader that appended the batch; -1 until a broker has.</summary>
    public int PartitionLeaderEpoch => BinaryPrimitives.ReadInt32BigEndian(_batch[PartitionLeaderEpochPosition..]);

    /// <summary>Version of the format; this view reads version 2.</summary>
    public byte Magic => _batch[MagicPosition];

    /// <summary>The checksum in the header; <see cref="ComputeCrc"/> is the one of the content.</summary>
    public uint StoredCrc => BinaryPrimitives.ReadUInt32BigEndian(_batch[CrcPosition..]);

    /// <summary>The attribute bits as stored.</summary>
    public short Attributes => BinaryPrimitives.ReadInt16BigEndian(_batch[AttributesPosition..]);

    /// <summary>How <see cref="RecordsSection"/> is compressed; may be an undefined value until validated.</summary>
    public CompressionCodec Codec => (CompressionCodec)(Attributes & CodecMask);

    /// <summary>Whose clock the timestamps come from.</summary>
    public TimestampType TimestampType =>
        (Attributes & TimestampTypeMask) == 0 ? TimestampType.CreateTime : TimestampType.LogAppendTime;

    /// <summary>Whether the batch belongs to a transaction.</summary>
    public bool IsTransactional => (Attributes & TransactionalMask) != 0;

    /// <summary>Whether the batch holds a control record, which applications never see.</summary>
    public bool IsControl => (Attributes & ControlMask) != 0;

    /// <summary>Whether <see cref="BaseTimestamp"/> is the time at which the tombstones of a compacted batch go (KIP-534).</summary>
    public bool HasDeleteHorizon => (Attributes & DeleteHorizonMask) != 0;

    /// <summary>Whether an idempotent producer sent the batch.</summary>
    public bool HasProducerId => ProducerId > NoProducerId;

    /// <summary>Distance of the last offset that the batch covers from its first.</summary>
    public int LastOffsetDelta => BinaryPrimitives.ReadInt32BigEndian(_batch[LastOffsetDeltaPosition..]);

    /// <summary>The last offset that the batch covers; compaction keeps it where it removes the record.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>What the records' timestamps are relative to, in milliseconds since 1970.</summary>
    public long BaseTimestamp => BinaryPrimitives.ReadInt64BigEndian(_batch[BaseTimestampPosition..]);

    /// <summary>The greatest timestamp of the records in milliseconds since 1970; -1 where there is none.</summary>
    public long MaxTimestamp => BinaryPrimitives.ReadInt64BigEndian(_batch[MaxTimestampPosition..]);

    /// <summary>Id of the idempotent producer, or <see cref="NoProducerId"/>.</summary>
    public long ProducerId => BinaryPrimitives.ReadInt64BigEndian(_batch[ProducerIdPosition..]);

    /// <summary>Epoch of the idempotent producer, or -1.</summary>
    public short ProducerEpoch => BinaryPrimitives.ReadInt16BigEndian(_batch[ProducerEpochPosition..]);

    /// <summary>Sequence of the first record, or <see cref="NoSequence"/>.</summary>
    public int BaseSequence => BinaryPrimitives.ReadInt32BigEndian(_batch[BaseSequencePosition..]);

    /// <summary>Sequence of the last offset, or <see cref="NoSequence"/>; sequences wrap from the greatest int32 to 0.</summary>
    public int LastSequence => BaseSequence == NoSequence ? NoSequence : (BaseSequence + LastOffsetDelta) & int.MaxValue;

    /// <summary>Records in the batch; after compaction fewer than offsets.</summary>
    public int RecordCount => BinaryPrimitives.ReadInt32BigEndian(_batch[RecordCountPosition..]);

    /// <summary>The records, still compressed.</summary>
    public ReadOnlySpan<byte> RecordsSection => _batch[HeaderSizeInBytes..SizeInBytes];

    /// <summary>Whether the stored checksum is that of the content.</summary>
    public bool IsCrcValid => ComputeCrc() == StoredCrc;

    /// <summary>
    /// Reads the size of a whole batch from its first 12 bytes. False where there are fewer, or where the length field
    /// cannot be that of a v2 batch (below a header, or above what an array can hold).
    /// </summary>
    public static bool TryReadSize(ReadOnlySpan<byte> prefix, out int sizeInBytes)
    {
        sizeInBytes = 0;
        if (prefix.Length < LogOverheadInBytes)
            return false;
        int length = BinaryPrimitives.ReadInt32BigEndian(prefix[LengthPosition..]);
        if (length < HeaderSizeInBytes - LogOverheadInBytes || length > Array.MaxLength - LogOverheadInBytes)
            return false;
        sizeInBytes = LogOverheadInBytes + length;
        return true;
    }

    /// <summary>The checksum of the content, from the attributes to the end of the batch.</summary>
    public uint ComputeCrc() => Crc32C.Compute(_batch[AttributesPosition..SizeInBytes]);

    /// <summary>
    /// Checks what holds for every batch, stored ones included: length, magic, checksum, codec, and that record count and
    /// last offset delta are possible. Does not look into the records.
    /// </summary>
    public RecordBatchError Validate()
    {
        RecordBatchError frame = ValidateFrame();
        if (frame != RecordBatchError.None)
            return frame;
        if (!IsCrcValid)
            return RecordBatchError.BadCrc;
        if (Codec > CompressionCodec.Zstd)
            return RecordBatchError.UnknownCodec;

        int count = RecordCount;
        if (count < 0 || (Codec == CompressionCodec.None && count > RecordsSection.Length / RecordReader.MinRecordSizeInBytes))
            return RecordBatchError.BadRecordCount;
        // Compaction removes records and keeps the last offset, so a delta may be greater than the count says.
        int lastDelta = LastOffsetDelta;
        return lastDelta < 0 || count - 1 > lastDelta || BaseOffset > long.MaxValue - lastDelta
            ? RecordBatchError.BadOffsetDelta
            : RecordBatchError.None;
    }

    /// <summary>
    /// Checks what a broker asks of a batch from a producer: <see cref="Validate"/>, and base offset 0, at least one record,
    /// consecutive offsets, a sequence where there is a producer id, and no control records.
    /// </summary>
    public RecordBatchError ValidateProduced()
    {
        RecordBatchError error = Validate();
        if (error != RecordBatchError.None)
            return error;
        if (BaseOffset != 0)
            return RecordBatchError.BadBaseOffset;
        if (RecordCount == 0)
            return RecordBatchError.BadRecordCount;
        if (LastOffsetDelta != RecordCount - 1)
            return RecordBatchError.BadOffsetDelta;
        if (IsControl)
            return RecordBatchError.UnexpectedControlBatch;
        return (HasProducerId && (BaseSequence < 0 || ProducerEpoch < 0)) || (IsTransactional && !HasProducerId)
            ? RecordBatchError.BadProducerState
            : RecordBatchError.None;
    }

    /// <summary>Checks length and magic alone, which is cheap: no byte of the records is read.</summary>
    public RecordBatchError ValidateFrame()
    {
        if (_batch.Length <= MagicPosition)
            return RecordBatchError.TooShort;
        // The magic lies at the same place in every version, and older batches may be shorter than a v2 header.
        if (Magic != CurrentMagic)
            return RecordBatchError.UnsupportedMagic;
        if (_batch.Length < HeaderSizeInBytes)
            return RecordBatchError.TooShort;
        return TryReadSize(_batch, out int size) && size == _batch.Length
            ? RecordBatchError.None
            : RecordBatchError.LengthMismatch;
    }
}
