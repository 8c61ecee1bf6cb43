using System.Collections;
using MessagingModels.Broker.Routing.ExchangeTypes;

namespace MessagingModels.Broker.Routing;

/// <summary>Whether a second declaration means the same as the first (AMQP 0-9-1, "exchange.declare" and "queue.declare": 406 otherwise).</summary>
internal static class ArgumentEquivalence
{
    private static readonly string[] ExchangeArguments = ["alternate-exchange", "x-delayed-type"];

    private static readonly string[] QueueArgumentNames =
    [
        "x-expires", "x-message-ttl", "x-max-length", "x-max-length-bytes", "x-max-in-memory-length", "x-max-in-memory-bytes",
        "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-dead-letter-strategy", "x-max-priority", "x-overflow", "x-queue-mode",
        "x-single-active-consumer", "x-delivery-limit", "x-consumer-timeout", "x-delayed-retry-type", "x-delayed-retry-min",
        "x-delayed-retry-max", "x-max-age", "x-stream-max-segment-size-bytes",
    ];

    public static void Check(ExchangeDeclaration received, ExchangeDeclaration current, string virtualHost)
    {
        Subject subject = new("exchange", current.Name, virtualHost);
        subject.Check("type", received.Type, current.Type);
        subject.Check("durable", received.Durable, current.Durable);
        subject.Check("auto_delete", received.AutoDelete, current.AutoDelete);
        subject.Check("internal", received.Internal, current.Internal);
        foreach (string argument in ExchangeArguments)
            subject.CheckArgument(argument, received.Arguments, current.Arguments);
    }

    public static void Check(QueueDeclaration received, QueueDeclaration current, string virtualHost)
    {
        Subject subject = new("queue", current.Name, virtualHost);
        subject.Check("x-queue-type", TypeOf(received), TypeOf(current));
        subject.Check("durable", received.Durable, current.Durable);
        subject.Check("auto_delete", received.AutoDelete, current.AutoDelete);
        foreach (string argument in QueueArgumentNames)
            subject.CheckArgument(argument, received.Arguments, current.Arguments);
    }

    /// <summary>RabbitMQ's name for the type of an argument's value.</summary>
    public static string NameOfType(object? value) => value switch
    {
        null => "void",
        string => "longstr",
        int => "signedint",
        long => "long",
        bool => "bool",
        short => "short",
        sbyte => "byte",
        byte => "unsignedbyte",
        ushort => "unsignedshort",
        uint => "unsignedint",
        double => "double",
        float => "float",
        decimal => "decimal",
        DateTimeOffset => "timestamp",
        byte[] => "binary",
        IReadOnlyDictionary<string, object?> => "table",
        IList => "array",
        _ => value.GetType().Name,
    };

    private static string TypeOf(QueueDeclaration queue)
        => queue.Arguments.GetValueOrDefault("x-queue-type") as string ?? QueueType.Classic;

    private readonly record struct Subject(string Kind, string Name, string VirtualHost)
    {
        public void Check(string argument, string received, string current)
        {
            if (received != current)
                throw ChannelErrors.Inequivalent(argument, Kind, Name, VirtualHost, $"'{received}'", $"'{current}'");
        }

        public void Check(string argument, bool received, bool current)
            => Check(argument, received ? "true" : "false", current ? "true" : "false");

        public void CheckArgument(
            string argument, IReadOnlyDictionary<string, object?> received, IReadOnlyDictionary<string, object?> current)
        {
            bool isReceived = received.TryGetValue(argument, out object? receivedValue);
            bool isCurrent = current.TryGetValue(argument, out object? currentValue);
            if (isReceived != isCurrent || !AreEquivalent(receivedValue, currentValue))
            {
                bool isBoth = isReceived && isCurrent;
                throw ChannelErrors.Inequivalent(
                    argument, Kind, Name, VirtualHost, Describe(isReceived, receivedValue, isBoth), Describe(isCurrent, currentValue, isBoth));
            }
        }

        private static bool AreEquivalent(object? received, object? current)
        {
            bool bothIntegers = HeaderValue.TryGetInteger(received, out _) && HeaderValue.TryGetInteger(current, out _);
            return (bothIntegers || NameOfType(received) == NameOfType(current)) && HeaderValue.AreEqual(received, current);
        }

        // As RabbitMQ does, which names the type only where the argument is missing on the other side.
        private static string Describe(bool isPresent, object? value, bool isBoth) => !isPresent ? "none"
            : isBoth ? $"'{HeaderValue.ToText(value)}'"
            : $"the value '{HeaderValue.ToText(value)}' of type '{NameOfType(value)}'";
    }
}
