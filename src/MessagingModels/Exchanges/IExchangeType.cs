namespace MessagingModels;

/// <summary>A kind of exchange: how bindings are matched. Registered with a broker, then declared by its name.</summary>
public interface IExchangeType
{
    /// <summary>The name used in declarations, for example <c>x-geo</c>.</summary>
    string Name { get; }

    /// <summary>Makes the router of a newly declared exchange.</summary>
    /// <param name="exchange">Its declaration.</param>
    /// <returns>A router without bindings.</returns>
    /// <exception cref="ArgumentException">The declaration's arguments are not legal for this type; the declaration is refused (406).</exception>
    IExchangeRouter CreateRouter(ExchangeDeclaration exchange);
}

/// <summary>
/// The bindings of one exchange and the rule that matches them. <see cref="Add"/> and <see cref="Remove"/> run alone;
/// <see cref="Route"/> runs concurrently with itself only.
/// </summary>
public interface IExchangeRouter
{
    /// <summary>Adds a binding; never one that is there already.</summary>
    /// <param name="binding">The binding.</param>
    /// <exception cref="ArgumentException">Its key or arguments are not legal for this type; the binding is refused (406).</exception>
    void Add(Binding binding);

    /// <summary>Removes a binding that was added: the same instance.</summary>
    /// <param name="binding">The binding.</param>
    void Remove(Binding binding);

    /// <summary>Finds the bindings that a message matches. Allocates nothing in the steady state.</summary>
    /// <param name="message">The message.</param>
    /// <param name="matches">Takes the bindings; the same destination may be added more than once.</param>
    void Route(in RoutedMessage message, RouteMatches matches);
}

/// <summary>What an exchange may look at to route a message.</summary>
public readonly ref struct RoutedMessage
{
    private readonly IReadOnlyDictionary<string, object?>? _headers;

    /// <summary>Creates the view.</summary>
    /// <param name="routingKey">The routing key.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">The headers, or null for none.</param>
    /// <param name="properties">The properties, or null for none.</param>
    public RoutedMessage(
        string routingKey, ReadOnlySpan<byte> body, IReadOnlyDictionary<string, object?>? headers = null, MessageProperties? properties = null)
    {
        RoutingKey = routingKey;
        Body = body;
        _headers = headers ?? properties?.Headers;
        Properties = properties ?? MessageProperties.Empty;
    }

    /// <summary>The routing key.</summary>
    public string RoutingKey { get; }

    /// <summary>The body.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The headers.</summary>
    public IReadOnlyDictionary<string, object?> Headers => _headers ?? MessageProperties.NoHeaders;

    /// <summary>The properties.</summary>
    public MessageProperties Properties { get; }
}

/// <summary>Collects the bindings that matched a message. One message at a time.</summary>
public sealed class RouteMatches
{
    private Binding[] _bindings = new Binding[8];

    /// <summary>How many bindings were added.</summary>
    public int Count { get; private set; }

    /// <summary>The bindings that were added.</summary>
    public ReadOnlySpan<Binding> Bindings => _bindings.AsSpan(0, Count);

    /// <summary>Adds a binding.</summary>
    /// <param name="binding">One that the router was given.</param>
    public void Add(Binding binding)
    {
        if (Count == _bindings.Length)
            Array.Resize(ref _bindings, Count * 2);
        _bindings[Count++] = binding;
    }

    /// <summary>Forgets what was added.</summary>
    public void Clear()
    {
        Array.Clear(_bindings, 0, Count);
        Count = 0;
    }
}
