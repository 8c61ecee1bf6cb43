using System.Globalization;
using System.Text;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What a consumer was handed for a part of the messages, counted by id.</summary>
/// <param name="Bytes">The bodies that it was handed.</param>
/// <param name="WantedBytes">The bodies that it wanted; more than none.</param>
/// <param name="Missing">Messages that it wanted and did not get, or could not tell for what it wanted.</param>
internal readonly record struct Handed(long Bytes, long WantedBytes, int Missing)
{
    /// <summary>Bytes handed over for each byte wanted.</summary>
    public double Amplification => (double)Bytes / WantedBytes;

    /// <summary>True where it got just what it wanted.</summary>
    public bool IsExact => Missing == 0 && Bytes == WantedBytes;

    /// <param name="sizes">The size of each message, by id.</param>
    /// <param name="wants">Which messages are wanted.</param>
    /// <param name="handed">The ids that were handed over.</param>
    /// <param name="kept">Those of them that the consumer kept; null for all.</param>
    public static Handed Compare(IReadOnlyList<int> sizes, Func<int, bool> wants, IReadOnlyCollection<int> handed, IEnumerable<int>? kept = null)
    {
        int[] wanted = [.. Enumerable.Range(0, sizes.Count).Where(wants)];
        return new Handed(handed.Sum(id => (long)sizes[id]), wanted.Sum(id => (long)sizes[id]), wanted.Except(kept ?? handed).Count());
    }

    public override string ToString()
        => Figures.Format(Amplification, "x") + (Missing > 0 ? $", {Figures.Count(Missing)} messages missing" : "");
}

/// <summary>The ways in which a consumer can be given a part: the whole topic and a filter, a topic for each route, a bound queue, a bound topic.</summary>
internal sealed class PartReading(TargetSession session, IReadOnlyList<WorkloadMessage> messages)
{
    /// <summary>More topics than that nobody keeps for the sake of routing, and their creation would be the longest part of the experiment.</summary>
    public const int MaxRouteTopics = 128;

    private const int MaxBodyBytes = 16 * 1024;
    private const long MaxTotalBytes = 32 * 1024 * 1024;
    private const string RouteHeader = "route";

    private readonly byte[][] _bodies = [.. messages.Select(static (message, id) => TaggedBody.Create(id, message.Body.Span[..Math.Min(message.Body.Length, MaxBodyBytes)]))];
    private readonly Dictionary<string, string> _topicByRoute = [];
    private string _whole = "";
    private string _exchange = "";

    public IReadOnlyList<int> Sizes => [.. _bodies.Select(static body => body.Length)];

    /// <summary>How many topics the messages were split into; 0 where that was not done.</summary>
    public int RouteTopics => _topicByRoute.Count;

    /// <summary>As many of a user's messages as can be kept several times over.</summary>
    public static IReadOnlyList<WorkloadMessage> Affordable(IReadOnlyList<WorkloadMessage> messages)
    {
        long bytes = 0;
        return [.. messages.TakeWhile((message, id) => (bytes += Math.Min(message.Body.Length, MaxBodyBytes)) <= MaxTotalBytes || id == 0)];
    }

