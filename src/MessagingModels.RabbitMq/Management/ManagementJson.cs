using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MessagingModels.RabbitMq.Management;

/// <summary>The management's JSON as the API's records. JSON has one kind of number: integers are long here, whatever they were declared as.</summary>
internal static class ManagementJson
{
    public static ExchangeDescription ToExchange(JsonNode exchange) => new(
        new ExchangeDeclaration(Text(exchange, "name"), Text(exchange, "type"))
        {
            Durable = Flag(exchange, "durable"),
            AutoDelete = Flag(exchange, "auto_delete"),
            Internal = Flag(exchange, "internal"),
            Arguments = Table(exchange["arguments"]),
        },
        OptionalText(exchange, "policy"));

    public static JsonObject FromExchange(ExchangeDeclaration exchange) => new()
    {
        ["type"] = exchange.Type,
        ["durable"] = exchange.Durable,
        ["auto_delete"] = exchange.AutoDelete,
        ["internal"] = exchange.Internal,
        ["arguments"] = JsonSerializer.SerializeToNode(exchange.Arguments),
    };

    public static QueueDescription ToQueue(JsonNode queue) => new(
        new QueueDeclaration(Text(queue, "name"))
        {
            Durable = Flag(queue, "durable"),
            Exclusive = Flag(queue, "exclusive"),
            AutoDelete = Flag(queue, "auto_delete"),
            Arguments = Table(queue["arguments"]),
        },
        OptionalText(queue, "policy"), Number(queue, "messages_ready"), Number(queue, "messages_unacknowledged"),
        Number(queue, "message_bytes_ready"), (int)Number(queue, "consumers"), ErrorOf(OptionalText(queue, "state")));

    /// <summary>True where an argument or a policy lets the queue expire.</summary>
    public static bool Expires(JsonNode queue)
        => Table(queue["arguments"]).ContainsKey("x-expires") || Table(queue["effective_policy_definition"]).ContainsKey("expires");

    /// <summary>The type, whether the declaration said it or it is the virtual host's default.</summary>
    public static string Type(JsonNode queue) => Text(queue, "type");

    public static Binding ToBinding(JsonNode binding) => new(
        Text(binding, "source"), Text(binding, "destination_type") == "exchange" ? BindingTarget.Exchange : BindingTarget.Queue,
        Text(binding, "destination"), Text(binding, "routing_key"), Table(binding["arguments"]));

    public static Policy ToPolicy(JsonNode policy) => new(
        Text(policy, "name"), new Regex(Text(policy, "pattern"), RegexOptions.None, TimeSpan.FromSeconds(1)), Table(policy["definition"]))
    {
        Priority = (int)Number(policy, "priority"),
        Scope = Text(policy, "apply-to") switch
        {
            "all" => PolicyScope.All,
            "exchanges" => PolicyScope.Exchanges,
            // RabbitMQ can also narrow it to one type of queue.
            _ => PolicyScope.Queues,
        },
    };

    /// <exception cref="ArgumentException">The pattern has options that RabbitMQ's regular expressions do not know.</exception>
    public static JsonObject FromPolicy(Policy policy) => new()
    {
        ["pattern"] = PatternOf(policy),
        ["definition"] = JsonSerializer.SerializeToNode(policy.Definition),
        ["priority"] = policy.Priority,
        ["apply-to"] = policy.Scope switch
        {
            PolicyScope.Exchanges => "exchanges",
            PolicyScope.Queues => "queues",
            _ => "all",
        },
    };

    /// <summary>Why a request was refused.</summary>
    public static string ReasonOf(string body)
    {
        try
        {
            return JsonNode.Parse(body)?["reason"] is { } reason
                ? reason.GetValueKind() is JsonValueKind.String ? reason.GetValue<string>() : reason.ToJsonString()
                : body;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return body;
        }
    }

    private static string PatternOf(Policy policy)
    {
        const RegexOptions WithoutMeaningThere =
            RegexOptions.Compiled | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;
        string inline = "";
        RegexOptions rest = policy.Pattern.Options & ~WithoutMeaningThere;
        foreach ((RegexOptions option, char letter) in new[]
        {
            (RegexOptions.IgnoreCase, 'i'), (RegexOptions.Multiline, 'm'), (RegexOptions.Singleline, 's'), (RegexOptions.IgnorePatternWhitespace, 'x'),
        })
        {
            if ((rest & option) != 0)
                inline += letter;
            rest &= ~option;
        }

        if (rest != RegexOptions.None)
            throw new ArgumentException($"The pattern of policy '{policy.Name}' has the option {rest}, which RabbitMQ does not know.", nameof(policy));
        return inline.Length == 0 ? policy.Pattern.ToString() : $"(?{inline}){policy.Pattern}";
    }

    private static string? ErrorOf(string? state) => state switch
    {
        "down" or "crashed" or "stopped" or "minority" => $"The queue is {state}.",
        _ => null,
    };

    private static string Text(JsonNode node, string name) => OptionalText(node, name) ?? "";

    private static string? OptionalText(JsonNode node, string name)
        => node[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    private static bool Flag(JsonNode node, string name) => node[name] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>A number that is not there yet, for lack of statistics, counts as 0.</summary>
    private static long Number(JsonNode node, string name) => node[name] is JsonValue value && value.TryGetValue(out long number) ? number : 0;

    /// <summary>An empty table is written as an empty array at times.</summary>
    private static Dictionary<string, object?> Table(JsonNode? node)
    {
        Dictionary<string, object?> values = new(StringComparer.Ordinal);
        if (node is JsonObject table)
        {
            foreach ((string name, JsonNode? value) in table)
                values[name] = ToValue(value);
        }

        return values;
    }

    private static object? ToValue(JsonNode? node) => node switch
    {
        null => null,
        JsonObject => Table(node),
        JsonArray array => array.Select(ToValue).ToList(),
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        JsonValue value when value.TryGetValue(out long number) => number,
        JsonValue value when value.TryGetValue(out double number) => number,
        _ => node.ToString(),
    };
}
