using System.Text;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Part one: what producers write to and consumers read from.</summary>
internal sealed class DataModelExperiment : IExperiment
{
    private const string Exchange = "events";
    private const string Topic = "events";
    private const int Partitions = 4;

    public ExperimentInfo Info { get; } = new(
        "data-model", "Data model: where messages go",
        "The workload is published once to an exchange with topic bindings and once to a topic. Every message has an id; what each queue and each "
        + "partition holds is compared with what a plain matcher and the murmur2 hash, written for this check alone, say it must hold.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadMessage> messages = context.Workload.Take(context.Scale.ClaimMessages);
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (context.Offers(ModelKind.Exchange))
        {
            context.Step("routing by bindings");
            context.Judge(ClaimText.ExchangeDataModel, await RouteAsync(session, messages, cancellationToken).ConfigureAwait(false));
        }

        if (context.Offers(ModelKind.Log))
        {
            context.Step("writing to partitions");
            context.Judge(ClaimText.LogDataModel, await WriteAsync(session, messages, cancellationToken).ConfigureAwait(false));
        }
    }

    private static async Task<Finding[]> RouteAsync(
        TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        string[] patterns = [.. TopicPattern.Pick(messages, 0.5, 0.1, 0.01).Select(static pattern => pattern.Pattern)];
        string exchange = await session.DeclareExchangeAsync(Exchange, ExchangeType.Topic, cancellationToken).ConfigureAwait(false);
        foreach (string pattern in patterns)
        {
            string queue = await session.DeclareQueueAsync(pattern, cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(queue, exchange, pattern, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        (int right, int wrong) = await PublishAndCompareAsync(session, messages, patterns, patterns, cancellationToken).ConfigureAwait(false);
        await session.Exchanges.UnbindAsync(new Binding(exchange, BindingTarget.Queue, session.Name(patterns[0]), patterns[0]), cancellationToken).ConfigureAwait(false);
        (int rightAfter, int wrongAfter) = await PublishAndCompareAsync(session, messages, patterns, patterns[1..], cancellationToken).ConfigureAwait(false);

        await using IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        byte[] stray = Encoding.UTF8.GetBytes("stray");
        PublishOutcome silent = await channel.PublishAsync(exchange, "bound.by.nobody", stray, cancellationToken: cancellationToken).ConfigureAwait(false);
        PublishOutcome mandatory = await channel
            .PublishAsync(exchange, "bound.by.nobody", stray, mandatory: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        return
        [
            Observe.That(
                "What a queue gets is decided by the exchange's rules.", wrong == 0 && right > 0,
                $"{Figures.Count(messages.Count)} messages, bindings {string.Join(", ", patterns)}: {Figures.Count(right)} deliveries as predicted, {wrong} missing or misplaced.",
                $"{wrong} deliveries were missing or misplaced", isEssential: true),
            Observe.That(
                "The producer knows the exchange only; whoever owns the queues changes the rules.", wrongAfter == 0,
                $"After binding {patterns[0]} was removed the same publishing code produced {Figures.Count(rightAfter)} deliveries as predicted, {wrongAfter} others.",
                "removing a binding did not change what was delivered"),
            Observe.That(
                "A message that no rule matches reaches no queue, and the producer learns it only by asking.",
                silent == PublishOutcome.Confirmed && mandatory == PublishOutcome.Returned,
                $"An unroutable message was {silent.ToString().ToLowerInvariant()} without the mandatory flag and {mandatory.ToString().ToLowerInvariant()} with it.",
                $"it was {silent} without and {mandatory} with the mandatory flag"),
        ];
    }

    /// <returns>How many deliveries were as predicted, and how many were missing or misplaced.</returns>
    private static async Task<(int Right, int Wrong)> PublishAndCompareAsync(
        TargetSession session, IReadOnlyList<WorkloadMessage> messages, string[] patterns, string[] bound, CancellationToken cancellationToken)
    {
        await using (IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false))
        {
            for (int id = 0; id < messages.Count; id++)
                await channel.EnqueueAsync(session.Name(Exchange), messages[id].Route, TaggedBody.Create(id), cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        int right = 0;
        int wrong = 0;
        foreach (string pattern in patterns)
        {
            HashSet<int> expected = bound.Contains(pattern)
                ? [.. Enumerable.Range(0, messages.Count).Where(id => TopicPattern.Matches(pattern, messages[id].Route))]
                : [];
            foreach (Delivery delivery in await Consume.DrainAsync(session.Exchanges, session.Name(pattern), cancellationToken).ConfigureAwait(false))
            {
                if (expected.Remove(TaggedBody.ReadId(delivery.Body)))
                    right++;
                else
                    wrong++;
            }

            wrong += expected.Count;
        }

        return (right, wrong);
    }

    private static async Task<Finding[]> WriteAsync(TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Topic, Partitions, cancellationToken).ConfigureAwait(false);
        ILogConsumer[] members = await Consume.JoinAsync(session.Log, session.Name("readers"), topic, 2, Partitions, cancellationToken).ConfigureAwait(false);
        string shares = string.Join(" and ", members.Select(static member => $"partitions {string.Join(", ", member.Assignment.Select(static partition => partition.Partition).Order())}"));
        bool isDisjoint = members.SelectMany(static member => member.Assignment).Distinct().Count() == Partitions;
        foreach (ILogConsumer member in members)
            await member.DisposeAsync().ConfigureAwait(false);

        await using (ILogProducer producer = session.Log.CreateProducer())
        {
            for (int id = 0; id < messages.Count; id++)
            {
                ProducerRecord record = new(topic, Encoding.UTF8.GetBytes(messages[id].Key), TaggedBody.Create(id));
                await producer.EnqueueAsync(record, null, cancellationToken).ConfigureAwait(false);
            }

            await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        List<LogRecord> records = await Consume.ReadTopicAsync(session.Log, topic, IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false);
        int misplaced = records.Count(static record => record.Partition != (int)((Murmur2.Hash(record.Key.Span) & 0x7fffffff) % Partitions));
        int distinct = records.Select(static record => TaggedBody.ReadId(record.Value)).Distinct().Count();
        int disorder = CountDisorder(records);
        return
        [
            Observe.That(
                "Each message is in one partition of the topic, which its key decides.", distinct == messages.Count && records.Count == messages.Count && misplaced == 0,
                $"{Figures.Count(messages.Count)} written, {Figures.Count(distinct)} found in {Partitions} partitions, {misplaced} in another than murmur2 of the key says.",
                $"{messages.Count - distinct} not found, {misplaced} in another partition", isEssential: true),
            Observe.That(
                "A partition keeps the order in which it was written.", disorder == 0,
                $"{disorder} of {Figures.Count(records.Count)} records came after a later one of their partition.", $"{disorder} records were out of order"),
            Observe.That(
                "Consumers subscribe to the topic; the group deals its partitions out.", isDisjoint,
                $"Two members of a group got {shares}.", $"two members got {shares}", isEssential: true),
        ];
    }

    private static int CountDisorder(List<LogRecord> records)
    {
        int[] last = new int[Partitions];
        Array.Fill(last, -1);
        int disorder = 0;
        foreach (LogRecord record in records)
        {
            int id = TaggedBody.ReadId(record.Value);
            if (id < last[record.Partition])
                disorder++;
            last[record.Partition] = id;
        }

        return disorder;
    }
}
