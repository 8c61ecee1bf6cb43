namespace MessagingModels;

/// <summary>Arguments of a queue, with a property for each that the broker knows. Setting a property to null removes the argument.</summary>
public sealed class QueueArguments : Dictionary<string, object?>
{
    /// <summary><c>x-queue-type</c>: one of <see cref="MessagingModels.QueueType"/>.</summary>
    public string? QueueType { get => Get<string>("x-queue-type"); set => Set("x-queue-type", value); }

    /// <summary><c>x-message-ttl</c>: how long a message waits before it is dead-lettered or dropped; whole milliseconds.</summary>
    public TimeSpan? MessageTtl { get => GetTime("x-message-ttl"); set => SetTime("x-message-ttl", value); }

    /// <summary><c>x-expires</c>: how long the queue lives unused; whole milliseconds, more than zero.</summary>
    public TimeSpan? Expires { get => GetTime("x-expires"); set => SetTime("x-expires", value); }

    /// <summary><c>x-max-length</c>: how many ready messages it holds.</summary>
    public long? MaxLength { get => GetNumber("x-max-length"); set => Set("x-max-length", value); }

    /// <summary><c>x-max-length-bytes</c>: how many bytes of ready messages' bodies it holds.</summary>
    public long? MaxLengthBytes { get => GetNumber("x-max-length-bytes"); set => Set("x-max-length-bytes", value); }

    /// <summary><c>x-overflow</c>: <c>drop-head</c> (default), <c>reject-publish</c> or <c>reject-publish-dlx</c>.</summary>
    public string? Overflow { get => Get<string>("x-overflow"); set => Set("x-overflow", value); }

    /// <summary><c>x-dead-letter-exchange</c>: where rejected, expired and dropped messages go.</summary>
    public string? DeadLetterExchange { get => Get<string>("x-dead-letter-exchange"); set => Set("x-dead-letter-exchange", value); }

    /// <summary><c>x-dead-letter-routing-key</c>: the key they get; their own where absent.</summary>
    public string? DeadLetterRoutingKey { get => Get<string>("x-dead-letter-routing-key"); set => Set("x-dead-letter-routing-key", value); }

    /// <summary><c>x-dead-letter-strategy</c>: <c>at-most-once</c> (default) or <c>at-least-once</c>; quorum queues only.</summary>
    public string? DeadLetterStrategy { get => Get<string>("x-dead-letter-strategy"); set => Set("x-dead-letter-strategy", value); }

    /// <summary><c>x-max-priority</c>: the highest priority, 1 to 255; classic queues only.</summary>
    public int? MaxPriority { get => (int?)GetNumber("x-max-priority"); set => Set("x-max-priority", value); }

    /// <summary><c>x-single-active-consumer</c>: true to deliver to one consumer at a time.</summary>
    public bool? SingleActiveConsumer { get => Get<bool?>("x-single-active-consumer"); set => Set("x-single-active-consumer", value); }

    /// <summary><c>x-delivery-limit</c>: how often a delivery may fail (<c>basic.reject</c> with requeue, a channel that closed) and the message be given again before it is dead-lettered; -1 for no limit; quorum queues only.</summary>
    public long? DeliveryLimit { get => GetNumber("x-delivery-limit"); set => Set("x-delivery-limit", value); }

    /// <summary><c>x-delayed-retry-type</c>: what waits before it is given again: <c>failed</c> (<c>basic.reject</c>, a channel that closed), <c>returned</c> (<c>basic.nack</c>, <c>basic.recover</c>) or <c>all</c>; quorum queues only.</summary>
    public string? DelayedRetryType { get => Get<string>("x-delayed-retry-type"); set => Set("x-delayed-retry-type", value); }

    /// <summary><c>x-delayed-retry-min</c>: the wait before the first retry; it grows with the failures.</summary>
    public TimeSpan? DelayedRetryMin { get => GetTime("x-delayed-retry-min"); set => SetTime("x-delayed-retry-min", value); }

    /// <summary><c>x-delayed-retry-max</c>: the longest wait before a retry; unless set the wait does not grow.</summary>
    public TimeSpan? DelayedRetryMax { get => GetTime("x-delayed-retry-max"); set => SetTime("x-delayed-retry-max", value); }

    /// <summary><c>x-consumer-timeout</c>: how long a delivery may stay unacknowledged; quorum queues only.</summary>
    public TimeSpan? ConsumerTimeout { get => GetTime("x-consumer-timeout"); set => SetTime("x-consumer-timeout", value); }

    /// <summary><c>x-max-age</c>: how long a stream keeps messages, as a number with Y, M, D, h, m or s.</summary>
    public string? MaxAge { get => Get<string>("x-max-age"); set => Set("x-max-age", value); }

    /// <summary><c>x-stream-max-segment-size-bytes</c>: the size of a stream's segments.</summary>
    public long? StreamMaxSegmentSizeBytes { get => GetNumber("x-stream-max-segment-size-bytes"); set => Set("x-stream-max-segment-size-bytes", value); }

    private T? Get<T>(string name) => TryGetValue(name, out object? value) && value is T typed ? typed : default;

    private long? GetNumber(string name) => TryGetValue(name, out object? value)
        ? value switch { long n => n, int n => n, short n => n, byte n => n, _ => null }
        : null;

    private TimeSpan? GetTime(string name) => GetNumber(name) is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    private void SetTime(string name, TimeSpan? value) => Set(name, value is { } time ? (long)time.TotalMilliseconds : null);

    private void Set(string name, object? value)
    {
        if (value is null)
            Remove(name);
        else
            this[name] = value;
    }
}
