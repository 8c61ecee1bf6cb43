namespace MessagingModels.Broker.Queues;

/// <summary>RabbitMQ's types of queue.</summary>
internal enum QueueKind : byte
{
    Classic,
    Quorum,
    Stream,
}

/// <summary>What a full queue does.</summary>
internal enum QueueOverflow : byte
{
    DropHead,
    RejectPublish,
    RejectPublishDeadLetter,
}

/// <summary>Which returned messages of a quorum queue wait before they are given again (<c>x-delayed-retry-type</c>).</summary>
internal enum DelayedRetry : byte
{
    Disabled,

    /// <summary>Rejected by their consumer, or held by a channel that closed: <see cref="Settlement.Fail"/>.</summary>
    Failed,

    /// <summary>Nacked by their consumer, or given back by a recovery: <see cref="Settlement.Requeue"/>.</summary>
    Returned,

    All,
}

/// <summary>
/// What a queue's arguments and its policy amount to. Of a number that both give, the lower counts; of anything else the argument.
/// </summary>
internal sealed record QueueSettings
{
    private const int DefaultDeliveryLimit = 20;

    public QueueKind Kind { get; init; }

    /// <summary>The policy in force, or null.</summary>
    public string? PolicyName { get; init; }

    public TimeSpan? MessageTtl { get; init; }

    /// <summary>How long the queue lives unused.</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>How many ready messages it holds; for a stream, unused.</summary>
    public long? MaxLength { get; init; }

    /// <summary>How many bytes of ready messages' bodies it holds; for a stream, of its log.</summary>
    public long? MaxLengthBytes { get; init; }

    public QueueOverflow Overflow { get; init; }

    public string? DeadLetterExchange { get; init; }

    public string? DeadLetterRoutingKey { get; init; }

    /// <summary>True to keep a dead letter until its target has it. Needs a dead-letter exchange and <see cref="QueueOverflow.RejectPublish"/>, as in RabbitMQ.</summary>
    public bool DeadLetterAtLeastOnce { get; init; }

    /// <summary>The highest priority of a classic queue; 0 where it has none.</summary>
    public byte MaxPriority { get; init; }

    public bool SingleActiveConsumer { get; init; }

    /// <summary>How often a delivery may fail and the message be given again before it is dead-lettered; null for no limit.</summary>
    public int? DeliveryLimit { get; init; }

    public DelayedRetry DelayedRetry { get; init; }

    public TimeSpan DelayedRetryMin { get; init; }

    /// <summary>The longest wait before a retry; null for one that does not grow.</summary>
    public TimeSpan? DelayedRetryMax { get; init; }

    /// <summary>How long a delivery may stay unsettled; null for as long as it likes.</summary>
    public TimeSpan? ConsumerTimeout { get; init; }

    /// <summary>How long a stream keeps messages; null for ever.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The size of a stream's segments.</summary>
    public int StreamSegmentBytes { get; init; } = 500_000_000;

    /// <summary>Reads a queue's arguments, which are checked, and its policy, of which values that make no sense are passed over.</summary>
    /// <param name="virtualHost">Named in errors.</param>
    /// <param name="declaration">The queue as declared.</param>
    /// <param name="policy">The policy in force, or null.</param>
    /// <exception cref="ChannelException">406, with RabbitMQ's text: an argument is not one, or not one for this type of queue.</exception>
    public static QueueSettings Create(string virtualHost, QueueDeclaration declaration, Policy? policy)
    {
        QueueKind kind = QueueArgumentRules.Check(virtualHost, declaration);
        QueueArgumentReader read = new(declaration.Arguments, policy?.Definition);
        bool isQuorum = kind == QueueKind.Quorum;
        string? deadLetterExchange = read.Text("dead-letter-exchange");
        QueueOverflow overflow = read.Overflow();
        return new QueueSettings
        {
            Kind = kind,
            PolicyName = policy?.Name,
            MessageTtl = read.Time("message-ttl"),
            Expires = kind == QueueKind.Stream ? null : read.Time("expires"),
            MaxLength = read.Number("max-length"),
            MaxLengthBytes = read.Number("max-length-bytes"),
            Overflow = isQuorum && overflow == QueueOverflow.RejectPublishDeadLetter ? QueueOverflow.DropHead : overflow,
            DeadLetterExchange = deadLetterExchange,
            DeadLetterRoutingKey = read.Text("dead-letter-routing-key"),
            DeadLetterAtLeastOnce = isQuorum && deadLetterExchange is not null && overflow == QueueOverflow.RejectPublish
                && read.Text("dead-letter-strategy") == "at-least-once",
            MaxPriority = kind == QueueKind.Classic ? (byte)(read.OwnNumber("max-priority") ?? 0) : (byte)0,
            SingleActiveConsumer = kind != QueueKind.Stream && read.OwnFlag("single-active-consumer"),
            DeliveryLimit = isQuorum ? LimitOf(read.Number("delivery-limit")) : null,
            DelayedRetry = isQuorum ? read.DelayedRetry() : DelayedRetry.Disabled,
            DelayedRetryMin = read.Time("delayed-retry-min") ?? TimeSpan.Zero,
            DelayedRetryMax = read.Time("delayed-retry-max"),
            ConsumerTimeout = isQuorum ? read.Time("consumer-timeout") : null,
            MaxAge = kind == QueueKind.Stream ? read.Age("max-age") : null,
            StreamSegmentBytes = (int)Math.Clamp(read.Number("stream-max-segment-size-bytes") ?? 500_000_000, 1024 * 1024, int.MaxValue),
        };
    }

    private static int? LimitOf(long? argument) => argument switch
    {
        null => DefaultDeliveryLimit,
        < 0 => null,
        _ => (int)Math.Min(argument.Value, int.MaxValue),
    };
}
