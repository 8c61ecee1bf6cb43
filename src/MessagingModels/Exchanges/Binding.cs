namespace MessagingModels;

/// <summary>What a binding leads to.</summary>
public enum BindingTarget
{
    /// <summary>A queue.</summary>
    Queue,
    /// <summary>Another exchange.</summary>
    Exchange,
    /// <summary>A topic of the log model.</summary>
    Topic,
}

/// <summary>A rule of an exchange: messages that match it go to its destination.</summary>
public class Binding
{
    /// <summary>Creates a binding.</summary>
    /// <param name="source">The exchange's name.</param>
    /// <param name="target">What the destination is.</param>
    /// <param name="destination">The destination's name.</param>
    /// <param name="routingKey">The key, pattern or weight; what it means is the exchange type's affair.</param>
    /// <param name="arguments">Further arguments, or null for none.</param>
    public Binding(
        string source, BindingTarget target, string destination, string routingKey, IReadOnlyDictionary<string, object?>? arguments = null)
    {
        Source = source;
        Target = target;
        Destination = destination;
        RoutingKey = routingKey;
        Arguments = arguments ?? NoArguments;
    }

    private static readonly Dictionary<string, object?> NoArguments = [];

    /// <summary>The exchange's name.</summary>
    public string Source { get; }

    /// <summary>What the destination is.</summary>
    public BindingTarget Target { get; }

    /// <summary>The destination's name.</summary>
    public string Destination { get; }

    /// <summary>The key, pattern or weight.</summary>
    public string RoutingKey { get; }

    /// <summary>Further arguments.</summary>
    public IReadOnlyDictionary<string, object?> Arguments { get; }
}
