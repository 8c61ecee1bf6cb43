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

    /// <summary>One pattern: its share of the messages, and bytes fetched for each byte wanted in each way.</summary>
    internal sealed record Subset(string Pattern, double Share, double LogAmplification, double QueueAmplification, double BoundAmplification);

    /// <summary>True where topics bound to an exchange held just what was wanted.</summary>
    public bool BindingsRoute => Subsets.All(static subset => subset.BoundAmplification == 1);

    public static async Task<ReadAmplification> MeasureAsync(
        TargetSession session, IReadOnlyList<WorkloadMessage> messages, IReadOnlyList<(string Pattern, double Share)> patterns, CancellationToken cancellationToken)
    {
        await ProduceWholeAsync(session.Log, messages, cancellationToken).ConfigureAwait(false);
        await PublishSplitAsync(session, messages, patterns.Count, i => patterns[i].Pattern, cancellationToken).ConfigureAwait(false);
        List<Subset> subsets = [];
        for (int i = 0; i < patterns.Count; i++)
        {
            string pattern = patterns[i].Pattern;
            long wanted = messages.Where(message => TopicPattern.Matches(pattern, message.Route)).Sum(static message => (long)message.Body.Length);
            long fetched = 0;
            long kept = 0;
            foreach (LogRecord record in await Consume.ReadTopicAsync(session.Log, Whole, IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false))
            {
                fetched += record.Value.Length;
                if (record.Headers.TryGetLast(RouteHeader, out RecordHeader route) && TopicPattern.Matches(pattern, route.Text!))
                    kept += record.Value.Length;
            }

            if (kept != wanted)
                throw new InvalidOperationException($"A filtering consumer of the whole topic got {kept} bytes for {pattern} in place of {wanted}.");
            long queued = (await Consume.DrainAsync(session.Exchanges, Name("queue", i), cancellationToken).ConfigureAwait(false)).Sum(static delivery => (long)delivery.Body.Length);
            long bound = (await Consume.ReadTopicAsync(session.Log, Name("topic", i), IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false))
                .Sum(static record => (long)record.Value.Length);
            subsets.Add(new Subset(pattern, patterns[i].Share, (double)fetched / wanted, (double)queued / wanted, (double)bound / wanted));
        }

        return new ReadAmplification(subsets);
    }

    public void Report(ExperimentContext context)
    {
        foreach (Subset subset in Subsets)
        {
            Dictionary<string, string> settings = new() { ["pattern"] = subset.Pattern, ["share of the messages"] = Figures.Share(subset.Share), ["durability"] = "Memory" };
            context.Measured(ModelKind.Log, "bytes fetched for each byte wanted", $"whole topic, {subset.Pattern}", "x", [subset.LogAmplification], settings);
            context.Measured(ModelKind.Exchange, "bytes fetched for each byte wanted", $"bound queue, {subset.Pattern}", "x", [subset.QueueAmplification], settings);
            context.Measured(null, "bytes fetched for each byte wanted", $"topic bound to an exchange, {subset.Pattern}", "x", [subset.BoundAmplification], settings);
        }

        context.Outcome.Charts.Add(new Chart
        {
            Title = "Read amplification: what a consumer fetches to get a part",
            Kind = ChartKind.Bars,
            XLabel = "share of the messages that the pattern matches",
            YLabel = "bytes fetched for each byte wanted",
            LogarithmicY = true,
            Categories = [.. Subsets.Select(static subset => Figures.Share(subset.Share))],
            Series =
            [
                new("log: whole topic", ModelKind.Log, [.. Subsets.Select(static (subset, i) => new ChartPoint(i, subset.LogAmplification))]),
                new("exchange: bound queue", ModelKind.Exchange, [.. Subsets.Select(static (subset, i) => new ChartPoint(i, subset.QueueAmplification))]),
                new("both: topic bound to an exchange", null, [.. Subsets.Select(static (subset, i) => new ChartPoint(i, subset.BoundAmplification))]),
            ],
            Caption = $"Patterns: {string.Join(", ", Subsets.Select(static subset => subset.Pattern))}. The scale is logarithmic and begins at 1, which is no waste at all.",
        });
        Subset rarest = Subsets[^1];
        context.Answer(
            10, "Hand each consumer just the part it wants, by rules that change", rarest.QueueAmplification < rarest.LogAmplification ? "exchange" : "either",
            $"For the {Figures.Share(rarest.Share)} that match {rarest.Pattern}, a topic's consumer fetched {Figures.Format(rarest.LogAmplification, "x")} the bytes it wanted, a bound queue's {Figures.Format(rarest.QueueAmplification, "x")}.");
        if (BindingsRoute)
        {
            context.Answer(
                60, "The same message as a work item and as history", "both",
                $"An exchange bound to a queue and to a topic gave either just the {Figures.Share(rarest.Share)} it asked for: {Figures.Format(rarest.BoundAmplification, "x")} the bytes wanted, readable again at an offset.");
        }
    }

    private static string Name(string kind, int i) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{i}");

    private static async Task ProduceWholeAsync(ILogBroker log, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        await log.CreateTopicAsync(Whole, 1, cancellationToken).ConfigureAwait(false);
        await using ILogProducer producer = log.CreateProducer();
        foreach (WorkloadMessage message in messages)
        {
            RecordHeaders headers = [];
            headers.Add(RouteHeader, message.Route);
            ProducerRecord record = new(Whole, Encoding.UTF8.GetBytes(message.Key), message.Body) { Headers = headers };
            await producer.EnqueueAsync(record, null, cancellationToken).ConfigureAwait(false);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task PublishSplitAsync(
        TargetSession session, IReadOnlyList<WorkloadMessage> messages, int count, Func<int, string> pattern, CancellationToken cancellationToken)
    {
        await session.Exchanges.DeclareExchangeAsync(Exchange, ExchangeType.Topic, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < count; i++)
        {
            await session.Log.CreateTopicAsync(Name("topic", i), 1, cancellationToken).ConfigureAwait(false);
            await session.Exchanges.DeclareQueueAsync(Name("queue", i), cancellationToken: cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindTopicAsync(Name("topic", i), Exchange, pattern(i), cancellationToken: cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(Name("queue", i), Exchange, pattern(i), cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        await using IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        foreach (WorkloadMessage message in messages)
            await channel.EnqueueAsync(Exchange, message.Route, message.Body, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
