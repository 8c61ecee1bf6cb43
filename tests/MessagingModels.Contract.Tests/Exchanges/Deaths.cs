namespace MessagingModels.Contract.Tests.Exchanges;

/// <summary>The record of a message's deaths, <c>x-death</c>.</summary>
internal static class Deaths
{
    /// <summary>Its entries, the latest death first; none where there is no record.</summary>
    public static List<Dictionary<string, object?>> Of(Delivery delivery)
        => delivery.Properties.Headers.TryGetValue("x-death", out object? deaths)
            ? [.. ((IEnumerable<object?>)deaths!).Select(death => new Dictionary<string, object?>((IEnumerable<KeyValuePair<string, object?>>)death!))]
            : [];

    /// <summary>What tells one entry from another, and its count.</summary>
    public static (object? Queue, object? Reason, object? Count) Summary(Dictionary<string, object?> death)
        => (death["queue"], death["reason"], death["count"]);
}
