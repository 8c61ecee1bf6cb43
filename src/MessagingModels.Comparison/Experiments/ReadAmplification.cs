using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// What a consumer is handed to get a part of the messages. A topic hands over all it holds, by its definition: that figure is one over the share.
/// What is found out is what the remedies bring: a topic for each route, a queue or topic bound by a pattern, and a rule by key that comes when half
/// of the messages are published.
/// </summary>
/// <param name="Subsets">By falling share; none where the routes do not differ.</param>
/// <param name="Later">The rule that came later; null where all keys are the same.</param>
/// <param name="RouteTopics">How many topics, one for each route, the messages were written to as well; 0 where there are too many routes, or no log.</param>
internal sealed record ReadAmplification(IReadOnlyList<ReadAmplification.Subset> Subsets, ReadAmplification.LaterRule? Later, int RouteTopics)
{
    private const string Metric = "bytes handed to the consumer for each byte wanted";
    private const string LaterStatement = "A rule can be added while messages flow, without a change at the publisher.";
    private const string WholeStatement = "There is no flexible routing: who wants a part is handed the whole.";

    /// <summary>One pattern, its share of the messages, and what each way handed over that the target offers.</summary>
    internal sealed record Subset(string Pattern, double Share, Handed? Whole, Handed? ByRoute, Handed? Queue, Handed? Bound);

    /// <summary>A rule by key: what the topic hands over for it, and what a queue does that was bound half way.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Share">Its share of the messages.</param>
    /// <param name="Whole">From the topic, of all messages.</param>
    /// <param name="Queue">From the queue, of those published after it was bound.</param>
    /// <param name="Before">How many of that key had been published before.</param>
    internal sealed record LaterRule(string Key, double Share, Handed? Whole, Handed? Queue, int Before);

    public static async Task<ReadAmplification> MeasureAsync(
        ExperimentContext context, TargetSession session, IReadOnlyList<WorkloadMessage> all, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadMessage> messages = PartReading.Affordable(all);
        IReadOnlyList<(string Pattern, double Share)> patterns = TopicPattern.Pick(messages, 0.5, 0.1, 0.01, 0.001);
        PartReading reading = new(session, messages);
        bool hasLog = context.Offers(ModelKind.Log);
        bool hasQueues = context.Offers(ModelKind.Exchange);
        bool bindsTopics = hasLog && hasQueues && session.Exchanges.Capabilities.Supports(ExchangeFeature.TopicBindings);
        IReadOnlyList<(int Id, string Key, string Route)> whole = [];
        if (hasLog)
        {
            await reading.ProduceWholeAsync(cancellationToken).ConfigureAwait(false);
            await reading.ProduceByRouteAsync(cancellationToken).ConfigureAwait(false);
            whole = await reading.ReadWholeAsync(cancellationToken).ConfigureAwait(false);
        }

        int half = messages.Count / 2;
        string key = messages.Skip(half).CountBy(static message => message.Key).MaxBy(static count => count.Value).Key;
        int[] late = [];
        if (hasQueues)
        {
            await reading.BindAsync([.. patterns.Select(static pattern => pattern.Pattern)], bindsTopics, cancellationToken).ConfigureAwait(false);
            await reading.PublishAsync(..half, cancellationToken).ConfigureAwait(false);
            string queue = await reading.BindLaterAsync(key, cancellationToken).ConfigureAwait(false);
            await reading.PublishAsync(half.., cancellationToken).ConfigureAwait(false);
            late = await reading.DrainAsync(queue, cancellationToken).ConfigureAwait(false);
        }

        int[] wholeIds = [.. whole.Select(static record => record.Id)];
        List<Subset> subsets = [];
        foreach ((string pattern, double share) in patterns)
        {
            Handed Compare(int[] handed, IEnumerable<int>? kept = null) => Handed.Compare(reading.Sizes, id => TopicPattern.Matches(pattern, messages[id].Route), handed, kept);
            subsets.Add(new Subset(
                pattern, share,
                hasLog ? Compare(wholeIds, whole.Where(record => TopicPattern.Matches(pattern, record.Route)).Select(static record => record.Id)) : null,
                reading.RouteTopics > 0 ? Compare(await reading.ReadRoutesAsync(pattern, cancellationToken).ConfigureAwait(false)) : null,
                hasQueues ? Compare(await reading.DrainAsync(subsets.Count, cancellationToken).ConfigureAwait(false)) : null,
                bindsTopics ? Compare(await reading.ReadBoundTopicAsync(subsets.Count, cancellationToken).ConfigureAwait(false)) : null));
        }

        double keyShare = (double)messages.Count(message => message.Key == key) / messages.Count;
        LaterRule later = new(
            key, keyShare,
            hasLog ? Handed.Compare(reading.Sizes, id => messages[id].Key == key, wholeIds, whole.Where(record => record.Key == key).Select(static record => record.Id)) : null,
            hasQueues ? Handed.Compare(reading.Sizes, id => id >= half && messages[id].Key == key, late) : null,
            messages.Take(half).Count(message => message.Key == key));
        return new ReadAmplification(subsets, keyShare < 1 ? later : null, reading.RouteTopics);
    }

    /// <summary>The finding about rules that change, of the exchange model.</summary>
    public Finding ToExchangeFinding() => Later?.Queue is not { } queue
        ? Observe.Nothing(LaterStatement, "messages whose keys differ")
        : Observe.That(
            LaterStatement, queue.IsExact,
            $"A queue bound by the header key = {Later.Key} when half of the messages were published was handed {queue} the bytes it wanted of those that came after; of the {Figures.Count(Later.Before)} before it got none, as a queue has no past.",
            $"a queue bound half way was handed {queue} the bytes it wanted");

