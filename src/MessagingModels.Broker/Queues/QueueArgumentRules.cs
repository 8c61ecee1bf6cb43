using System.Collections.Frozen;

namespace MessagingModels.Broker.Queues;

/// <summary>What RabbitMQ 4.3 accepts as arguments of a queue, and the texts with which it refuses the rest.</summary>
internal static class QueueArgumentRules
{
    // RabbitMQ's greatest time: ten years.
    private const long MaxTimeMs = 315_360_000_000;
    private const long MaxStreamSegmentBytes = 3_000_000_000;
    private const int MinFilterBytes = 16;
    private const int MaxPriority = 255;

    private delegate string? Rule(object? value, IReadOnlyDictionary<string, object?> arguments);

    private static readonly (string Name, Rule Check)[] s_rules =
    [
        ("x-expires", static (value, _) => Integer(value) ?? (Number(value) == 0 ? "{value_zero,0}" : Time(value))),
        ("x-message-ttl", static (value, _) => Integer(value) ?? Time(value)),
        ("x-dead-letter-routing-key", static (value, arguments) =>
            Text(value) ?? (arguments.ContainsKey("x-dead-letter-exchange") ? null : "routing_key_but_no_dlx_defined")),
        ("x-dead-letter-strategy", static (value, _) => OneOf(value, "invalid_dlx_strategy", "at-most-once", "at-least-once")),
        ("x-max-length", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-max-length-bytes", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-max-priority", static (value, _) => Integer(value) ?? NotNegative(value)
            ?? (Number(value) > MaxPriority ? $"{{max_value_exceeded,{Number(value)}}}" : null)),
        ("x-overflow", static (value, _) => OneOf(value, "invalid_overflow", "drop-head", "reject-publish", "reject-publish-dlx")),
        ("x-queue-mode", static (_, _) => null),
        ("x-single-active-consumer", static (value, _) => value is bool ? null : Unacceptable(value)),
        ("x-delivery-limit", static (value, _) => Integer(value)),
        ("x-delayed-retry-type", static (value, _) => OneOf(value, "invalid_delayed_retry_type", "disabled", "all", "failed", "returned")),
        ("x-delayed-retry-min", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-delayed-retry-max", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-consumer-timeout", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-max-age", static (value, _) => Text(value)
            ?? (QueueArgumentReader.TryAge((string)value!, out TimeSpan _) ? null : "invalid_max_age")),
        ("x-stream-max-segment-size-bytes", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-stream-filter-size-bytes", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-dead-letter-exchange", static (_, _) => null),
        ("x-max-in-memory-length", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-max-in-memory-bytes", static (value, _) => Integer(value) ?? NotNegative(value)),
        ("x-quorum-initial-group-size", static (value, _) => Integer(value) ?? Positive(value)),
        ("x-initial-cluster-size", static (value, _) => Integer(value) ?? Positive(value)),
        ("x-queue-leader-locator", static (value, _) => OneOf(value, "invalid_queue_locator_arg", "client-local", "balanced")),
        ("x-queue-master-locator", static (value, _) => Text(value)),
        ("x-queue-version", static (value, _) => Integer(value)
            ?? (Number(value) is 1 or 2 ? null : $"\"unsupported queue version '{Number(value)}'\"")),
    ];

    private static readonly FrozenSet<string> s_classic = new[]
    {
        "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-max-length", "x-max-length-bytes",
        "x-max-priority", "x-overflow", "x-queue-mode", "x-queue-version", "x-single-active-consumer", "x-queue-leader-locator",
        "x-queue-master-locator",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_quorum = new[]
    {
        "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-dead-letter-strategy", "x-max-length",
        "x-max-length-bytes", "x-max-in-memory-length", "x-max-in-memory-bytes", "x-overflow", "x-single-active-consumer",
        "x-quorum-initial-group-size", "x-delivery-limit", "x-queue-leader-locator", "x-delayed-retry-type", "x-delayed-retry-min",
        "x-delayed-retry-max", "x-consumer-timeout",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_stream = new[]
    {
        "x-max-length-bytes", "x-max-age", "x-stream-max-segment-size-bytes", "x-stream-filter-size-bytes", "x-initial-cluster-size",
        "x-queue-leader-locator",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Checks a declaration and tells the type of queue it asks for.</summary>
    /// <exception cref="ChannelException">406, with RabbitMQ's text.</exception>
    public static QueueKind Check(string virtualHost, QueueDeclaration declaration)
    {
        IReadOnlyDictionary<string, object?> arguments = declaration.Arguments;
        string queue = $"queue '{declaration.Name}' in vhost '{virtualHost}'";
        QueueKind kind = KindOf(arguments, queue);
        CheckKnown(kind, arguments, queue);
        if (arguments.TryGetValue("x-dead-letter-exchange", out object? deadLetters) && deadLetters is not string)
            throw Refused($"invalid type '{TypeName(deadLetters)}' for arg 'x-dead-letter-exchange' in {queue}");
        foreach ((string name, Rule check) in s_rules)
        {
            if (arguments.TryGetValue(name, out object? value) && check(value, arguments) is { } error)
                throw Refused($"invalid arg '{name}' for {queue}: {error}");
        }

        if (kind == QueueKind.Stream)
            CheckSizes(arguments);
        if (kind == QueueKind.Classic)
            return kind;
        if (declaration.Exclusive)
            throw Refused($"invalid property 'exclusive-owner' for {queue}");
        if (!declaration.Durable)
            throw Refused($"invalid property 'non-durable' for {queue}");
        if (declaration.AutoDelete)
            throw Refused($"invalid property 'auto-delete' for {queue}");
        return kind;
    }

    private static QueueKind KindOf(IReadOnlyDictionary<string, object?> arguments, string queue)
    {
        if (!arguments.TryGetValue("x-queue-type", out object? value))
            return QueueKind.Classic;
        if (value is not string type)
            throw Refused($"invalid arg 'x-queue-type' for {queue}: {Unacceptable(value)}");
        return type switch
        {
            QueueType.Classic => QueueKind.Classic,
            QueueType.Quorum => QueueKind.Quorum,
            QueueType.Stream => QueueKind.Stream,
            _ => throw Refused($"invalid arg 'x-queue-type' for {queue}: \"unsupported queue type '{type}'\""),
        };
    }

    private static void CheckKnown(QueueKind kind, IReadOnlyDictionary<string, object?> arguments, string queue)
    {
        (FrozenSet<string> known, string module) = kind switch
        {
            QueueKind.Quorum => (s_quorum, "rabbit_quorum_queue"),
            QueueKind.Stream => (s_stream, "rabbit_stream_queue"),
            _ => (s_classic, "rabbit_classic_queue"),
        };
        // Arguments that no type of queue knows are the application's own.
        foreach ((string name, Rule _) in s_rules)
        {
            if (arguments.ContainsKey(name) && !known.Contains(name))
                throw Refused($"invalid arg '{name}' for {queue} of queue type {module}");
        }
    }

    private static void CheckSizes(IReadOnlyDictionary<string, object?> arguments)
    {
        if (arguments.TryGetValue("x-stream-max-segment-size-bytes", out object? segment) && Number(segment) > MaxStreamSegmentBytes)
            throw Refused("Exceeded max value for x-stream-max-segment-size-bytes");
        if (arguments.TryGetValue("x-stream-filter-size-bytes", out object? filter) && Number(filter) is < MinFilterBytes or > byte.MaxValue)
            throw Refused("Invalid value for x-stream-filter-size-bytes");
    }

    private static ChannelException Refused(string text) => new(ReplyCode.PreconditionFailed, "PRECONDITION_FAILED - " + text);

    private static long Number(object? value) => QueueArgumentReader.TryInteger(value, out long number) ? number : 0;

    private static string? Integer(object? value) =>
        QueueArgumentReader.TryInteger(value, out long _) ? null : Unexpected("integer", value);

    private static string? NotNegative(object? value) => Number(value) < 0 ? $"{{value_negative,{Number(value)}}}" : null;

    private static string? Positive(object? value) => NotNegative(value) ?? (Number(value) == 0 ? "{value_zero,0}" : null);

    private static string? Time(object? value) =>
        NotNegative(value) ?? (Number(value) > MaxTimeMs ? $"{{value_too_large,{Number(value)}}}" : null);

    private static string? Text(object? value) => value is string ? null : Unacceptable(value);

    private static string Unacceptable(object? value) => $"{{unacceptable_type,{TypeName(value)}}}";

    private static string? OneOf(object? value, string error, params ReadOnlySpan<string> values)
    {
        if (value is not string text)
            return Text(value);
        return values.Contains(text) ? null : error;
    }

    private static string Unexpected(string expected, object? value) => $"\"expected {expected}, got {TypeName(value)}\"";

    private static string TypeName(object? value) => value switch
    {
        string => "longstr",
        bool => "bool",
        byte[] => "binary",
        double => "double",
        float => "float",
        long => "long",
        int => "signedint",
        short => "short",
        null => "void",
        DateTimeOffset => "timestamp",
        IReadOnlyDictionary<string, object?> => "table",
        _ => "array",
    };
}
