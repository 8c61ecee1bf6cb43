namespace MessagingModels.Formats.Records;

/// <summary>
/// Where the fields of a record batch, format v2, lie. All integers are big-endian.
/// <code>
///  0  base offset            int64  | outside
///  8  batch length           int32  | the
/// 12  partition leader epoch int32  | checksum
/// 16  magic                  int8   | (so that a broker
/// 17  crc                    uint32 | can set them)
/// 21  attributes             int16  - checksum from here to the end
/// 23  last offset delta      int32
/// 27  base timestamp         int64
/// 35  max timestamp          int64
/// 43  producer id            int64
/// 51  producer epoch         int16
/// 53  base sequence          int32
/// 57  record count           int32
/// 61  records, compressed as one where a codec is set
/// </code>
/// </summary>
/// <remarks>Source: Kafka documentation, "Message Format"; KIP-98.</remarks>
public static class RecordBatchLayout
{
    /// <summary>Bytes before the records section.</summary>
    public const int HeaderSizeInBytes = 61;

    /// <summary>Bytes that the batch length does not count: base offset and the length itself.</summary>
    public const int LogOverheadInBytes = 12;

    /// <summary>The magic byte of format v2.</summary>
    public const byte CurrentMagic = 2;

    /// <summary>Base offset, int64.</summary>
    public const int BaseOffsetPosition = 0;

    /// <summary>Batch length, int32: the bytes that follow it.</summary>
    public const int LengthPosition = 8;

    /// <summary>Partition leader epoch, int32.</summary>
    public const int PartitionLeaderEpochPosition = 12;

    /// <summary>Magic, int8; at the same place in every format version.</summary>
    public const int MagicPosition = 16;

    /// <summary>CRC-32C, uint32.</summary>
    public const int CrcPosition = 17;

    /// <summary>Attributes, int16; the first byte that the checksum covers.</summary>
    public const int AttributesPosition = 21;

    /// <summary>Last offset delta, int32.</summary>
    public const int LastOffsetDeltaPosition = 23;

    /// <summary>Base timestamp, int64, milliseconds since 1970.</summary>
    public const int BaseTimestampPosition = 27;

    /// <summary>Maximum timestamp, int64, milliseconds since 1970.</summary>
    public const int MaxTimestampPosition = 35;

    /// <summary>Producer id, int64.</summary>
    public const int ProducerIdPosition = 43;

    /// <summary>Producer epoch, int16.</summary>
    public const int ProducerEpochPosition = 51;

    /// <summary>Base sequence, int32.</summary>
    public const int BaseSequencePosition = 53;

    /// <summary>Record count, int32.</summary>
    public const int RecordCountPosition = 57;

    /// <summary>Attribute bits of the <see cref="CompressionCodec"/>.</summary>
    public const short CodecMask = 0x07;

    /// <summary>Attribute bit of the <see cref="TimestampType"/>.</summary>
    public const short TimestampTypeMask = 0x08;

    /// <summary>Attribute bit of a batch that belongs to a transaction.</summary>
    public const short TransactionalMask = 0x10;

    /// <summary>Attribute bit of a batch that holds a control record.</summary>
    public const short ControlMask = 0x20;

    /// <summary>Attribute bit of a compacted batch whose base timestamp says when its tombstones go (KIP-534).</summary>
    public const short DeleteHorizonMask = 0x40;
}
