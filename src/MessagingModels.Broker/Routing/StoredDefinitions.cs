using System.Text.Json.Serialization;

namespace MessagingModels.Broker.Routing;

/// <summary>A definition of a virtual host as it is stored: exactly one of the properties is set.</summary>
internal sealed record StoredDefinition
{
    public StoredExchange? Exchange { get; init; }

    public StoredQueue? Queue { get; init; }

    public StoredBinding? Binding { get; init; }

    public StoredPolicy? Policy { get; init; }

    /// <summary>True where the definition is to be forgotten.</summary>
    public bool Removed { get; init; }

    /// <summary>What a later definition of the same thing replaces.</summary>
    [JsonIgnore]
    public string Key => this switch
    {
        { Exchange: { } exchange } => $"exchange\n{exchange.Name}",
        { Queue: { } queue } => $"queue\n{queue.Name}",
        { Binding: { } binding } => $"binding\n{BindingId.Of(binding.ToBinding())}",
        { Policy: { } policy } => $"policy\n{policy.Name}",
        _ => "",
    };
}

/// <summary>A durable exchange as it is stored.</summary>
internal sealed record StoredExchange(string Name, string Type, bool AutoDelete, bool Internal, Dictionary<string, ArgumentValue> Arguments)
{
    public static StoredExchange Of(ExchangeDeclaration exchange)
        => new(exchange.Name, exchange.Type, exchange.AutoDelete, exchange.Internal, ArgumentValue.Of(exchange.Arguments));

    public ExchangeDeclaration ToDeclaration() => new(Name, Type)
    {
        Durable = true,
        AutoDelete = AutoDelete,
        Internal = Internal,
        Arguments = ArgumentValue.ToDictionary(Arguments),
    };
}

/// <summary>A durable queue as it is stored, with the name of its directory.</summary>
internal sealed record StoredQueue(string Name, string Directory, bool AutoDelete, Dictionary<string, ArgumentValue> Arguments)
{
    public static StoredQueue Of(QueueDeclaration queue, string directory)
        => new(queue.Name, directory, queue.AutoDelete, ArgumentValue.Of(queue.Arguments));

    public QueueDeclaration ToDeclaration() => new(Name)
    {
        Durable = true,
        AutoDelete = AutoDelete,
        Arguments = ArgumentValue.ToDictionary(Arguments),
    };
}

/// <summary>A binding between durable ends as it is stored.</summary>
internal sealed record StoredBinding(
    string Source, BindingTarget Target, string Destination, string RoutingKey, Dictionary<string, ArgumentValue> Arguments)
{
    public static StoredBinding Of(Binding binding)
        => new(binding.Source, binding.Target, binding.Destination, binding.RoutingKey, ArgumentValue.Of(binding.Arguments));

    public Binding ToBinding() => new(Source, Target, Destination, RoutingKey, ArgumentValue.ToDictionary(Arguments));
}

/// <summary>A policy as it is stored.</summary>
internal sealed record StoredPolicy(
    string Name, string Pattern, int PatternOptions, int Priority, PolicyScope Scope, Dictionary<string, ArgumentValue> Definition)
{
    public static StoredPolicy Of(Policy policy) => new(
        policy.Name, policy.Pattern.ToString(), (int)policy.Pattern.Options, policy.Priority, policy.Scope,
        ArgumentValue.Of(policy.Definition));

    public Policy ToPolicy() => new(
        Name,
        new System.Text.RegularExpressions.Regex(
            Pattern, (System.Text.RegularExpressions.RegexOptions)PatternOptions, PolicyTable.MatchTimeout),
        ArgumentValue.ToDictionary(Definition))
    {
        Priority = Priority,
        Scope = Scope,
    };
}

/// <summary>All the definitions of a virtual host, and the offset in the log of changes from which on they have to be read beside it.</summary>
internal sealed record StoredSnapshot(string VirtualHost, long NextOffset, List<StoredDefinition> Definitions);

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredDefinition))]
[JsonSerializable(typeof(StoredSnapshot))]
internal sealed partial class StoredDefinitionsJson : JsonSerializerContext;
