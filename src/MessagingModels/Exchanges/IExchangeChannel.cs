namespace MessagingModels;

/// <summary>Settings of a channel.</summary>
public sealed record ChannelOptions
{
    /// <summary>True to have every publish confirmed. A channel that is to use transactions must say false.</summary>
    public bool PublisherConfirms { get; init; } = true;

    /// <summary>How many publishes may wait for their confirm; beyond it, publishing waits.</summary>
    public int MaxUnconfirmed { get; init; } = 4096;

    /// <summary>How many deliveries may be unacknowledged on the channel over all its consumers; 0 for no limit.</summary>
    public ushort Prefetch { get; init; }

    /// <summary>Told of mandatory messages that came back, before their publish completes; it must not block or throw.</summary>
    public Action<ReturnedMessage>? OnReturned { get; init; }
}

/// <summary>Settings of a queue's consumer.</summary>
public sealed record QueueConsumerOptions
{
    /// <summary>A name, unique on the channel; empty for one that the broker chooses.</summary>
    public string ConsumerTag { get; init; } = "";

    /// <summary>
    /// True to count messages as acknowledged once they are sent: each is delivered at most once, and what was sent and not read is lost with
    /// its consumer. The embedded broker sends no more than a bounded buffer takes; RabbitMQ knows no bound here and sends what it has, so a
    /// reader that is slower than it fills the memory of its process.
    /// </summary>
    public bool AutoAck { get; init; }

    /// <summary>How many deliveries may be unacknowledged; 0 for no limit. Without effect with <see cref="AutoAck"/>.</summary>
    public ushort Prefetch { get; init; } = 250;

    /// <summary>True to be the queue's only consumer (403 where it has one).</summary>
    public bool Exclusive { get; init; }

    /// <summary>Higher ones are served first, <c>x-priority</c>.</summary>
    public int Priority { get; init; }

    /// <summary>Where a stream's consumer starts; null for the next message.</summary>
    public StreamOffset? StreamOffset { get; init; }

    /// <summary>Further arguments.</summary>
    public IReadOnlyDictionary<string, object?> Arguments { get; init; } = new Dictionary<string, object?>();
}

/// <summary>Where a stream's consumer starts (<c>x-stream-offset</c>).</summary>
public readonly record struct StreamOffset
{
    private StreamOffset(object argument) => Argument = argument;

    /// <summary>The value of the argument: a word, a number or a time.</summary>
    public object Argument { get; }

    /// <summary>The first message kept.</summary>
    public static StreamOffset First => new("first");

    /// <summary>The last chunk (batch) of messages.</summary>
    public static StreamOffset Last => new("last");

    /// <summary>Messages published from now on.</summary>
    public static StreamOffset Next => new("next");

    /// <summary>An offset.</summary>
    /// <param name="offset">The first to read.</param>
    /// <returns>The start.</returns>
    public static StreamOffset At(Offset offset) => new(offset.Value);

    /// <summary>The first message that is not older.</summary>
    /// <param name="timestamp">The time; whole seconds.</param>
    /// <returns>The start.</returns>
    public static StreamOffset From(DateTimeOffset timestamp) => new(timestamp);
}

/// <summary>What became of a published message.</summary>
public enum PublishOutcome
{
    /// <summary>Handed over on a channel without confirms: nothing is known.</summary>
    Sent,
    /// <summary>Every queue and topic it was routed to has it, as durable as it is; or it was routed to none and was not mandatory.</summary>
    Confirmed,
    /// <summary>It was mandatory, had no queue to go to and came back.</summary>
    Returned,
}

/// <summary>
/// The unit of confirms, transactions, prefetch and acknowledgement. Safe for concurrent use; publishes of one caller keep their order.
/// An error closes it (<see cref="ChannelException"/>), and disposal or an error gives what is unacknowledged back to the queues.
/// Names, keys, the texts among the properties and the names of headers have at most 255 bytes in UTF-8; where one is longer an
/// <see cref="ArgumentException"/> says so, and nothing closes.
/// </summary>
public interface IExchangeChannel : IAsyncDisposable
{
    /// <summary>The settings the channel was opened with.</summary>
    ChannelOptions Options { get; }

    /// <summary>False once the channel is closed.</summary>
    bool IsOpen { get; }

