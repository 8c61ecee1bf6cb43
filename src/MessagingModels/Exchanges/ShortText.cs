using System.Collections;
using System.Text;

namespace MessagingModels;

/// <summary>
/// AMQP 0-9-1's short strings (section 4.2.5.3): names, routing keys, the texts among the properties and the names in tables. They hold no more
/// than 255 bytes, whatever the system, so every provider checks them here, before anything is sent.
/// </summary>
internal static class ShortText
{
    public const int MaxBytes = 255;

    /// <summary>A character takes at most three bytes of UTF-8, so shorter texts need not be measured.</summary>
    private const int SurelyShort = MaxBytes / 3;

    private const int ShownCharacters = 16;

    /// <exception cref="ArgumentException">The text is too long; the message says which, its length and the limit.</exception>
    public static void Check(string text, string what)
    {
        ArgumentNullException.ThrowIfNull(text, what);
        if (text.Length <= SurelyShort || Encoding.UTF8.GetByteCount(text) is not (> MaxBytes and var bytes))
            return;
        int shown = char.IsHighSurrogate(text[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters;
        throw new ArgumentException($"The {what} '{text[..shown]}...' has {bytes} bytes in UTF-8; {MaxBytes} are the most.");
    }

    /// <exception cref="ArgumentException">A name is too long.</exception>
    public static void Check(ExchangeDeclaration exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        Check(exchange.Name, "exchange name");
        Check(exchange.Type, "exchange type");
        CheckNames(exchange.Arguments);
    }

    /// <exception cref="ArgumentException">A name is too long.</exception>
    public static void Check(QueueDeclaration queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Check(queue.Name, "queue name");
        CheckNames(queue.Arguments);
    }

    /// <exception cref="ArgumentException">A name or the key is too long.</exception>
    public static void Check(Binding binding)
    {
        ArgumentNullException.ThrowIfNull(binding);
        Check(binding.Source, "exchange name");
        if (binding.Target is not BindingTarget.Topic)
            Check(binding.Destination, binding.Target is BindingTarget.Queue ? "queue name" : "exchange name");
        Check(binding.RoutingKey, "routing key");
        CheckNames(binding.Arguments);
    }

    /// <exception cref="ArgumentException">The queue's or the consumer's name is too long.</exception>
    public static void Check(string queue, QueueConsumerOptions options)
    {
        Check(queue, "queue name");
        Check(options.ConsumerTag, "consumer tag");
        CheckNames(options.Arguments);
    }

    /// <summary>Checks what properties hold beside their headers, whose names are checked where they are converted.</summary>
    /// <exception cref="ArgumentException">A text is too long.</exception>
    public static void Check(MessageProperties properties)
    {
        CheckIfAny(properties.ContentType, nameof(properties.ContentType));
        CheckIfAny(properties.ContentEncoding, nameof(properties.ContentEncoding));
        CheckIfAny(properties.CorrelationId, nameof(properties.CorrelationId));
        CheckIfAny(properties.ReplyTo, nameof(properties.ReplyTo));
        CheckIfAny(properties.MessageId, nameof(properties.MessageId));
        CheckIfAny(properties.Type, nameof(properties.Type));
        CheckIfAny(properties.UserId, nameof(properties.UserId));
        CheckIfAny(properties.AppId, nameof(properties.AppId));
        CheckIfAny(properties.ClusterId, nameof(properties.ClusterId));
    }

    /// <summary>Checks the name of a header.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static void CheckHeader(string name) => Check(name, "header name");

    private static void CheckIfAny(string? text, string what)
    {
        if (text is not null)
            Check(text, what);
    }

    private static void CheckNames(object? value)
    {
        switch (value)
        {
            case string or byte[]:
                return;
            case IEnumerable<KeyValuePair<string, object?>> table:
                foreach ((string name, object? field) in table)
                {
                    Check(name, "argument name");
                    CheckNames(field);
                }

                return;
            case IEnumerable list:
                foreach (object? item in list)
                    CheckNames(item);
                return;
        }
    }
}
