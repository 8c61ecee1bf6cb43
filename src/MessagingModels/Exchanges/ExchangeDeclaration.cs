namespace MessagingModels;

/// <summary>Names of the built-in exchange types; others are registered with the broker as <see cref="IExchangeType"/>.</summary>
public static class ExchangeType
{
    /// <summary>To the queues bound with the message's routing key.</summary>
    public const string Direct = "direct";
    /// <summary>To every bound queue.</summary>
    public const string Fanout = "fanout";
    /// <summary>To the queues whose pattern matches the routing key: <c>*</c> is one word, <c>#</c> any number of words, words are separated by dots.</summary>
    public const string Topic = "topic";
    /// <summary>To the queues whose arguments match the message's headers, as <c>x-match</c> says.</summary>
    public const string Headers = "headers";
    /// <summary>To one queue by a hash of the routing key, or of what <c>hash-header</c> or <c>hash-property</c> name; the binding key is the weight.</summary>
    public const string ConsistentHash = "x-consistent-hash";
    /// <summary>To one queue by a hash of the routing key modulo the number of bindings.</summary>
    public const string ModulusHash = "x-modulus-hash";
    /// <summary>To one queue at random.</summary>
    public const string Random = "x-random";
    /// <summary>To every bound queue; a new binding gets the last messages first (<c>x-recent-history-length</c>, 20 unless set).</summary>
    public const string RecentHistory = "x-recent-history";
    /// <summary>As the type in <c>x-delayed-type</c>, after the milliseconds in the message's <c>x-delay</c> header.</summary>
    public const string DelayedMessage = "x-delayed-message";
}

/// <summary>An exchange to be declared. Declaring it again with the same values has no effect; with others it is refused (406).</summary>
/// <param name="Name">Its name; <c>amq.</c> is reserved.</param>
/// <param name="Type">One of <see cref="ExchangeType"/>, or of the types registered with the broker.</param>
public sealed record ExchangeDeclaration(string Name, string Type)
{
    /// <summary>True to keep it over a restart.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>True to delete it when its last binding goes.</summary>
    public bool AutoDelete { get; init; }

    /// <summary>True to take messages from other exchanges only.</summary>
    public bool Internal { get; init; }

    /// <summary>Further arguments, for example <c>alternate-exchange</c>.</summary>
    public IReadOnlyDictionary<string, object?> Arguments { get; init; } = new Dictionary<string, object?>();
}

/// <summary>An exchange as it is.</summary>
/// <param name="Declaration">As it was declared.</param>
/// <param name="Policy">The policy in force, or null.</param>
public sealed record ExchangeDescription(ExchangeDeclaration Declaration, string? Policy);
