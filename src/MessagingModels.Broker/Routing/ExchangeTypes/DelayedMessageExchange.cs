using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// As the type that <c>x-delayed-type</c> names, after the milliseconds in the message's <c>x-delay</c> header (RabbitMQ's archived plugin
/// <c>rabbitmq_delayed_message_exchange</c>). The waiting is the virtual host's: see <see cref="DelayedMessages"/>.
/// </summary>
internal sealed class DelayedMessageExchange(Func<string, IExchangeType?> findType) : IExchangeType
{
    public const string TypeArgument = "x-delayed-type";

    /// <summary>The longest delay, 2^32 - 1 milliseconds (about 49 days) as in RabbitMQ's plugin; a longer one is not a delay and routes at once.</summary>
    public const long MaxDelayMs = uint.MaxValue;

    public string Name => ExchangeType.DelayedMessage;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange)
    {
        if (exchange.Arguments.GetValueOrDefault(TypeArgument) is not string type)
            throw new ArgumentException("Invalid argument, 'x-delayed-type' must be an existing exchange type");
        if (type == Name || findType(type) is not { } delayedType)
            throw new ArgumentException("Invalid argument, 'x-delayed-type' must be an existing exchange type");
        return delayedType.CreateRouter(exchange);
    }

    /// <summary>How long a message is to wait; zero where it has no delay.</summary>
    public static TimeSpan DelayOf(ReadOnlySpan<byte> properties)
    {
        var reader = new BasicPropertiesReader(properties);
        if (!reader.TryGetHeader("x-delay"u8, out FieldValueView value) || !value.TryGetInteger(out long delayMs))
            return TimeSpan.Zero;
        return delayMs is > 0 and <= MaxDelayMs ? TimeSpan.FromMilliseconds(delayMs) : TimeSpan.Zero;
    }
}
