namespace MessagingModels.Formats.Records;

/// <summary>What is wrong with a batch. Each member names the Kafka error a producer gets for it.</summary>
public enum RecordBatchError
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Fewer bytes than a header. CORRUPT_MESSAGE (2).</summary>
    TooShort,

    /// <summary>Not format v2. UNSUPPORTED_FOR_MESSAGE_FORMAT (43) where the magic is 0 or 1.</summary>
    UnsupportedMagic,

    /// <summary>The length field disagrees with the bytes given. CORRUPT_MESSAGE (2).</summary>
    LengthMismatch,

    /// <summary>The checksum does not match the content. CORRUPT_MESSAGE (2).</summary>
    BadCrc,

    /// <summary>The attributes name a codec that does not exist. UNSUPPORTED_COMPRESSION_TYPE (76).</summary>
    UnknownCodec,

    /// <summary>The record count is negative, more than the bytes can hold, or 0 in a produced batch. INVALID_RECORD (87).</summary>
    BadRecordCount,

    /// <summary>The last offset delta does not fit the record count. INVALID_RECORD (87).</summary>
    BadOffsetDelta,

    /// <summary>A produced batch with a base offset other than 0. INVALID_RECORD (87).</summary>
    BadBaseOffset,

    /// <summary>A produced batch with a producer id but without epoch or sequence. INVALID_RECORD (87).</summary>
    BadProducerState,

    /// <summary>A control batch from a producer. INVALID_RECORD (87).</summary>
    UnexpectedControlBatch,

    /// <summary>The records cannot be read, or their offsets are not consecutive. INVALID_RECORD (87).</summary>
    BadRecord,

    /// <summary>A record without a key where keys are needed, as in a compacted topic. INVALID_RECORD (87).</summary>
    MissingKey,
}
