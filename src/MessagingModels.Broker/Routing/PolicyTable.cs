using MessagingModels.Broker.Routing.ExchangeTypes;

namespace MessagingModels.Broker.Routing;

/// <summary>The policies of a virtual host. Belongs to its commands.</summary>
internal sealed class PolicyTable
{
    /// <summary>A pattern that takes longer to look at one name matches nothing.</summary>
    public static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    private static readonly HashSet<string> s_numbers = new(StringComparer.Ordinal)
    {
        "message-ttl", "expires", "max-length", "max-length-bytes", "delivery-limit", "consumer-timeout", "delayed-retry-min",
        "delayed-retry-max", "stream-max-segment-size-bytes", "max-in-memory-length", "max-in-memory-bytes",
    };

    private static readonly HashSet<string> s_texts = new(StringComparer.Ordinal)
    {
        "dead-letter-exchange", "dead-letter-routing-key", "dead-letter-strategy", "overflow", "alternate-exchange", "max-age",
        "delayed-retry-type", "queue-mode",
    };

    private readonly SortedDictionary<string, Policy> _policies = new(StringComparer.Ordinal);

    public IReadOnlyList<Policy> Policies => [.. _policies.Values];

    /// <exception cref="ChannelException">A key or value of its definition is not legal.</exception>
    public static void Validate(Policy policy)
    {
        if (policy.Definition.Count == 0)
            throw Invalid(policy, "no policy provided");
        foreach ((string key, object? value) in policy.Definition)
        {
            bool isNumber = s_numbers.Contains(key);
            if (!isNumber && !s_texts.Contains(key))
                throw Invalid(policy, $"[{{<<\"{key}\">>, not recognised}}]");
            if (isNumber && !HeaderValue.TryGetInteger(value, out _))
                throw Invalid(policy, $"{key} must be an integer, but is '{HeaderValue.ToText(value)}'");
            if (!isNumber && value is not string)
                throw Invalid(policy, $"{key} must be text, but is '{HeaderValue.ToText(value)}'");
            if (isNumber && HeaderValue.TryGetInteger(value, out long number) && number < (key == "delivery-limit" ? -1 : 0))
                throw Invalid(policy, $"{key} must not be negative, but is {number}");
        }
    }

    public void Set(Policy policy) => _policies[policy.Name] = policy;

    public bool Remove(string name) => _policies.Remove(name);

    public Policy? ForQueue(string name) => Find(name, PolicyScope.Queues);

    public Policy? ForExchange(string name) => Find(name, PolicyScope.Exchanges);

    private Policy? Find(string name, PolicyScope scope)
    {
        Policy? best = null;
        foreach (Policy policy in _policies.Values)
        {
            bool applies = policy.Scope == PolicyScope.All || policy.Scope == scope;
            if (applies && (best is null || policy.Priority > best.Priority) && Matches(policy, name))
                best = policy;
        }

        return best;
    }

    private static bool Matches(Policy policy, string name)
    {
        try
        {
            return policy.Pattern.IsMatch(name);
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static ChannelException Invalid(Policy policy, string reason)
        => ChannelErrors.Failed($"validation failed for policy '{policy.Name}': {reason}");
}
