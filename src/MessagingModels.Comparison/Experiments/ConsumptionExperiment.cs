using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Part four: who gets a message, and whether it can be had again.</summary>
internal sealed class ConsumptionExperiment : IExperiment
{
    private const int Readers = 3;
    private const int Workers = 4;
    private const ushort Prefetch = 250;
    private const string Topic = "news";

    public ExperimentInfo Info { get; } = new(
        "consumption", "Consumption: one of many, or each of many",
        "The same messages go to competing consumers of one queue and to three queues of a fanout exchange; then to one topic that three groups read "
        + "at the same time and a fourth reads afterwards. Every delivery is counted by id.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        int count = context.Scale.ClaimMessages / 4;
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (context.Offers(ModelKind.Exchange))
        {
            context.Step("competing consumers and subscribers");
            int again = await RunExchangeAsync(context, session, count, cancellationToken).ConfigureAwait(false);
            context.Weigh(Need.History, ModelKind.Exchange, again, $"After {Figures.Count(count)} messages had been consumed, a new reader got {Figures.Count(again)} of them from the queue.");
        }

        if (context.Offers(ModelKind.Log))
        {
            context.Step("groups in parallel");
            int late = await RunLogAsync(context, session, count, cancellationToken).ConfigureAwait(false);
            context.Weigh(Need.History, ModelKind.Log, late, $"From the topic a new reader got {Figures.Count(late)} of {Figures.Count(count)}.");
        }
    }

    /// <returns>How many messages a new consumer gets once all were consumed.</returns>
    private static async Task<int> RunExchangeAsync(ExperimentContext context, TargetSession session, int count, CancellationToken cancellationToken)
    {
        Tally work = await DeliverAsync(session, "work", [.. Enumerable.Repeat("work", Workers)], count, cancellationToken).ConfigureAwait(false);
        int[] all = [.. work.Ids.SelectMany(static ids => ids)];
        int different = all.Distinct().Count();
        Tally news = await DeliverAsync(session, "news", [.. Enumerable.Range(1, Readers).Select(static reader => $"news-{reader}")], count, cancellationToken).ConfigureAwait(false);
        int complete = news.Ids.Count(ids => ids.Distinct().Count() == count && ids.Length == count);
        int again = (await Consume.DrainAsync(session.Exchanges, session.Name("work"), cancellationToken).ConfigureAwait(false)).Count;
        context.Judge(
            ClaimText.ExchangeConsumption,
            Observe.That(
                "Point-to-point: of the consumers of one queue each message goes to one.", all.Length == count && different == count,
                $"{Workers} consumers got {string.Join(", ", work.Ids.Select(static ids => Figures.Count(ids.Length)))} of {Figures.Count(count)} messages, {Figures.Count(all.Length - different)} twice, {Figures.Count(count - different)} not at all.",
                $"{Figures.Count(all.Length - different)} messages reached several consumers of one queue, and {Figures.Count(count - different)} none", isEssential: true),
            Observe.That(
                "Publish/subscribe: with a queue each, every subscriber gets every message.", complete == Readers,
                $"{complete} of {Readers} subscribers of a fanout exchange got all {Figures.Count(count)} messages once.",
                $"{Readers - complete} of {Readers} subscribers got messages twice or missed some: {Missed(news, count)}", isEssential: true),
            Observe.That(
                "An acknowledged message is gone.", again == 0, $"A consumer that came afterwards found {again} messages.", $"{again} messages came again"));
        return again;
    }

