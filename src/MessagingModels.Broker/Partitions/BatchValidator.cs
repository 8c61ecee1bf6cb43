using MessagingModels.Formats.Records;

namespace MessagingModels.Broker.Partitions;

/// <summary>How far the sender of a batch is trusted.</summary>
internal enum BatchSource
{
    /// <summary>A client: every record is looked at.</summary>
    Client,

    /// <summary>A producer in this process, which built the batch from checked records: the header is looked at.</summary>
    Embedded,
}

/// <summary>
/// Checks produced batches against what the format and the topic demand, and makes them what the topic stores: its timestamp type is set
/// in place, another codec makes a new batch. Stateless; works outside of any lock.
/// </summary>
/// <remarks>Source: Kafka's <c>LogValidator</c>.</remarks>
internal static class BatchValidator
{
    /// <summary>The most that a compressed batch may hold, so that a small request cannot fill the memory.</summary>
    public const int MaxDecompressedBytes = 256 * 1024 * 1024;

    /// <summary>Checks batches.</summary>
    /// <param name="batches">Whole batches back to back; changed in place where the topic sets the append time.</param>
    /// <param name="settings">What the topic demands.</param>
    /// <param name="source">Who made them.</param>
    /// <param name="nowMs">The time in milliseconds since 1970.</param>
    /// <param name="recompressed">Set to what holds the result where a batch had to be compressed anew; return it to its pool after use.</param>
    /// <returns>The batches to append.</returns>
    /// <exception cref="LogException">They are refused; nothing is appended.</exception>
    public static Memory<byte> Validate(
        Memory<byte> batches, TopicSettings settings, BatchSource source, long nowMs, ref BatchRecompressor? recompressed)
    {
        int count = 0;
        bool hasProducer = false, mustRecompress = false;
        for (int position = 0; position < batches.Length; count++)
        {
            Span<byte> rest = batches.Span[position..];
            int size = RecordBatchView.TryReadSize(rest, out int stated) && stated <= rest.Length ? stated : rest.Length;
            Span<byte> bytes = rest[..size];
            RecordBatchView batch = new(bytes);
            ThrowIfInvalid(batch, settings, nowMs, count);
            if (source == BatchSource.Client || NeedsRecords(settings)) ValidateRecords(batch, settings, nowMs, count);
            hasProducer |= batch.HasProducerId;
            mustRecompress |= settings.Codec is { } codec && codec != batch.Codec;
            position += size;
        }
        if (count == 0) throw new LogException(LogErrorCode.CorruptMessage, "The request holds no record batch.");
        if (count > 1 && hasProducer)
            throw new LogException(LogErrorCode.InvalidRecord, "An idempotent producer sends one batch at a time to a partition.");
        if (mustRecompress)
        {
            recompressed = BatchRecompressor.Rent();
            batches = recompressed.Recompress(batches, settings.Codec!.Value);
        }
        if (settings.TimestampType == TimestampType.LogAppendTime) SetAppendTime(batches.Span, nowMs);
        return batches;
    }

    /// <summary>Hands the records of a batch, decompressed, to a reader.</summary>
    /// <exception cref="LogException">The codec cannot read them.</exception>
    public static ReadOnlySpan<byte> Decompress(RecordBatchView batch, System.Buffers.ArrayBufferWriter<byte> destination)
    {
        if (batch.Codec == CompressionCodec.None) return batch.RecordsSection;
        destination.ResetWrittenCount();
        try
        {
            RecordCompression.Decompress(batch.Codec, batch.RecordsSection, destination, MaxDecompressedBytes);
        }
        catch (Exception error) when (error is RecordCompressionException or DecompressedSizeException)
        {
            throw new LogException(LogErrorCode.CorruptMessage, $"The records cannot be decompressed: {error.Message}", error);
        }
        return destination.WrittenSpan;
    }

    // That no record is too new can be told from the header of a batch that is trusted.
    private static bool NeedsRecords(TopicSettings settings) =>
        settings.Compacts || (settings.TimestampType == TimestampType.CreateTime && settings.TimestampBeforeMaxMs != long.MaxValue);

