using System.Text;

namespace MessagingModels;

/// <summary>
/// The properties of a message (AMQP 0-9-1, class basic). Immutable: one instance may serve any number of messages.
/// Header values are bool, sbyte, byte, short, ushort, int, uint, long, float, double, decimal, string, byte[], DateTimeOffset (whole seconds),
/// null, lists and nested dictionaries of these.
/// </summary>
public sealed record MessageProperties
{
    internal static readonly IReadOnlyDictionary<string, object?> NoHeaders = new Dictionary<string, object?>();

    /// <summary>No properties: a transient message.</summary>
    public static readonly MessageProperties Empty = new();

    /// <summary>Nothing but the mark that the message is kept over a restart in durable queues.</summary>
    public static readonly MessageProperties PersistentOnly = new() { Persistent = true };

    /// <summary>MIME type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>MIME encoding of the body.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>Headers by name.</summary>
    public IReadOnlyDictionary<string, object?> Headers { get; init; } = NoHeaders;

    /// <summary>True to keep the message over a restart in durable queues (delivery mode 2).</summary>
    public bool Persistent { get; init; }

    /// <summary>Priority, 0 to 255; null counts as 0.</summary>
    public byte? Priority { get; init; }

    /// <summary>What a reply refers to.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Where a reply shall go: a queue's name, or <c>amq.rabbitmq.reply-to</c>.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>How long the message waits in a queue before it is dead-lettered or dropped; whole milliseconds.</summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>The message's own id.</summary>
    public string? MessageId { get; init; }

    /// <summary>When the message was made; whole seconds.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The application's name for the kind of message.</summary>
    public string? Type { get; init; }

    /// <summary>Who published it; refused where it is not the connection's user.</summary>
    public string? UserId { get; init; }

    /// <summary>The publishing application.</summary>
    public string? AppId { get; init; }

    /// <summary>Reserved.</summary>
    public string? ClusterId { get; init; }
}

/// <summary>A message that came back because it was mandatory and had no queue to go to.</summary>
/// <param name="ReplyCode">Why it came back.</param>
/// <param name="Exchange">The exchange it was published to.</param>
/// <param name="RoutingKey">Its routing key.</param>
/// <param name="Properties">Its properties.</param>
/// <param name="Body">Its body.</param>
public sealed record ReturnedMessage(
    ReplyCode ReplyCode, string Exchange, string RoutingKey, MessageProperties Properties, ReadOnlyMemory<byte> Body)
{
    /// <summary>The body as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);
}
