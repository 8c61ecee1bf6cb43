using System.Text;

namespace MessagingModels;

/// <summary>A message handed to a consumer. Its bytes stay valid for as long as they are referenced.</summary>
public readonly struct Delivery
{
    private readonly IExchangeChannel _channel;

    /// <summary>Creates a delivery; called by brokers.</summary>
    /// <param name="channel">The channel that acknowledges it.</param>
    /// <param name="deliveryTag">Its number on the channel.</param>
    /// <param name="exchange">The exchange it was published to.</param>
    /// <param name="routingKey">Its routing key.</param>
    /// <param name="properties">Its properties.</param>
    /// <param name="body">Its body.</param>
    /// <param name="deliveryCount">How often it was delivered before and came back.</param>
    /// <param name="redelivered">True where it may have been delivered before.</param>
    /// <param name="streamOffset">Its offset, where the queue is a stream.</param>
    public Delivery(
        IExchangeChannel channel, ulong deliveryTag, string exchange, string routingKey, MessageProperties properties,
        ReadOnlyMemory<byte> body, int deliveryCount, bool redelivered, Offset? streamOffset = null)
    {
        _channel = channel;
        DeliveryTag = deliveryTag;
        Exchange = exchange;
        RoutingKey = routingKey;
        Properties = properties;
        Body = body;
        DeliveryCount = deliveryCount;
        Redelivered = redelivered;
        StreamOffset = streamOffset;
    }

    /// <summary>Its number on the channel, from 1.</summary>
    public ulong DeliveryTag { get; }

    /// <summary>The exchange it was published to; empty for the default one.</summary>
    public string Exchange { get; }

    /// <summary>Its routing key.</summary>
    public string RoutingKey { get; }

    /// <summary>Its properties.</summary>
    public MessageProperties Properties { get; }

    /// <summary>Its body.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>How often it was delivered before and came back.</summary>
    public int DeliveryCount { get; }

    /// <summary>True where it may have been delivered before.</summary>
    public bool Redelivered { get; }

    /// <summary>Its offset, where the queue is a stream; else null.</summary>
    public Offset? StreamOffset { get; }

    /// <summary>The body as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>Tells the queue that the message is done with.</summary>
    /// <param name="multiple">True for all earlier deliveries on the channel as well.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the channel has taken the acknowledgement.</returns>
    /// <exception cref="ChannelException">The delivery was settled before; the channel closes.</exception>
    public ValueTask AckAsync(bool multiple = false, CancellationToken cancellationToken = default)
        => _channel.AckAsync(DeliveryTag, multiple, cancellationToken);

    /// <summary>Tells the queue that the message was not processed.</summary>
    /// <param name="requeue">True to give it again, at its old place where possible; false to dead-letter or drop it.</param>
    /// <param name="multiple">True for all earlier deliveries on the channel as well.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the channel has taken it.</returns>
    /// <exception cref="ChannelException">The delivery was settled before; the channel closes.</exception>
    public ValueTask NackAsync(bool requeue = true, bool multiple = false, CancellationToken cancellationToken = default)
        => _channel.NackAsync(DeliveryTag, multiple, requeue, cancellationToken);

    /// <summary>As <see cref="NackAsync"/> for this message alone (<c>basic.reject</c>); a quorum queue counts it as a failed delivery, which a nack is not.</summary>
    /// <param name="requeue">True to give it again; false to dead-letter or drop it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the channel has taken it.</returns>
    /// <exception cref="ChannelException">The delivery was settled before; the channel closes.</exception>
    public ValueTask RejectAsync(bool requeue = false, CancellationToken cancellationToken = default)
        => _channel.RejectAsync(DeliveryTag, requeue, cancellationToken);
}
