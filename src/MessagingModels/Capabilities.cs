namespace MessagingModels;

/// <summary>
/// What a broker offers of a model's features. Known before anything is tried: a call that needs a feature which is not offered throws the
/// <see cref="NotSupportedException"/> that <see cref="Demand"/> throws. Immutable.
/// </summary>
/// <typeparam name="TFeature"><see cref="LogFeature"/> or <see cref="ExchangeFeature"/>.</typeparam>
public sealed class Capabilities<TFeature>
    where TFeature : struct, Enum
{
    private readonly Dictionary<TFeature, string> _missing;
    private readonly Dictionary<TFeature, string> _notes;

    /// <summary>States what a system offers.</summary>
    /// <param name="system">Its name, with its version where it is known.</param>
    /// <param name="missing">The features it does not offer, each with the reason or with what to do instead, as a clause without a full stop.</param>
    /// <param name="notes">What to know about features it does offer, as a clause without a full stop; null for nothing.</param>
    public Capabilities(
        string system, IReadOnlyDictionary<TFeature, string>? missing = null, IReadOnlyDictionary<TFeature, string>? notes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(system);
        System = system;
        _missing = missing is null ? [] : new(missing);
        _notes = notes is null ? [] : new(notes);
    }

    /// <summary>The system's name, with its version where it is known.</summary>
    public string System { get; }

    /// <summary>Tells whether the system offers a feature.</summary>
    /// <param name="feature">The feature.</param>
    /// <returns>False where a call that needs it throws.</returns>
    public bool Supports(TFeature feature) => !_missing.ContainsKey(feature);

    /// <summary>Why a feature is missing, or what to know about it.</summary>
    /// <param name="feature">The feature.</param>
    /// <returns>A clause; empty where there is nothing to say.</returns>
    public string Note(TFeature feature)
        => _missing.TryGetValue(feature, out string? why) || _notes.TryGetValue(feature, out why) ? why : "";

    /// <summary>Throws where a feature is missing.</summary>
    /// <param name="feature">The feature that a call needs.</param>
    /// <exception cref="NotSupportedException">It is missing; the message names feature, system and reason.</exception>
    public void Demand(TFeature feature)
    {
        if (_missing.TryGetValue(feature, out string? why))
            throw new NotSupportedException($"{System} does not support {FeatureName.Of(feature)}: {why}.");
    }
}

/// <summary>Names of features as people write them.</summary>
internal static class FeatureName
{
    /// <summary>The words of a name: <c>TopicConfiguration</c> is "topic configuration".</summary>
    public static string Of<TFeature>(TFeature feature)
        where TFeature : struct, Enum
    {
        string name = feature.ToString();
        return string.Concat(name.Select(static (c, i) => char.IsUpper(c) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(c) : c.ToString()));
    }
}