    /// <summary>Publishes a message; completes when it is confirmed.</summary>
    /// <param name="exchange">The exchange; empty for the default one, which routes to the queue named by the routing key.</param>
    /// <param name="routingKey">The routing key; at most 255 bytes in UTF-8.</param>
    /// <param name="body">The body; it is taken over and must not be changed until the call completes.</param>
    /// <param name="properties">The properties, or null for none.</param>
    /// <param name="mandatory">True to get the message back where it has no queue to go to.</param>
    /// <param name="cancellationToken">Ends the wait; the message may be published all the same.</param>
    /// <returns>What became of it. Await it once.</returns>
    /// <exception cref="PublishNackedException">A queue refused the message.</exception>
    /// <exception cref="ChannelException">There is no such exchange; the channel closes.</exception>
    ValueTask<PublishOutcome> PublishAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties = null,
        bool mandatory = false, CancellationToken cancellationToken = default);

    /// <summary>Publishes a message without waiting for its confirm; waits only while <see cref="ChannelOptions.MaxUnconfirmed"/> are outstanding.</summary>
    /// <param name="exchange">The exchange; empty for the default one.</param>
    /// <param name="routingKey">The routing key; at most 255 bytes in UTF-8.</param>
    /// <param name="body">The body; it is taken over and must not be changed until the next flush completes.</param>
    /// <param name="properties">The properties, or null for none.</param>
    /// <param name="mandatory">True to get the message back where it has no queue to go to.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <returns>A task that completes when the message is on its way.</returns>
    /// <exception cref="ChannelException">There is no such exchange; the channel closes.</exception>
    ValueTask EnqueueAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, MessageProperties? properties = null,
        bool mandatory = false, CancellationToken cancellationToken = default);

    /// <summary>Waits until everything published so far is confirmed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when nothing is outstanding.</returns>
    /// <exception cref="PublishNackedException">A message handed over by <see cref="EnqueueAsync"/> was refused since the last flush.</exception>
    /// <exception cref="ChannelException">The channel closed meanwhile.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>Starts consuming a queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The consumer.</returns>
    /// <exception cref="ChannelException">There is no such queue, or it refuses the consumer; the channel closes.</exception>
    ValueTask<IQueueConsumer> ConsumeAsync(string queue, QueueConsumerOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Takes one message from a queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="autoAck">True to count it as acknowledged.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message, or null where the queue is empty.</returns>
    /// <exception cref="ChannelException">There is no such queue; the channel closes.</exception>
    ValueTask<Delivery?> GetAsync(string queue, bool autoAck = false, CancellationToken cancellationToken = default);

    /// <summary>Acknowledges a delivery.</summary>
    /// <param name="deliveryTag">Its number on this channel; 0 with <paramref name="multiple"/> for all.</param>
    /// <param name="multiple">True for all earlier deliveries as well.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the acknowledgement is on its way to the queue.</returns>
    /// <exception cref="ChannelException">The tag is unknown; the channel closes.</exception>
    ValueTask AckAsync(ulong deliveryTag, bool multiple = false, CancellationToken cancellationToken = default);

    /// <summary>Gives deliveries back (<c>basic.nack</c>).</summary>
    /// <param name="deliveryTag">Its number on this channel; 0 with <paramref name="multiple"/> for all.</param>
    /// <param name="multiple">True for all earlier deliveries as well.</param>
    /// <param name="requeue">True to give it again; false to dead-letter or drop it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when it is on its way to the queue.</returns>
    /// <exception cref="ChannelException">The tag is unknown; the channel closes.</exception>
    ValueTask NackAsync(ulong deliveryTag, bool multiple = false, bool requeue = true, CancellationToken cancellationToken = default);

    /// <summary>Gives one delivery back (<c>basic.reject</c>).</summary>
    /// <param name="deliveryTag">Its number on this channel.</param>
    /// <param name="requeue">True to give it again; false to dead-letter or drop it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when it is on its way to the queue.</returns>
    /// <exception cref="ChannelException">The tag is unknown; the channel closes.</exception>
    ValueTask RejectAsync(ulong deliveryTag, bool requeue = false, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives everything unacknowledged on the channel back to its queues (<c>basic.recover</c>; on RabbitMQ a <c>basic.nack</c> of all that has
    /// arrived, for its client does not know the command).
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when it is on its way to the queues.</returns>
    ValueTask RecoverAsync(CancellationToken cancellationToken = default);

    /// <summary>Changes the channel-wide prefetch (<c>basic.qos</c> with the global flag).</summary>
    /// <param name="prefetch">How many deliveries may be unacknowledged on the channel; 0 for no limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the limit is in force.</returns>
    ValueTask SetPrefetchAsync(ushort prefetch, CancellationToken cancellationToken = default);

    /// <summary>Makes publishes and acknowledgements wait for <see cref="CommitAsync"/> (<c>tx.select</c>).</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when transactions are on.</returns>
    /// <exception cref="ChannelException">The channel has confirms; it closes.</exception>
    ValueTask SelectTransactionAsync(CancellationToken cancellationToken = default);

    /// <summary>Publishes and acknowledges what was collected (<c>tx.commit</c>). Atomic per queue, not over several.</summary>
    /// <param name="cancellationToken">Ends the wait; the outcome is then unknown.</param>
    /// <returns>A task that completes when all of it is done and durable.</returns>
    /// <exception cref="ChannelException">The channel has no transactions; it closes.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets what was collected (<c>tx.rollback</c>); deliveries whose acknowledgement is forgotten stay unacknowledged.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when it is forgotten.</returns>
    /// <exception cref="ChannelException">The channel has no transactions; it closes.</exception>
    ValueTask RollbackAsync(CancellationToken cancellationToken = default);
}

/// <summary>A consumer of a queue.</summary>
public interface IQueueConsumer : IAsyncDisposable
{
    /// <summary>The queue.</summary>
    string Queue { get; }

    /// <summary>The consumer's name on its channel.</summary>
    string ConsumerTag { get; }

    /// <summary>Reads delivery after delivery, waiting for new ones, until cancelled. One reader at a time.</summary>
    /// <param name="cancellationToken">Ends the reading with an <see cref="OperationCanceledException"/>; the consumer stays.</param>
    /// <returns>The deliveries.</returns>
    /// <exception cref="ConsumerCancelledException">The broker cancelled the consumer.</exception>
    /// <exception cref="ChannelException">The channel closed.</exception>
    IAsyncEnumerable<Delivery> ReadAsync(CancellationToken cancellationToken = default);
}