    /// <summary>Writes all messages to one topic, with their routes as a header.</summary>
    public async Task ProduceWholeAsync(CancellationToken cancellationToken)
    {
        _whole = await session.CreateTopicAsync("whole", 1, cancellationToken).ConfigureAwait(false);
        await Fill.LogAsync(session, Enumerable.Range(0, messages.Count).Select(id => ToRecord(_whole, id)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes each message to the topic of its route, where there are not too many.</summary>
    public async Task ProduceByRouteAsync(CancellationToken cancellationToken)
    {
        string[] routes = [.. messages.Select(static message => message.Route).Distinct()];
        if (routes.Length > MaxRouteTopics)
            return;
        foreach (string route in routes)
            _topicByRoute[route] = await session.CreateTopicAsync(Name("route", _topicByRoute.Count), 1, cancellationToken).ConfigureAwait(false);
        await Fill.LogAsync(session, Enumerable.Range(0, messages.Count).Select(id => ToRecord(_topicByRoute[messages[id].Route], id)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the whole topic; of each record its id and what a filtering consumer sees of it.</summary>
    public async Task<IReadOnlyList<(int Id, string Key, string Route)>> ReadWholeAsync(CancellationToken cancellationToken)
        =>
        [
            .. (await Consume.ReadTopicAsync(session.Log, _whole, IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false)).Select(static record => (
                TaggedBody.ReadId(record.Value), Encoding.UTF8.GetString(record.Key.Span), record.Headers.TryGetLast(RouteHeader, out RecordHeader route) ? route.Text! : "")),
        ];

    /// <summary>Reads the topics of the routes that a pattern matches.</summary>
    public async Task<int[]> ReadRoutesAsync(string pattern, CancellationToken cancellationToken)
    {
        string[] topics = [.. _topicByRoute.Where(topic => TopicPattern.Matches(pattern, topic.Key)).Select(static topic => topic.Value)];
        return Ids(await Consume.ReadTopicsAsync(session.Log, topics, IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Declares an exchange and binds a queue by each pattern, and a topic too where that is to be had.</summary>
    public async Task BindAsync(IReadOnlyList<string> patterns, bool bindsTopics, CancellationToken cancellationToken)
    {
        _exchange = await session.DeclareExchangeAsync("split", ExchangeType.Topic, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < patterns.Count; i++)
        {
            string queue = await session.DeclareQueueAsync(Name("queue", i), cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(queue, _exchange, patterns[i], cancellationToken: cancellationToken).ConfigureAwait(false);
            if (bindsTopics)
            {
                string topic = await session.CreateTopicAsync(Name("topic", i), 1, cancellationToken).ConfigureAwait(false);
                await session.Exchanges.BindTopicAsync(topic, _exchange, patterns[i], cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A rule of another kind, which nobody thought of when publishing began: a queue by key, behind the exchange that is published to.</summary>
    /// <returns>The queue.</returns>
    public async Task<string> BindLaterAsync(string key, CancellationToken cancellationToken)
    {
        string byKey = await session.DeclareExchangeAsync("split-by-key", ExchangeType.Headers, cancellationToken).ConfigureAwait(false);
        string queue = await session.DeclareQueueAsync("later", cancellationToken).ConfigureAwait(false);
        await session.Exchanges.BindQueueAsync(queue, byKey, "", RoutingCheck.KeyIs(key), cancellationToken).ConfigureAwait(false);
        await session.Exchanges.BindExchangeAsync(byKey, _exchange, "#", cancellationToken: cancellationToken).ConfigureAwait(false);
        return queue;
    }

    /// <summary>Publishes messages by their routes, with the key as a header.</summary>
    public Task PublishAsync(Range ids, CancellationToken cancellationToken)
        => Fill.ExchangeAsync(
            session, _exchange, DeliveryCheck.ToOutgoing(messages).Select((message, id) => message with { Body = _bodies[id] }).Take(ids), cancellationToken);

    public async Task<int[]> DrainAsync(string queue, CancellationToken cancellationToken)
        => [.. (await Consume.DrainAsync(session.Exchanges, queue, cancellationToken).ConfigureAwait(false)).Select(static delivery => TaggedBody.ReadId(delivery.Body))];

    public Task<int[]> DrainAsync(int pattern, CancellationToken cancellationToken) => DrainAsync(session.Name(Name("queue", pattern)), cancellationToken);

    public async Task<int[]> ReadBoundTopicAsync(int pattern, CancellationToken cancellationToken)
        => Ids(await Consume.ReadTopicAsync(session.Log, session.Name(Name("topic", pattern)), IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false));

    private static int[] Ids(IEnumerable<LogRecord> records) => [.. records.Select(static record => TaggedBody.ReadId(record.Value))];

    private static string Name(string kind, int i) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{i}");

    private ProducerRecord ToRecord(string topic, int id)
    {
        RecordHeaders headers = [];
        headers.Add(RouteHeader, messages[id].Route);
        return new ProducerRecord(topic, Encoding.UTF8.GetBytes(messages[id].Key), _bodies[id]) { Headers = headers };
    }
}
