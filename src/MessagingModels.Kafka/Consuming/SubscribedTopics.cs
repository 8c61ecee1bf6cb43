using System.Text.RegularExpressions;
using MessagingModels.Kafka.Administration;

namespace MessagingModels.Kafka.Consuming;

/// <summary>What a consumer subscribes to: given names, or all topics whose name matches.</summary>
internal sealed class SubscribedTopics
{
    private readonly TopicAdmin _topics;
    private readonly Regex? _pattern;

    private SubscribedTopics(TopicAdmin topics, Regex? pattern, IReadOnlyList<string> names)
    {
        _topics = topics;
        _pattern = pattern;
        Names = names;
    }

    /// <summary>The names the library was given last.</summary>
    public IReadOnlyList<string> Names { get; set; }

    /// <summary>True where new topics may match.</summary>
    public bool IsPattern => _pattern is not null;

    public static SubscribedTopics Named(IReadOnlyCollection<string> names, TopicAdmin topics)
    {
        foreach (string name in names)
        {
            if (string.IsNullOrEmpty(name))
                throw new LogException(LogErrorCode.InvalidTopic, "A topic name must not be empty.");

            // The library would take it for a pattern of its own.
            if (name[0] == '^')
                throw new LogException(LogErrorCode.InvalidTopic, $"The topic name '{name}' holds '^'; only a-z, A-Z, 0-9, '.', '_' and '-' are allowed. Subscribe with a Regex to match names.");
        }

        return new SubscribedTopics(topics, null, [.. names.Distinct(StringComparer.Ordinal)]);
    }

    public static SubscribedTopics Matching(Regex pattern, TopicAdmin topics) => new(topics, TopicNamePattern.Whole(pattern), []);

    /// <summary>The names to subscribe to now, in ordinal order for a pattern.</summary>
    /// <exception cref="LogException">The cluster did not list its topics.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        if (_pattern is not { } pattern)
            return Names;
        IReadOnlyList<string> all = await _topics.ListAsync(cancellationToken).ConfigureAwait(false);
        return [.. all.Where(t => pattern.IsMatch(t))];
    }

    /// <summary>Whether any of the topics is there to be assigned.</summary>
    public async Task<bool> AnyExistsAsync(CancellationToken cancellationToken)
    {
        if (IsPattern)
            return Names.Count > 0;
        foreach (string name in Names)
        {
            if (await _topics.FindAsync(name, cancellationToken).ConfigureAwait(false) is not null)
                return true;
        }

        return false;
    }
}
