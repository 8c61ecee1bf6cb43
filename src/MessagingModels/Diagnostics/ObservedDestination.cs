namespace MessagingModels;

/// <summary>
/// What an operation is directed at, as the conventions name it. An exchange is named together with the routing key (Semantic Conventions for
/// RabbitMQ), of which there may be any number; span names and metrics, which bear few different values only, say the exchange or the queue alone.
/// </summary>
/// <param name="Name">The full name.</param>
/// <param name="Label">What stands for it where only few different values may be; null where nothing does.</param>
/// <param name="IsRouted">True where the full name holds a routing key, so that the label is not the name.</param>
/// <param name="IsAnonymous">True where the broker made the name up.</param>
internal readonly record struct ObservedDestination(string Name, string? Label, bool IsRouted = false, bool IsAnonymous = false)
{
    /// <summary>What the conventions call the exchange without a name.</summary>
    private const string DefaultExchange = "amq.default";

    /// <summary>How the names of queues begin that were declared without one.</summary>
    private const string GeneratedPrefix = "amq.gen-";

    /// <summary>How the addresses begin that a channel gives out for direct replies.</summary>
    private const string ReplyPrefix = "amq.rabbitmq.reply-to.";

    public static ObservedDestination OfTopic(string topic) => new(topic, topic);

    /// <summary>Where a message is published to: <c>{exchange}:{routing key}</c>, or what of it is not empty.</summary>
    public static ObservedDestination OfPublish(string exchange, string routingKey)
    {
        string label = LabelOfExchange(exchange);
        string name = routingKey.Length == 0 ? label : Join(exchange, routingKey);
        return new(name, label, IsRouted: true, exchange.Length == 0 && IsGenerated(routingKey));
    }

    /// <summary>Where a message was delivered from: <c>{exchange}:{routing key}:{queue}</c>, or what of it is not empty and not said before.</summary>
    public static ObservedDestination OfDelivery(string exchange, string routingKey, string queue)
    {
        string origin = Join(exchange, routingKey);
        string name = routingKey == queue ? origin : Join(origin, queue);
        return new(name, LabelOfQueue(queue), IsRouted: true, IsGenerated(queue));
    }

    public static string LabelOfExchange(string exchange) => exchange.Length == 0 ? DefaultExchange : exchange;

    /// <summary>The queue; null for one whose name was made up: there may be any number of these.</summary>
    public static string? LabelOfQueue(string queue) => IsGenerated(queue) ? null : queue;

    private static bool IsGenerated(string name)
        => name.StartsWith(GeneratedPrefix, StringComparison.Ordinal) || name.StartsWith(ReplyPrefix, StringComparison.Ordinal);

    private static string Join(string first, string second)
        => first.Length == 0 ? second : second.Length == 0 ? first : $"{first}:{second}";
}
