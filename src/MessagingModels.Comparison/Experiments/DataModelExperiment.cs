using System.Globalization;
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
        + "partition holds is compared with what a plain matcher and the murmur2 hash say it must hold: both are written for this check alone, the hash is held to hashes that Kafka itself gave.");

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
        const string RulesStatement = "What a queue gets is decided by the exchange's rules.";
        const string ProducerStatement = "The producer knows the exchange only; whoever owns the queues changes the rules.";
        string[] patterns = [.. TopicPattern.Pick(messages, 0.5, 0.1, 0.01).Select(static pattern => pattern.Pattern)];
        string exchange = await session.DeclareExchangeAsync(Exchange, ExchangeType.Topic, cancellationToken).ConfigureAwait(false);
        Finding stray = await PublishStrayAsync(session, exchange, patterns, cancellationToken).ConfigureAwait(false);
        if (patterns.Length == 0)
            return [RoutingCheck.RoutesDoNotDiffer(RulesStatement), RoutingCheck.RoutesDoNotDiffer(ProducerStatement), stray];

        List<QueueExpectation> queues = [];
        foreach (string pattern in patterns)
        {
            string queue = await session.DeclareQueueAsync(string.Create(CultureInfo.InvariantCulture, $"rule-{queues.Count}"), cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(queue, exchange, pattern, cancellationToken: cancellationToken).ConfigureAwait(false);
            queues.Add(new QueueExpectation(queue, id => TopicPattern.Matches(pattern, messages[id].Route)));
        }

        DeliveryCheck before = await DeliveryCheck.PublishAsync(session, exchange, messages, queues, cancellationToken).ConfigureAwait(false);
        await session.Exchanges.UnbindAsync(new Binding(exchange, BindingTarget.Queue, queues[0].Queue, patterns[0]), cancellationToken).ConfigureAwait(false);
        queues[0] = queues[0] with { Wants = static _ => false };
        DeliveryCheck after = await DeliveryCheck.PublishAsync(session, exchange, messages, queues, cancellationToken).ConfigureAwait(false);
        return
        [
            Observe.That(
                RulesStatement, before.Wrong == 0 && before.Right > 0,
                $"{Figures.Count(messages.Count)} messages, bindings {string.Join(", ", patterns)}: {Figures.Count(before.Right)} deliveries as predicted, {Figures.Count(before.Wrong)} missing or misplaced.",
                $"{Figures.Count(before.Wrong)} deliveries were missing or misplaced, {Figures.Count(before.Right)} as predicted", isEssential: true),
            Observe.That(
                ProducerStatement, after.Wrong == 0,
                $"After binding {patterns[0]} was removed the same publishing code produced {Figures.Count(after.Right)} deliveries as predicted, {Figures.Count(after.Wrong)} others.",
                $"after a binding was removed {Figures.Count(after.Wrong)} deliveries were not what the rules that were left say"),
            stray,
        ];
    }

    private static async Task<Finding> PublishStrayAsync(TargetSession session, string exchange, string[] patterns, CancellationToken cancellationToken)
    {
        await using IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        byte[] stray = Encoding.UTF8.GetBytes("stray");
        string route = TopicPattern.RouteBesides(name => patterns.Any(pattern => TopicPattern.Matches(pattern, name)));
        PublishOutcome silent = await channel.PublishAsync(exchange, route, stray, cancellationToken: cancellationToken).ConfigureAwait(false);
        PublishOutcome mandatory = await channel.PublishAsync(exchange, route, stray, mandatory: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        return Observe.That(
            "A message that no rule matches reaches no queue, and the producer learns it only by asking.",
            silent == PublishOutcome.Confirmed && mandatory == PublishOutcome.Returned,
            $"An unroutable message was {silent.ToString().ToLowerInvariant()} without the mandatory flag and {mandatory.ToString().ToLowerInvariant()} with it.",
            $"it was {silent} without and {mandatory} with the mandatory flag");
    }

    private static async Task<Finding[]> WriteAsync(TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Topic, Partitions, cancellationToken).ConfigureAwait(false);
        string shares;
        bool isDisjoint;
        await using (GroupMembers members = await Consume.JoinAsync(session.Log, session.Name("readers"), topic, 2, Partitions, cancellationToken).ConfigureAwait(false))
        {
            shares = string.Join(" and ", members.Select(static member => $"partitions {string.Join(", ", member.Assignment.Select(static partition => partition.Partition).Order())}"));
            isDisjoint = members.SelectMany(static member => member.Assignment).Distinct().Count() == Partitions;
        }

        await Fill.LogAsync(session, DeliveryCheck.ToRecords(topic, messages), cancellationToken).ConfigureAwait(false);
        List<LogRecord> records = await Consume.ReadTopicAsync(session.Log, topic, IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false);
        int misplaced = records.Count(static record => record.Partition != KafkaKeyHash.PartitionOf(record.Key, Partitions));
        int distinct = records.Select(static record => TaggedBody.ReadId(record.Value)).Distinct().Count();
        int disorder = CountDisorder(records);
        return
        [
            Observe.That(
                "Each message is in one partition of the topic, which its key decides.", distinct == messages.Count && records.Count == messages.Count && misplaced == 0,
                $"{Figures.Count(messages.Count)} written, {Figures.Count(distinct)} found in {Partitions} partitions, {misplaced} in another than Kafka's murmur2 of the key says.",
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
