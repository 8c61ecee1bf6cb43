using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What one exchange type did with the workload: deliveries as predicted, and others.</summary>
internal sealed record RoutingCheck(string Type, string Statement, string Bindings, int Messages, int Right, int Wrong)
{
    /// <summary>A queue, how it is bound, and which messages it must get.</summary>
    private sealed record Expectation(string Queue, string Key, IReadOnlyDictionary<string, object?>? Arguments, Func<int, bool> Wants);

    public Finding ToFinding() => Observe.That(
        Statement, Wrong == 0 && Right > 0,
        $"{Type} exchange, {Bindings}: {Figures.Count(Messages)} published, {Figures.Count(Right)} delivered as predicted, {Wrong} missing or misplaced.",
        $"the {Type} exchange misplaced {Wrong} deliveries", isEssential: true);

    public static async Task<IReadOnlyList<RoutingCheck>> RunAllAsync(
        TargetSession session, IReadOnlyList<WorkloadMessage> messages, IReadOnlyList<string> patterns, CancellationToken cancellationToken)
    {
        string[] routes = [.. messages.CountBy(static message => message.Route).OrderByDescending(static route => route.Value).Take(3).Select(static route => route.Key)];
        string[] keys = [.. messages.CountBy(static message => message.Key).OrderByDescending(static key => key.Value).Take(3).Select(static key => key.Key)];
        return
        [
            await RunAsync(
                session, ExchangeType.Fanout, "Broadcast: every bound queue gets every message.", "5 queues", messages,
                [.. Enumerable.Range(0, 5).Select(static i => new Expectation(string.Create(CultureInfo.InvariantCulture, $"fanout-{i}"), "", null, static _ => true))],
                cancellationToken).ConfigureAwait(false),
            await RunAsync(
                session, ExchangeType.Direct, "Direct: a queue gets the messages of its routing key.", $"queues for {string.Join(", ", routes)}", messages,
                [.. routes.Select((route, i) => new Expectation(string.Create(CultureInfo.InvariantCulture, $"direct-{i}"), route, null, id => messages[id].Route == route))],
                cancellationToken).ConfigureAwait(false),
            await RunAsync(
                session, ExchangeType.Topic, "Topic match: a queue gets what its pattern matches.", $"patterns {string.Join(", ", patterns)}", messages,
                [.. patterns.Select((pattern, i) => new Expectation(
                    string.Create(CultureInfo.InvariantCulture, $"topic-{i}"), pattern, null, id => TopicPattern.Matches(pattern, messages[id].Route)))],
                cancellationToken).ConfigureAwait(false),
            await RunAsync(
                session, ExchangeType.Headers, "And by headers, whatever the routing key.", $"header key in {string.Join(", ", keys)}", messages,
                [.. keys.Select((key, i) => new Expectation(
                    string.Create(CultureInfo.InvariantCulture, $"headers-{i}"), "", new Dictionary<string, object?> { ["x-match"] = "all", ["key"] = key },
                    id => messages[id].Key == key))],
                cancellationToken).ConfigureAwait(false),
        ];
    }

    private static async Task<RoutingCheck> RunAsync(
        TargetSession session, string type, string statement, string bindings, IReadOnlyList<WorkloadMessage> messages,
        IReadOnlyList<Expectation> expectations, CancellationToken cancellationToken)
    {
        string exchange = await session.DeclareExchangeAsync(type, type, cancellationToken).ConfigureAwait(false);
        foreach (Expectation expectation in expectations)
        {
            string queue = await session.DeclareQueueAsync(expectation.Queue, cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(queue, exchange, expectation.Key, expectation.Arguments, cancellationToken).ConfigureAwait(false);
        }

        Dictionary<string, MessageProperties> properties = messages.Select(static message => message.Key).Distinct()
            .ToDictionary(static key => key, static key => new MessageProperties { Headers = new Dictionary<string, object?> { ["key"] = key } });
        await using (IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false))
        {
            for (int id = 0; id < messages.Count; id++)
            {
                await channel.EnqueueAsync(exchange, messages[id].Route, TaggedBody.Create(id), properties[messages[id].Key], cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
            }

            await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        int right = 0;
        int wrong = 0;
        foreach (Expectation expectation in expectations)
        {
            HashSet<int> missing = [.. Enumerable.Range(0, messages.Count).Where(expectation.Wants)];
            foreach (Delivery delivery in await Consume.DrainAsync(session.Exchanges, session.Name(expectation.Queue), cancellationToken).ConfigureAwait(false))
            {
                if (missing.Remove(TaggedBody.ReadId(delivery.Body)))
                    right++;
                else
                    wrong++;
            }

            wrong += missing.Count;
            await session.Exchanges.DeleteQueueAsync(session.Name(expectation.Queue), cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return new RoutingCheck(type, statement, bindings, messages.Count, right, wrong);
    }
}
