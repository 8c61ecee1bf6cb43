using System.Runtime.CompilerServices;

namespace MessagingModels;

/// <summary>A producer of typed keys and values over an <see cref="ILogProducer"/>, which it owns. Safe for concurrent use.</summary>
/// <typeparam name="TKey">The keys; a null key is an absent one.</typeparam>
/// <typeparam name="TValue">The values; a null value is a tombstone.</typeparam>
/// <param name="producer">The producer that takes the bytes.</param>
/// <param name="keySerializer">For the keys, or null for <see cref="Serializers.Default{T}"/>.</param>
/// <param name="valueSerializer">For the values, or null for <see cref="Serializers.Default{T}"/>.</param>
public sealed class LogProducer<TKey, TValue>(
    ILogProducer producer, ISerializer<TKey>? keySerializer = null, ISerializer<TValue>? valueSerializer = null) : IAsyncDisposable
{
    private readonly ISerializer<TKey> _keySerializer = keySerializer ?? Serializers.Default<TKey>();
    private readonly ISerializer<TValue> _valueSerializer = valueSerializer ?? Serializers.Default<TValue>();

    /// <summary>The producer underneath, for flushes, transactions and records that are bytes already.</summary>
    public ILogProducer Inner { get; } = producer ?? throw new ArgumentNullException(nameof(producer));

    /// <summary>Writes a record; completes when it is acknowledged as <see cref="ProducerOptions.Acks"/> says.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key that decides the partition, or null.</param>
    /// <param name="value">The payload, or null: a tombstone in a compacted topic.</param>
    /// <param name="headers">Headers, or null for none.</param>
    /// <param name="cancellationToken">Ends the wait; a record that has entered its batch is written all the same.</param>
    /// <returns>Where the record was stored. Await it once.</returns>
    /// <exception cref="LogException">The record was refused, or the producer was fenced.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RecordPosition> ProduceAsync(
        string topic, TKey? key, TValue? value, RecordHeaders? headers = null, CancellationToken cancellationToken = default)
    {
        using PooledBufferWriter buffer = PooledBufferWriter.Rent();
        return await Inner.ProduceAsync(Serialize(topic, key, value, headers, buffer), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Hands a record over without waiting for its acknowledgement; waits only while the buffer is full.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key that decides the partition, or null.</param>
    /// <param name="value">The payload, or null: a tombstone in a compacted topic.</param>
    /// <param name="headers">Headers, or null for none.</param>
    /// <param name="onDelivered">Told of the outcome, on a thread of the producer; it must not block or throw.</param>
    /// <param name="cancellationToken">Ends the wait for buffer space.</param>
    /// <returns>A task that completes when the record has entered its batch.</returns>
    /// <exception cref="LogException">The record was refused at once, or the producer was fenced.</exception>
    public ValueTask EnqueueAsync(
        string topic, TKey? key, TValue? value, RecordHeaders? headers = null, Action<DeliveryReport>? onDelivered = null,
        CancellationToken cancellationToken = default)
    {
        PooledBufferWriter buffer = PooledBufferWriter.Rent();
        ValueTask entered;
        try
        {
            entered = Inner.EnqueueAsync(Serialize(topic, key, value, headers, buffer), onDelivered, cancellationToken);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }

        if (!entered.IsCompletedSuccessfully)
            return WaitAsync(entered, buffer);
        buffer.Dispose();
        return entered;
    }

    /// <summary>Sends what is batched and waits until everything handed over so far is acknowledged or has failed.</summary>
    /// <param name="cancellationToken">Ends the wait; nothing is taken back.</param>
    /// <returns>A task that completes when nothing is outstanding.</returns>
    /// <exception cref="LogException">A record handed over by <see cref="EnqueueAsync"/> without a callback has failed since the last flush.</exception>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => Inner.FlushAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Inner.DisposeAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask WaitAsync(ValueTask entered, PooledBufferWriter buffer)
    {
        using (buffer)
            await entered.ConfigureAwait(false);
    }

    private ProducerRecord Serialize(string topic, TKey? key, TValue? value, RecordHeaders? headers, PooledBufferWriter buffer)
    {
        if (key is not null)
            _keySerializer.Serialize(key, buffer);
        int keyBytes = buffer.Written;
        if (value is not null)
            _valueSerializer.Serialize(value, buffer);
        ReadOnlyMemory<byte> written = buffer.WrittenMemory;
        return new ProducerRecord(
            topic,
            key is null ? (ReadOnlyMemory<byte>?)null : written[..keyBytes],
            value is null ? (ReadOnlyMemory<byte>?)null : written[keyBytes..])
        { Headers = headers };
    }
}
