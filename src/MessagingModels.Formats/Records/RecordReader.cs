namespace MessagingModels.Formats.Records;

/// <summary>
/// Iterates the records of an uncompressed records section and checks each as it comes:
/// <code>
/// length varint | attributes int8 | timestamp delta varlong | offset delta varint | key length varint (-1: null), key
///   | value length varint (-1: null), value | header count varint | (key length varint, key, value length varint, value)*
/// </code>
/// Bad input throws <see cref="InvalidRecordException"/> with the position; nothing outside the section is ever read.
/// </summary>
/// <remarks>Source: Kafka documentation, "Message Format", record.</remarks>
public ref struct RecordReader
{
    /// <summary>The size of a record without key, value and headers.</summary>
    public const int MinRecordSizeInBytes = 7;

    private readonly ReadOnlySpan<byte> _section;
    private int _remaining;
    private int _position;
    private int _recordEnd;
    private RecordFields _fields;

    /// <summary>A reader before the first of <paramref name="recordCount"/> records.</summary>
    /// <exception cref="InvalidRecordException">The section cannot hold that many records, or the count is negative.</exception>
    public RecordReader(ReadOnlySpan<byte> uncompressedRecords, int recordCount)
    {
        if (recordCount < 0 || recordCount > uncompressedRecords.Length / MinRecordSizeInBytes)
            throw new InvalidRecordException($"{uncompressedRecords.Length} bytes cannot hold the declared {recordCount} records", 0);
        _section = uncompressedRecords;
        _remaining = recordCount;
    }

    /// <summary>The record the last <see cref="MoveNext"/> came to.</summary>
    public readonly RecordView Current => new(_section, in _fields);

    /// <summary>Goes to the next record; false after the last.</summary>
    /// <exception cref="InvalidRecordException">
    /// A length does not fit, or bytes are left after the last record.
    /// </exception>
    public bool MoveNext()
    {
        if (_remaining == 0)
        {
            return _position == _section.Length
                ? false
                : throw new InvalidRecordException($"{_section.Length - _position} bytes follow the last record", _position);
        }

        _remaining--;
        int start = _position;
        _recordEnd = _section.Length;
        int length = ReadVarint("record length");
        if (length < 0 || length > _section.Length - _position)
            throw new InvalidRecordException($"Record length {length} does not fit the {_section.Length - _position} bytes left", start);
        _recordEnd = _position + length;
        _fields.RecordRange = new ByteRange(start, _recordEnd - start);

        if (length == 0)
            throw Unfinished("attributes");
        _position++;
        _fields.TimestampDelta = ReadVarlong("timestamp delta");
        int offsetDeltaPosition = _position;
        _fields.OffsetDelta = ReadVarint("offset delta");
        if (_fields.OffsetDelta < 0)
            throw new InvalidRecordException($"Negative offset delta {_fields.OffsetDelta}", offsetDeltaPosition);
        _fields.KeyRange = ReadBytes("key", out _fields.HasKey);
        _fields.ValueRange = ReadBytes("value", out _fields.HasValue);
        SkipHeaders();
        return true;
    }

    private void SkipHeaders()
    {
        int start = _position;
        int count = ReadVarint("header count");
        if (count < 0 || count > _recordEnd - _position)
            throw new InvalidRecordException($"Header count {count} does not fit the {_recordEnd - _position} bytes left", start);
        for (int i = 0; i < count; i++)
        {
            int keyPosition = _position;
            ReadBytes("header key", out bool hasKey);
            if (!hasKey)
                throw new InvalidRecordException("Header without a key", keyPosition);
            ReadBytes("header value", out _);
        }

        if (_position != _recordEnd)
            throw new InvalidRecordException($"{_recordEnd - _position} bytes of the record follow its headers", _position);
        _fields.HeaderCount = count;
        _fields.HeadersRange = new ByteRange(start, _recordEnd - start);
    }

    private ByteRange ReadBytes(string field, out bool isPresent)
    {
        int start = _position;
        int length = ReadVarint(field);
        isPresent = length >= 0;
        if (!isPresent)
        {
            return length == -1
                ? new ByteRange(_position, 0)
                : throw new InvalidRecordException($"Negative length {length} of the {field}", start);
        }

        if (length > _recordEnd - _position)
            throw new InvalidRecordException($"Length {length} of the {field} exceeds the record", start);
        var range = new ByteRange(_position, length);
        _position += length;
        return range;
    }

    private int ReadVarint(string field)
    {
        if (!Varint.TryRead(_section[_position.._recordEnd], out int value, out int size))
            throw Unfinished(field);
        _position += size;
        return value;
    }

    private long ReadVarlong(string field)
    {
        if (!Varint.TryReadLong(_section[_position.._recordEnd], out long value, out int size))
            throw Unfinished(field);
        _position += size;
        return value;
    }

    private readonly InvalidRecordException Unfinished(string field) =>
        new($"The {field} does not end inside the record or is too long", _position);
}