    private static void ThrowIfInvalid(RecordBatchView batch, TopicSettings settings, long nowMs, int index)
    {
        RecordBatchError error = batch.ValidateProduced();
        if (error != RecordBatchError.None)
        {
            throw new LogException(CodeOf(error), error == RecordBatchError.BadCrc
                ? $"Batch {index} is damaged: CRC expected 0x{batch.StoredCrc:x8}, found 0x{batch.ComputeCrc():x8}."
                : $"Batch {index} is no valid record batch: {error}.");
        }
        if (batch.SizeInBytes > settings.MaxMessageBytes)
        {
            throw new LogException(LogErrorCode.MessageTooLarge,
                $"Batch {index} has {batch.SizeInBytes} bytes; the topic takes at most {settings.MaxMessageBytes} ({TopicConfiguration.MaxMessageBytes}).");
        }
        long latestMs = TimestampBounds(settings, nowMs).LatestMs;
        if (batch.MaxTimestamp > latestMs)
            throw new LogException(LogErrorCode.InvalidTimestamp, $"Batch {index} has timestamp {batch.MaxTimestamp}; the topic takes none after {latestMs}.");
    }

    private static void ValidateRecords(RecordBatchView batch, TopicSettings settings, long nowMs, int index)
    {
        BatchRecompressor? scratch = batch.Codec == CompressionCodec.None ? null : BatchRecompressor.Rent();
        try
        {
            ReadOnlySpan<byte> section = scratch is null ? batch.RecordsSection : Decompress(batch, scratch.Decompressed);
            (long earliestMs, long latestMs) = TimestampBounds(settings, nowMs);
            RecordReader reader = new(section, batch.RecordCount);
            for (int i = 0; reader.MoveNext(); i++)
            {
                RecordView record = reader.Current;
                if (record.OffsetDelta != i)
                    throw new LogException(LogErrorCode.InvalidRecord, $"Record {i} of batch {index} has offset delta {record.OffsetDelta}; it must be {i}.");
                if (settings.Compacts && !record.HasKey)
                    throw new LogException(LogErrorCode.InvalidRecord, $"Record {i} of batch {index} has no key, which a compacted topic needs.");
                long timestampMs = batch.BaseTimestamp + record.TimestampDelta;
                if (timestampMs >= 0 && (timestampMs < earliestMs || timestampMs > latestMs))
                    throw new LogException(LogErrorCode.InvalidTimestamp, $"Record {i} of batch {index} has timestamp {timestampMs}; the topic takes {earliestMs} to {latestMs}.");
            }
        }
        catch (InvalidRecordException error)
        {
            throw new LogException(LogErrorCode.InvalidRecord, $"Batch {index} holds a broken record: {error.Message}", error);
        }
        finally
        {
            scratch?.Return();
        }
    }

    private static (long EarliestMs, long LatestMs) TimestampBounds(TopicSettings settings, long nowMs)
    {
        if (settings.TimestampType == TimestampType.LogAppendTime) return (long.MinValue, long.MaxValue);
        long earliest = settings.TimestampBeforeMaxMs > nowMs ? 0 : nowMs - settings.TimestampBeforeMaxMs;
        long latest = settings.TimestampAfterMaxMs > long.MaxValue - nowMs ? long.MaxValue : nowMs + settings.TimestampAfterMaxMs;
        return (earliest, latest);
    }

    private static void SetAppendTime(Span<byte> batches, long nowMs)
    {
        for (int position = 0; position < batches.Length;)
        {
            Span<byte> batch = batches[position..];
            int size = new RecordBatchView(batch).SizeInBytes;
            RecordBatchEditor.SetLogAppendTime(batch[..size], nowMs);
            position += size;
        }
    }

    private static LogErrorCode CodeOf(RecordBatchError error) => error switch
    {
        RecordBatchError.UnsupportedMagic => LogErrorCode.UnsupportedForMessageFormat,
        RecordBatchError.UnknownCodec => LogErrorCode.UnsupportedCompressionType,
        RecordBatchError.TooShort or RecordBatchError.LengthMismatch or RecordBatchError.BadCrc => LogErrorCode.CorruptMessage,
        _ => LogErrorCode.InvalidRecord,
    };
}
