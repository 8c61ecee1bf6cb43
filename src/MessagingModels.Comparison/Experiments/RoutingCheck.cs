using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What one exchange type does with the workload: deliveries as predicted, and others. Beside the queues that get something stands one that must get nothing.</summary>
/// <param name="session">Where to.</param>
/// <param name="messages">The workload.</param>
internal sealed class RoutingCheck(TargetSession session, IReadOnlyList<WorkloadMessage> messages)
{
    private const int Broadcasts = 3;
    private const int MostFrequent = 3;

    /// <summary>How a queue is bound, and which messages it must get.</summary>
    private sealed record Rule(string Key, Func<int, bool> Wants, IReadOnlyDictionary<string, object?>? Arguments = null);

    public async Task<IReadOnlyList<Finding>> RunAllAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken)
    {
        string[] routes = Frequent(static message => message.Route);
        string[] keys = Frequent(static message => message.Key);
        string nobodysRoute = TopicPattern.RouteBesides(messages.Select(static message => message.Route).ToHashSet().Contains);
        string nobodysKey = TopicPattern.RouteBesides(messages.Select(static message => message.Key).ToHashSet().Contains);
        const string TopicStatement = "Topic match: a queue gets what its pattern matches.";
        return
        [
            await RunAsync(
                ExchangeType.Fanout, "Broadcast: every bound queue gets every message.", $"{Broadcasts} queues",
                [.. Enumerable.Range(0, Broadcasts).Select(static _ => new Rule("", static _ => true))], cancellationToken).ConfigureAwait(false),
            await RunAsync(
                ExchangeType.Direct, "Direct: a queue gets the messages of its routing key.", $"queues for {string.Join(", ", routes)} and for a key that no message has",
                [.. routes.Select(route => new Rule(route, id => messages[id].Route == route)), new Rule(nobodysRoute, static _ => false)], cancellationToken).ConfigureAwait(false),
            patterns.Count == 0
                ? RoutesDoNotDiffer(TopicStatement)
                : await RunAsync(
                    ExchangeType.Topic, TopicStatement, $"patterns {string.Join(", ", patterns)} and one that matches nothing",
                    [.. patterns.Select(pattern => new Rule(pattern, id => TopicPattern.Matches(pattern, messages[id].Route))), new Rule(nobodysRoute, static _ => false)],
                    cancellationToken).ConfigureAwait(false),
            await RunAsync(
                ExchangeType.Headers, "And by headers, whatever the routing key.", $"header key in {string.Join(", ", keys)} and one that no message has",
                [.. keys.Select(key => new Rule("", id => messages[id].Key == key, KeyIs(key))), new Rule("", static _ => false, KeyIs(nobodysKey))],
                cancellationToken).ConfigureAwait(false),
        ];
    }

    /// <summary>What stands where a finding needs routes of several kinds, and a user's file has one.</summary>
    public static Finding RoutesDoNotDiffer(string statement) => Observe.Nothing(statement, "messages whose routes differ");

    /// <summary>The arguments of a binding by the key's header.</summary>
    public static IReadOnlyDictionary<string, object?> KeyIs(string key) => new Dictionary<string, object?> { ["x-match"] = "all", [DeliveryCheck.KeyHeader] = key };

    private string[] Frequent(Func<WorkloadMessage, string> of)
        => [.. messages.CountBy(of).OrderByDescending(static one => one.Value).Take(MostFrequent).Select(static one => one.Key)];

    private async Task<Finding> RunAsync(string type, string statement, string bindings, IReadOnlyList<Rule> rules, CancellationToken cancellationToken)
    {
        string exchange = await session.DeclareExchangeAsync(type, type, cancellationToken).ConfigureAwait(false);
        List<QueueExpectation> queues = [];
        foreach (Rule rule in rules)
        {
            string queue = await session.DeclareQueueAsync(string.Create(CultureInfo.InvariantCulture, $"{type}-{queues.Count}"), cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(queue, exchange, rule.Key, rule.Arguments, cancellationToken).ConfigureAwait(false);
            queues.Add(new QueueExpectation(queue, rule.Wants));
        }

        DeliveryCheck check = await DeliveryCheck.PublishAsync(session, exchange, messages, queues, cancellationToken).ConfigureAwait(false);
        foreach (QueueExpectation queue in queues)
            await session.Exchanges.DeleteQueueAsync(queue.Queue, cancellationToken: cancellationToken).ConfigureAwait(false);
        return Observe.That(
            statement, check.Wrong == 0 && check.Right > 0,
            $"{type} exchange, {bindings}: {Figures.Count(messages.Count)} published, {Figures.Count(check.Right)} delivered as predicted, {Figures.Count(check.Wrong)} missing or misplaced.",
            $"of the {type} exchange's deliveries {Figures.Count(check.Wrong)} were missing or misplaced and {Figures.Count(check.Right)} as predicted", isEssential: true);
    }
}