    /// <summary>The finding about routing, of the log model.</summary>
    public Finding ToLogFinding()
    {
        if (Subsets.Count == 0)
            return RoutingCheck.RoutesDoNotDiffer(WholeStatement);
        string whole = $"A topic hands over all it holds, by its definition; bytes handed to the consumer for each byte wanted: {List(static subset => subset.Whole)}";
        string later = Later is null ? "" : $", and {Later.Whole} for one key ({Figures.Share(Later.Share)}), a rule that no topic was made for";
        string bound = Subsets.All(static subset => subset.Bound?.IsExact == true) ? "; and here an exchange can be bound to a topic, which then holds just what a rule lets in" : "";
        if (RouteTopics == 0)
        {
            return Observe.Under(
                $"one topic holds everything; a topic for each route, the log's own remedy, was not tried with more than {PartReading.MaxRouteTopics} routes{bound}", WholeStatement,
                Subsets.All(static subset => subset.Whole?.Amplification > 1), observedWithout: false, $"{whole}{later}.", "a consumer of the whole topic was handed no more than it wanted");
        }

        bool helps = Subsets.All(static subset => subset.ByRoute?.IsExact == true);
        return Observe.Under(
            $"one topic holds everything: with a topic for each of the {RouteTopics} routes, which the producer must know, a reader by route was handed just its part{bound}", WholeStatement,
            Subsets.All(static subset => subset.Whole?.Amplification > 1), observedWithout: !helps,
            $"{whole}{later}. With a topic for each of the {RouteTopics} routes, read by those who want it: {List(static subset => subset.ByRoute)}.",
            "a consumer of the whole topic was handed no more than it wanted");
    }

    public void Report(ExperimentContext context)
    {
        foreach (Subset subset in Subsets)
        {
            Dictionary<string, string> settings = new() { ["pattern"] = subset.Pattern, ["share of the messages"] = Figures.Share(subset.Share) };
            foreach ((string name, ModelKind? model, Func<Subset, Handed?> of) in Ways)
            {
                if (of(subset) is { } handed)
                    context.Measured(model, Metric, $"{name}, {subset.Pattern}", "x", [handed.Amplification], settings);
            }
        }

        if (Later is not null)
            ReportLater(context, Later);
        if (Subsets is [.., { Bound: { IsExact: true } bound } rarest] && Subsets.All(static subset => subset.Bound?.IsExact == true && subset.Queue?.IsExact == true))
        {
            context.Answer(
                Need.WorkAndHistory, "both",
                $"An exchange bound to a queue and to a topic gave either just the {Figures.Share(rarest.Share)} it asked for: {bound} the bytes wanted, readable again at an offset.");
        }

        AddChart(context);
    }

    private void ReportLater(ExperimentContext context, LaterRule later)
    {
        Dictionary<string, string> settings = new() { ["rule"] = $"key = {later.Key}", ["share of the messages"] = Figures.Share(later.Share) };
        string rule = $"a rule that came later (one key, {Figures.Share(later.Share)} of the messages)";
        if (later.Queue is { } queue)
        {
            context.Measured(ModelKind.Exchange, Metric, "queue bound half way by key", "x", [queue.Amplification], settings);
            if (queue.IsExact)
            {
                context.Weigh(
                    Need.Routing, ModelKind.Exchange, queue.Amplification,
                    $"For {rule}, a queue bound without a change at the publisher was handed {queue} the bytes it wanted of all that came from then on, and none of the {Figures.Count(later.Before)} messages before.");
            }
        }

        if (later.Whole is { Missing: 0 } whole)
        {
            context.Measured(ModelKind.Log, Metric, "whole topic, by key", "x", [whole.Amplification], settings);
            string byRoute = Subsets.Count > 0 && Subsets.All(static subset => subset.ByRoute?.IsExact == true)
                ? $"; for a rule by route a topic for each of the {RouteTopics} routes gives just the part"
                : "";
            context.Weigh(Need.Routing, ModelKind.Log, whole.Amplification, $"A topic's consumer was handed {whole}, the past included{byRoute}.");
        }
    }

    private static (string Name, ModelKind? Model, Func<Subset, Handed?> Of)[] Ways =>
    [
        ("log: whole topic", ModelKind.Log, static subset => subset.Whole),
        ("log: a topic for each route", ModelKind.Log, static subset => subset.ByRoute),
        ("exchange: bound queue", ModelKind.Exchange, static subset => subset.Queue),
        ("both: topic bound to an exchange", null, static subset => subset.Bound),
    ];

    private string List(Func<Subset, Handed?> of) => string.Join("; ", Subsets.Select(subset => $"{of(subset)} for {subset.Pattern} ({Figures.Share(subset.Share)})"));

    private void AddChart(ExperimentContext context)
    {
        if (Subsets.Count == 0)
            return;
        context.AddChart(new Chart
        {
            Title = "Read amplification: what a consumer is handed to get a part",
            Kind = ChartKind.Bars,
            XLabel = "share of the messages that the pattern matches",
            YLabel = "bytes handed over for each byte wanted",
            LogarithmicY = true,
            Categories = [.. Subsets.Select(static subset => Figures.Share(subset.Share))],
            Series =
            [
                .. Ways.Where(way => way.Of(Subsets[0]) is not null).Select(way => new ChartSeries(
                    way.Name, way.Model, [.. Subsets.Select((subset, i) => new ChartPoint(i, way.Of(subset)!.Value.Amplification))])),
            ],
            Caption = $"Patterns: {string.Join(", ", Subsets.Select(static subset => subset.Pattern))}. The scale is logarithmic and begins at 1, which is no waste at all. "
                + "That a whole topic hands over everything is its definition; what the other ways hand over was counted by id.",
        });
    }
}
