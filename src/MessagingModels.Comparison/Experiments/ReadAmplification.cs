using System.Globalization;
using System.Text;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What a consumer must fetch to get the part that a pattern matches: from the whole topic, from a bound queue, from a bound topic.</summary>
internal sealed record ReadAmplification(IReadOnlyList<ReadAmplification.Subset> Subsets)
{
    private const string Whole = "whole";
    private const string Exchange = "split";
    private const string RouteHeader = "route";

    /// <summary>One pattern: its share of the messages, and bytes fetched for each byte wanted in each way that the target offers.</summary>
    internal sealed record Subset(string Pattern, double Share, double? Log, double? Queue, double? Bound);

    /// <summary>True where topics can be bound to an exchange, and held just what was wanted.</summary>
    public bool BindingsRoute => Subsets.All(static subset => subset.Bound == 1);

    public static async Task<ReadAmplification> MeasureAsync(
        ExperimentContext context, TargetSession session, IReadOnlyList<WorkloadMessage> messages,
        IReadOnlyList<(string Pattern, double Share)> patterns, CancellationToken cancellationToken)
    {
        bool hasLog = context.Offers(ModelKind.Log);
        bool hasQueues = context.Offers(ModelKind.Exchange);
        bool bindsTopics = hasLog && hasQueues && session.Exchanges.Capabilities.Supports(ExchangeFeature.TopicBindings);
        if (hasLog)
            await ProduceWholeAsync(session, messages, cancellationToken).ConfigureAwait(false);
        if (hasQueues)
            await PublishSplitAsync(session, messages, [.. patterns.Select(static pattern => pattern.Pattern)], bindsTopics, cancellationToken).ConfigureAwait(false);
        List<Subset> subsets = [];
        for (int i = 0; i < patterns.Count; i++)
        {
            string pattern = patterns[i].Pattern;
            double wanted = messages.Where(message => TopicPattern.Matches(pattern, message.Route)).Sum(static message => (long)message.Body.Length);
            subsets.Add(new Subset(
                pattern, patterns[i].Share,
                hasLog ? await FetchWholeAsync(session, pattern, (long)wanted, cancellationToken).ConfigureAwait(false) / wanted : null,
                hasQueues ? await FetchQueueAsync(session, i, cancellationToken).ConfigureAwait(false) / wanted : null,
                bindsTopics ? await FetchTopicAsync(session, i, cancellationToken).ConfigureAwait(false) / wanted : null));
        }

        return new ReadAmplification(subsets);
    }

    public void Report(ExperimentContext context)
    {
        const string Metric = "bytes fetched for each byte wanted";
        Subset rarest = Subsets[^1];
        foreach (Subset subset in Subsets)
        {
            Dictionary<string, string> settings = new() { ["pattern"] = subset.Pattern, ["share of the messages"] = Figures.Share(subset.Share) };
            if (subset.Log is { } log)
                context.Measured(ModelKind.Log, Metric, $"whole topic, {subset.Pattern}", "x", [log], settings);
            if (subset.Queue is { } queue)
                context.Measured(ModelKind.Exchange, Metric, $"bound queue, {subset.Pattern}", "x", [queue], settings);
            if (subset.Bound is { } bound)
                context.Measured(null, Metric, $"topic bound to an exchange, {subset.Pattern}", "x", [bound], settings);
        }

        if (rarest.Queue is { } queued)
        {
            context.Weigh(
                Need.Routing, ModelKind.Exchange, queued,
                $"For the {Figures.Share(rarest.Share)} that match {rarest.Pattern}, a bound queue's consumer fetched {Figures.Format(queued, "x")} the bytes it wanted.");
        }

        if (rarest.Log is { } whole)
            context.Weigh(Need.Routing, ModelKind.Log, whole, $"A topic's consumer fetched {Figures.Format(whole, "x")}.");
        if (BindingsRoute)
        {
            context.Answer(
                Need.WorkAndHistory, "both",
                $"An exchange bound to a queue and to a topic gave either just the {Figures.Share(rarest.Share)} it asked for: {Figures.Format(rarest.Bound!.Value, "x")} the bytes wanted, readable again at an offset.");
        }

        AddChart(context);
    }

