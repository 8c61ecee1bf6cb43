using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MessagingModels;

/// <summary>Typed forms of producers, consumers, publishes and deliveries.</summary>
public static class SerializationExtensions
{
    /// <summary>Creates a producer of typed keys and values.</summary>
    /// <typeparam name="TKey">The keys.</typeparam>
    /// <typeparam name="TValue">The values.</typeparam>
    /// <param name="broker">The broker.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <param name="keySerializer">For the keys, or null for <see cref="Serializers.Default{T}"/>.</param>
    /// <param name="valueSerializer">For the values, or null for <see cref="Serializers.Default{T}"/>.</param>
    /// <returns>The producer.</returns>
    /// <exception cref="ArgumentException">Two settings contradict each other.</exception>
    public static LogProducer<TKey, TValue> CreateProducer<TKey, TValue>(
        this ILogBroker broker, ProducerOptions? options = null,
        ISerializer<TKey>? keySerializer = null, ISerializer<TValue>? valueSerializer = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return new LogProducer<TKey, TValue>(broker.CreateProducer(options), keySerializer, valueSerializer);
    }

    /// <summary>Joins a group and reads typed keys and values from the first record kept, where the group has committed nothing yet.</summary>
    /// <typeparam name="TKey">The keys.</typeparam>
    /// <typeparam name="TValue">The values.</typeparam>
    /// <param name="broker">The broker.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="topics">The topics.</param>
    /// <returns>The consumer, subscribed; with its first assignment, unless other members have to read on first: its partitions then come with a later read.</returns>
    /// <exception cref="LogException">The group refused the member.</exception>
    public static async ValueTask<LogConsumer<TKey, TValue>> JoinGroupAsync<TKey, TValue>(
        this ILogBroker broker, string groupId, params string[] topics)
        => new(await broker.JoinGroupAsync(groupId, topics).ConfigureAwait(false));

    /// <summary>Publishes a value as JSON; completes when it is confirmed.</summary>
    /// <typeparam name="T">The value.</typeparam>
    /// <param name="channel">The channel.</param>
    /// <param name="exchange">The exchange; empty for the default one.</param>
    /// <param name="routingKey">The routing key.</param>
    /// <param name="value">The body.</param>
    /// <param name="properties">The properties, or null for none; the content type becomes <c>application/json</c> where they name none.</param>
    /// <param name="typeInfo">A source-generated contract, or null for reflection with the settings of the web.</param>
    /// <param name="mandatory">True to get the message back where it has no queue to go to.</param>
    /// <param name="cancellationToken">Ends the wait; the message may be published all the same.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="PublishNackedException">A queue refused the message.</exception>
    /// <exception cref="ChannelException">There is no such exchange; the channel closes.</exception>
    public static ValueTask<PublishOutcome> PublishJsonAsync<T>(
        this IExchangeChannel channel, string exchange, string routingKey, T value, MessageProperties? properties = null,
        JsonTypeInfo<T>? typeInfo = null, bool mandatory = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        MessageProperties typed = properties switch
        {
            null => JsonOnly,
            { ContentType: null } => properties with { ContentType = JsonContentType },
            _ => properties,
        };
        return channel.PublishAsync(exchange, routingKey, ToJson(value, typeInfo), typed, mandatory, cancellationToken);
    }

    /// <summary>The body, read as JSON.</summary>
    /// <typeparam name="T">The value.</typeparam>
    /// <param name="delivery">The delivery.</param>
    /// <param name="typeInfo">A source-generated contract, or null for reflection with the settings of the web.</param>
    /// <returns>The value.</returns>
    /// <exception cref="FormatException">The body is no such JSON.</exception>
    public static T ReadJson<T>(this in Delivery delivery, JsonTypeInfo<T>? typeInfo = null)
        => SerializerOf(typeInfo).Deserialize(delivery.Body);

    /// <summary>The payload, read as JSON.</summary>
    /// <typeparam name="T">The value.</typeparam>
    /// <param name="record">The record; no tombstone.</param>
    /// <param name="typeInfo">A source-generated contract, or null for reflection with the settings of the web.</param>
    /// <returns>The value.</returns>
    /// <exception cref="FormatException">The payload is no such JSON, or absent.</exception>
    public static T ReadJson<T>(this in LogRecord record, JsonTypeInfo<T>? typeInfo = null)
        => SerializerOf(typeInfo).Deserialize(record.Value);

    private const string JsonContentType = "application/json";

    private static readonly MessageProperties JsonOnly = new() { ContentType = JsonContentType };

    /// <summary>The JSON in an array of its own: a published body belongs to the broker.</summary>
    private static byte[] ToJson<T>(T value, JsonTypeInfo<T>? typeInfo) => typeInfo is null
        ? JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web)
        : JsonSerializer.SerializeToUtf8Bytes(value, typeInfo);

    private static ISerializer<T> SerializerOf<T>(JsonTypeInfo<T>? typeInfo)
        => typeInfo is null ? JsonByReflection<T>.Instance : Serializers.Json(typeInfo);

    private static class JsonByReflection<T>
    {
        public static readonly ISerializer<T> Instance = Serializers.Json<T>();
    }
}
