using System.Text;

namespace MessagingModels;

/// <summary>
/// A record to be produced. Key and value are not copied when handed over but when the record enters its batch:
/// the caller may reuse their memory once the call that took the record has returned.
/// </summary>
public readonly record struct ProducerRecord
{
    /// <summary>Creates a record from bytes.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key that decides the partition, or null.</param>
    /// <param name="value">The payload, or null: a tombstone in a compacted topic.</param>
    public ProducerRecord(string topic, ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value)
    {
        Topic = topic;
        Key = key;
        Value = value;
    }

    /// <summary>Creates a record from text in UTF-8.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key that decides the partition, or null.</param>
    /// <param name="value">The payload, or null: a tombstone in a compacted topic.</param>
    public ProducerRecord(string topic, string? key, string? value)
        : this(topic, key is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(key), value is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(value))
    {
    }

    /// <summary>The topic's name.</summary>
    public string Topic { get; init; }

    /// <summary>The key that decides the partition, or null.</summary>
    public ReadOnlyMemory<byte>? Key { get; init; }

    /// <summary>The payload, or null: a tombstone in a compacted topic.</summary>
    public ReadOnlyMemory<byte>? Value { get; init; }

    /// <summary>Headers, or null for none.</summary>
    public RecordHeaders? Headers { get; init; }

    /// <summary>The partition to write to, or null to ask the partitioner.</summary>
    public int? Partition { get; init; }

    /// <summary>The record's time in whole milliseconds, or null for the time at which it enters its batch.</summary>
    public DateTimeOffset? Timestamp { get; init; }
}
