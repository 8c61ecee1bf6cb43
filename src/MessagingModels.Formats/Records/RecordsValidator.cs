namespace MessagingModels.Formats.Records;

/// <summary>Looks into the records of a produced batch, which <see cref="RecordBatchView.ValidateProduced"/> does not.</summary>
public static class RecordsValidator
{
    /// <summary>
    /// Checks that every record can be read, that offsets are consecutive from 0 and, where asked, that every record has a key.
    /// </summary>
    /// <param name="uncompressedRecords">The records section; see <see cref="RecordCompression.ReadRecords"/>.</param>
    /// <param name="recordCount">Records that the header declares.</param>
    /// <param name="requireKeys">Whether a record without a key is an error.</param>
    /// <param name="recordIndex">The first record that is wrong; -1 where none is.</param>
    /// <returns>
    /// <see cref="RecordBatchError.None"/>, <see cref="RecordBatchError.BadRecord"/> or <see cref="RecordBatchError.MissingKey"/>.
    /// </returns>
    public static RecordBatchError Validate(
        ReadOnlySpan<byte> uncompressedRecords, int recordCount, bool requireKeys, out int recordIndex)
    {
        recordIndex = 0;
        try
        {
            var reader = new RecordReader(uncompressedRecords, recordCount);
            while (reader.MoveNext())
            {
                RecordView record = reader.Current;
                if (record.OffsetDelta != recordIndex)
                    return RecordBatchError.BadRecord;
                if (requireKeys && !record.HasKey)
                    return RecordBatchError.MissingKey;
                recordIndex++;
            }
        }
        catch (InvalidRecordException)
        {
            return RecordBatchError.BadRecord;
        }

        recordIndex = -1;
        return RecordBatchError.None;
    }
}