    private void AddChart(ExperimentContext context)
    {
        (string Name, ModelKind? Model, Func<Subset, double?> Of)[] ways =
        [
            ("log: whole topic", ModelKind.Log, static subset => subset.Log),
            ("exchange: bound queue", ModelKind.Exchange, static subset => subset.Queue),
            ("both: topic bound to an exchange", null, static subset => subset.Bound),
        ];
        context.AddChart(new Chart
        {
            Title = "Read amplification: what a consumer fetches to get a part",
            Kind = ChartKind.Bars,
            XLabel = "share of the messages that the pattern matches",
            YLabel = "bytes fetched for each byte wanted",
            LogarithmicY = true,
            Categories = [.. Subsets.Select(static subset => Figures.Share(subset.Share))],
            Series =
            [
                .. ways.Where(way => way.Of(Subsets[0]) is not null).Select(way => new ChartSeries(
                    way.Name, way.Model, [.. Subsets.Select((subset, i) => new ChartPoint(i, way.Of(subset)!.Value))])),
            ],
            Caption = $"Patterns: {string.Join(", ", Subsets.Select(static subset => subset.Pattern))}. The scale is logarithmic and begins at 1, which is no waste at all.",
        });
    }

    private static string Name(string kind, int i) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{i}");

    private static async Task ProduceWholeAsync(TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Whole, 1, cancellationToken).ConfigureAwait(false);
        await using ILogProducer producer = session.Log.CreateProducer();
        foreach (WorkloadMessage message in messages)
        {
            RecordHeaders headers = [];
            headers.Add(RouteHeader, message.Route);
            ProducerRecord record = new(topic, Encoding.UTF8.GetBytes(message.Key), message.Body) { Headers = headers };
            await producer.EnqueueAsync(record, null, cancellationToken).ConfigureAwait(false);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task PublishSplitAsync(
        TargetSession session, IReadOnlyList<WorkloadMessage> messages, string[] patterns, bool bindsTopics, CancellationToken cancellationToken)
    {
        string exchange = await session.DeclareExchangeAsync(Exchange, ExchangeType.Topic, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < patterns.Length; i++)
        {
            string queue = await session.DeclareQueueAsync(Name("queue", i), cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(queue, exchange, patterns[i], cancellationToken: cancellationToken).ConfigureAwait(false);
            if (bindsTopics)
            {
                string topic = await session.CreateTopicAsync(Name("topic", i), 1, cancellationToken).ConfigureAwait(false);
                await session.Exchanges.BindTopicAsync(topic, exchange, patterns[i], cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }

        await using IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        foreach (WorkloadMessage message in messages)
            await channel.EnqueueAsync(exchange, message.Route, message.Body, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <returns>The bytes that a consumer fetches who keeps what matches; checked for having kept all of it.</returns>
    private static async Task<long> FetchWholeAsync(TargetSession session, string pattern, long wanted, CancellationToken cancellationToken)
    {
        long fetched = 0;
        long kept = 0;
        foreach (LogRecord record in await Consume.ReadTopicAsync(session.Log, session.Name(Whole), IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false))
        {
            fetched += record.Value.Length;
            if (record.Headers.TryGetLast(RouteHeader, out RecordHeader route) && TopicPattern.Matches(pattern, route.Text!))
                kept += record.Value.Length;
        }

        return kept == wanted
            ? fetched
            : throw new InvalidOperationException($"A filtering consumer of the whole topic got {kept} bytes for {pattern} in place of {wanted}.");
    }

    private static async Task<long> FetchQueueAsync(TargetSession session, int i, CancellationToken cancellationToken)
        => (await Consume.DrainAsync(session.Exchanges, session.Name(Name("queue", i)), cancellationToken).ConfigureAwait(false))
            .Sum(static delivery => (long)delivery.Body.Length);

    private static async Task<long> FetchTopicAsync(TargetSession session, int i, CancellationToken cancellationToken)
        => (await Consume.ReadTopicAsync(session.Log, session.Name(Name("topic", i)), IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false))
            .Sum(static record => (long)record.Value.Length);
}
