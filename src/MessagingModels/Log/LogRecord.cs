using System.Text;

namespace MessagingModels;

/// <summary>A record read from a partition. Its bytes stay valid for as long as they are referenced.</summary>
public readonly struct LogRecord
{
    private readonly long _timestampMs;
    private readonly ReadOnlyMemory<byte> _key;
    private readonly ReadOnlyMemory<byte> _value;
    private readonly RecordHeaders? _headers;
    private readonly bool _hasKey;
    private readonly bool _hasValue;

    /// <summary>Creates a record; called by brokers.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partition">The partition's number.</param>
    /// <param name="offset">The record's offset.</param>
    /// <param name="timestampMs">Milliseconds since 1970-01-01 UTC.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="value">The payload, or null.</param>
    /// <param name="headers">The headers, or null for none.</param>
    public LogRecord(
        string topic, int partition, Offset offset, long timestampMs,
        ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value, RecordHeaders? headers)
    {
        Topic = topic;
        Partition = partition;
        Offset = offset;
        _timestampMs = timestampMs;
        _hasKey = key.HasValue;
        _key = key.GetValueOrDefault();
        _hasValue = value.HasValue;
        _value = value.GetValueOrDefault();
        _headers = headers;
    }

    /// <summary>The topic's name.</summary>
    public string Topic { get; }

    /// <summary>The partition's number, from 0.</summary>
    public int Partition { get; }

    /// <summary>The record's offset.</summary>
    public Offset Offset { get; }

    /// <summary>The partition without the offset.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);

    /// <summary>When the record was made or appended, as the topic's <c>message.timestamp.type</c> says.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(_timestampMs);

    /// <summary>False where the record has no key.</summary>
    public bool HasKey => _hasKey;

    /// <summary>False where the record is a tombstone.</summary>
    public bool HasValue => _hasValue;

    /// <summary>The key; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Key => _key;

    /// <summary>The payload; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    /// <summary>The headers, in order.</summary>
    public RecordHeaders Headers => _headers ?? RecordHeaders.Empty;

    /// <summary>The key as UTF-8 text, or null.</summary>
    public string? KeyText => _hasKey ? Encoding.UTF8.GetString(_key.Span) : null;

    /// <summary>The payload as UTF-8 text, or null.</summary>
    public string? ValueText => _hasValue ? Encoding.UTF8.GetString(_value.Span) : null;
}