    /// <summary>Publishes to a fanout exchange bound to the queues named, with a consumer for each name; a name given twice is one queue with two consumers.</summary>
    /// <returns>What each consumer got.</returns>
    private static async Task<Tally> DeliverAsync(
        TargetSession session, string name, string[] queues, int count, CancellationToken cancellationToken)
    {
        string exchange = await session.DeclareExchangeAsync(name, ExchangeType.Fanout, cancellationToken).ConfigureAwait(false);
        foreach (string queue in queues.Distinct())
        {
            string declared = await session.DeclareQueueAsync(queue, cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(declared, exchange, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        Tally tally = new(queues.Length, count * queues.Distinct().Count());
        await Load.WhileAsync(
            [.. queues.Select((queue, i) => (Func<CancellationToken, Task>)(stop => Consume.RunQueueConsumerAsync(
                session, session.Name(queue), Prefetch, (delivery, _) => tally.AddAsync(i, TaggedBody.ReadId(delivery.Body)), stop)))],
            async receiving =>
            {
                await Fill.ExchangeAsync(session, exchange, Enumerable.Range(0, count).Select(static id => new OutgoingMessage("", TaggedBody.Create(id))), cancellationToken).ConfigureAwait(false);
                return await tally.WaitAsync(receiving, cancellationToken).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        return tally;
    }

    /// <summary>How many messages each receiver did not get.</summary>
    private static string Missed(Tally tally, int count)
        => $"{string.Join(", ", tally.Ids.Select(ids => Figures.Count(count - ids.Distinct().Count())))} not within {Tally.QuietLimit.TotalSeconds:0} s of the last one";

    /// <returns>How many messages a group gets that comes once the others have consumed all.</returns>
    private static async Task<int> RunLogAsync(ExperimentContext context, TargetSession session, int count, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Topic, Workers, cancellationToken).ConfigureAwait(false);
        Tally tally = new(Readers, count * Readers);
        List<GroupMembers> groups = [];
        int[] shares;
        try
        {
            for (int group = 0; group < Readers; group++)
            {
                // The first group has a member more than the topic has partitions.
                int size = group == 0 ? Workers + 1 : 1;
                groups.Add(await Consume.JoinAsync(session.Log, session.Name($"readers-{group}"), topic, size, Workers, cancellationToken).ConfigureAwait(false));
            }

            shares = [.. groups[0].Select(static member => member.Assignment.Count).Order()];
            await ReadTogetherAsync(session, topic, groups, tally, count, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (GroupMembers group in groups)
                await group.DisposeAsync().ConfigureAwait(false);
        }

        return await JudgeLogAsync(context, session.Log, topic, count, tally, shares, cancellationToken).ConfigureAwait(false);
    }

    private static Task<bool> ReadTogetherAsync(
        TargetSession session, string topic, List<GroupMembers> groups, Tally tally, int count, CancellationToken cancellationToken)
        => Load.WhileAsync(
            [.. groups.SelectMany((members, group) => members.Select(member => (Func<CancellationToken, Task>)(stop => Consume.RunMemberAsync(
                member, (record, _) => tally.AddAsync(group, TaggedBody.ReadId(record.Value)), stop))))],
            async reading =>
            {
                await Fill.LogAsync(
                    session, Enumerable.Range(0, count).Select(id => new ProducerRecord(topic, BitConverter.GetBytes(id), TaggedBody.Create(id))), cancellationToken).ConfigureAwait(false);
                return await tally.WaitAsync(reading, cancellationToken).ConfigureAwait(false);
            }, cancellationToken);

    private static async Task<int> JudgeLogAsync(
        ExperimentContext context, ILogBroker log, string topic, int count, Tally tally, int[] shares, CancellationToken cancellationToken)
    {
        int complete = tally.Ids.Count(ids => ids.Length == count && ids.Distinct().Count() == count);
        int late = (await Consume.ReadTopicAsync(log, topic, IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false)).Count;
        long stored = 0;
        for (int partition = 0; partition < Workers; partition++)
            stored += (await log.GetOffsetsAsync(new TopicPartition(topic, partition), cancellationToken).ConfigureAwait(false)).HighWatermark;
        context.Judge(
            ClaimText.LogConsumption,
            Observe.That(
                "Several groups consume a topic in parallel, and each gets every message.", complete == Readers,
                $"{complete} of {Readers} groups got all {Figures.Count(count)} messages once, of {Figures.Count(stored)} stored: a further group stores nothing.",
                $"{Readers - complete} of {Readers} groups got messages twice or missed some: {Missed(tally, count)}", isEssential: true),
            Observe.That(
                "Inside a group each message goes to one member.", tally.Ids[0].Length == tally.Ids[0].Distinct().Count() && tally.Ids[0].Length > 0 && shares.Sum() == Workers,
                $"{Workers + 1} members shared {Workers} partitions as {string.Join(", ", shares)}; together they got {Figures.Count(tally.Ids[0].Length)} messages, {Figures.Count(tally.Ids[0].Length - tally.Ids[0].Distinct().Count())} of them twice.",
                $"members of one group got {Figures.Count(tally.Ids[0].Length - tally.Ids[0].Distinct().Count())} messages twice"),
            Observe.That(
                "A group that comes later can read what the others have consumed.", late == count,
                $"It got {Figures.Count(late)} of {Figures.Count(count)}.", $"it got {late} of {count}"));
        return late;
    }
}
