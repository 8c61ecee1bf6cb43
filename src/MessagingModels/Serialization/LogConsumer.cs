using System.Runtime.CompilerServices;

namespace MessagingModels;

/// <summary>A consumer of typed keys and values over an <see cref="ILogConsumer"/>, which it owns. One caller at a time.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
/// <param name="consumer">The consumer that reads the bytes, subscribed or assigned.</param>
/// <param name="keySerializer">For the keys, or null for <see cref="Serializers.Default{T}"/>.</param>
/// <param name="valueSerializer">For the values, or null for <see cref="Serializers.Default{T}"/>.</param>
public sealed class LogConsumer<TKey, TValue>(
    ILogConsumer consumer, ISerializer<TKey>? keySerializer = null, ISerializer<TValue>? valueSerializer = null) : IAsyncDisposable
{
    private readonly ISerializer<TKey> _keySerializer = keySerializer ?? Serializers.Default<TKey>();
    private readonly ISerializer<TValue> _valueSerializer = valueSerializer ?? Serializers.Default<TValue>();

    /// <summary>The consumer underneath, for seeks, pauses and commits of other kinds.</summary>
    public ILogConsumer Inner { get; } = consumer ?? throw new ArgumentNullException(nameof(consumer));

    /// <summary>Reads record after record, waiting for new ones, until cancelled. After an exception, reading again goes on with the next record.</summary>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The records; per partition in the order of their offsets.</returns>
    /// <exception cref="RecordFormatException">The bytes of a key or a value are not what the serializer reads.</exception>
    /// <exception cref="LogException">As <see cref="ILogConsumer.ReadAsync"/>.</exception>
    public async IAsyncEnumerable<LogRecord<TKey, TValue>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (LogRecord record in Inner.ReadAsync(cancellationToken).ConfigureAwait(false))
            yield return Deserialize(record);
    }

    /// <summary>Commits one record: it and all before it in its partition count as done.</summary>
    /// <param name="record">A record that was read.</param>
    /// <param name="cancellationToken">Ends the wait; the commit may still take effect.</param>
    /// <returns>A task that completes when the commit is durable.</returns>
    /// <exception cref="LogException">The partition was given to another member meanwhile.</exception>
    public ValueTask CommitAsync(LogRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
        => Inner.CommitAsync(record.Raw, cancellationToken);

    /// <summary>Commits the position of every assigned partition: all records handed out count as done.</summary>
    /// <param name="cancellationToken">Ends the wait; the commit may still take effect.</param>
    /// <returns>A task that completes when the commit is durable.</returns>
    /// <exception cref="LogException">A partition was given to another member meanwhile.</exception>
    public ValueTask CommitAsync(CancellationToken cancellationToken = default) => Inner.CommitAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Inner.DisposeAsync();

    private LogRecord<TKey, TValue> Deserialize(in LogRecord record)
    {
        string part = "key";
        try
        {
            TKey? key = record.HasKey ? _keySerializer.Deserialize(record.Key) : default;
            part = "value";
            TValue? value = record.HasValue ? _valueSerializer.Deserialize(record.Value) : default;
            return new LogRecord<TKey, TValue>(record, key, value);
        }
        catch (FormatException exception)
        {
            throw new RecordFormatException(record, part, exception);
        }
    }
}

/// <summary>A record with its key and value read.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
/// <param name="Raw">The record as it was stored.</param>
/// <param name="Key">The key; default where <see cref="LogRecord.HasKey"/> is false.</param>
/// <param name="Value">The value; default where <see cref="LogRecord.HasValue"/> is false.</param>
public readonly record struct LogRecord<TKey, TValue>(LogRecord Raw, TKey? Key, TValue? Value)
{
    /// <summary>The record's place.</summary>
    public TopicPartitionOffset Position => new(Raw.Topic, Raw.Partition, Raw.Offset);
}

/// <summary>The bytes of a record are not what its serializer reads.</summary>
public sealed class RecordFormatException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="record">The record.</param>
    /// <param name="part">Its key or its value.</param>
    /// <param name="innerException">What the serializer found.</param>
    public RecordFormatException(LogRecord record, string part, Exception innerException)
        : base(
            $"The {part} of {record.TopicPartition} at offset {record.Offset} cannot be read: {innerException.Message} " +
            "Reading again goes on with the next record.",
            innerException)
        => Record = record;

    /// <summary>The record.</summary>
    public LogRecord Record { get; }
}
