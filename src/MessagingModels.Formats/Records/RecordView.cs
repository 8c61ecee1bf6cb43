namespace MessagingModels.Formats.Records;

/// <summary>
/// One record, in place: its spans point into the uncompressed records section it was read from, and its ranges say where,
/// for a caller that holds the section as memory.
/// </summary>
public readonly ref struct RecordView
{
    private readonly ReadOnlySpan<byte> _section;
    private readonly int _headerCount;

    internal RecordView(ReadOnlySpan<byte> section, scoped in RecordFields fields)
    {
        _section = section;
        _headerCount = fields.HeaderCount;
        OffsetDelta = fields.OffsetDelta;
        TimestampDelta = fields.TimestampDelta;
        HasKey = fields.HasKey;
        KeyRange = fields.KeyRange;
        HasValue = fields.HasValue;
        ValueRange = fields.ValueRange;
        HeadersRange = fields.HeadersRange;
        RecordRange = fields.RecordRange;
    }

    /// <summary>Distance of the record's offset from the batch's base offset.</summary>
    public int OffsetDelta { get; }

    /// <summary>Distance of the record's timestamp from the batch's base timestamp in milliseconds.</summary>
    public long TimestampDelta { get; }

    /// <summary>False where the key is null.</summary>
    public bool HasKey { get; }

    /// <summary>The key; empty where it is null.</summary>
    public ReadOnlySpan<byte> Key => KeyRange.Of(_section);

    /// <summary>Where the key lies in the section.</summary>
    public ByteRange KeyRange { get; }

    /// <summary>False where the value is null, which in a compacted topic deletes the key.</summary>
    public bool HasValue { get; }

    /// <summary>The value; empty where it is null.</summary>
    public ReadOnlySpan<byte> Value => ValueRange.Of(_section);

    /// <summary>Where the value lies in the section.</summary>
    public ByteRange ValueRange { get; }

    /// <summary>The headers.</summary>
    public RecordHeadersView Headers => new(HeadersRange.Of(_section), _headerCount);

    /// <summary>Where the encoded headers, their count in front, lie in the section.</summary>
    public ByteRange HeadersRange { get; }

    /// <summary>Where the whole record, its length in front, lies in the section.</summary>
    public ByteRange RecordRange { get; }
}

/// <summary>What a reader has decoded of the record it is at.</summary>
internal struct RecordFields
{
    public long TimestampDelta;
    public int OffsetDelta;
    public int HeaderCount;
    public bool HasKey;
    public bool HasValue;
    public ByteRange KeyRange;
    public ByteRange ValueRange;
    public ByteRange HeadersRange;
    public ByteRange RecordRange;
}
