using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Part four: who gets a message, and whether it can be had again.</summary>
internal sealed class ConsumptionExperiment : IExperiment
{
    private const int Readers = 3;
    private const int Workers = 4;
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
        int[][] work = await DeliverAsync(session, "work", ["work", "work", "work", "work"], count, cancellationToken).ConfigureAwait(false);
        int[] all = [.. work.SelectMany(static ids => ids)];
        int[][] news = await DeliverAsync(session, "news", ["news-1", "news-2", "news-3"], count, cancellationToken).ConfigureAwait(false);
        int complete = news.Count(ids => ids.Distinct().Count() == count && ids.Length == count);
        int again = (await Consume.DrainAsync(session.Exchanges, session.Name("work"), cancellationToken).ConfigureAwait(false)).Count;
        context.Judge(
            ClaimText.ExchangeConsumption,
            Observe.That(
                "Point-to-point: of the consumers of one queue each message goes to one.", all.Length == count && all.Distinct().Count() == count,
                $"{Workers} consumers got {string.Join(", ", work.Select(static ids => Figures.Count(ids.Length)))} of {Figures.Count(count)} messages, {all.Length - all.Distinct().Count()} twice.",
                "messages reached several consumers of one queue, or none", isEssential: true),
            Observe.That(
                "Publish/subscribe: with a queue each, every subscriber gets every message.", complete == Readers,
                $"{complete} of {Readers} subscribers of a fanout exchange got all {Figures.Count(count)} messages once.",
                "a subscriber missed messages or got them twice", isEssential: true),
            Observe.That(
                "An acknowledged message is gone.", again == 0, $"A consumer that came afterwards found {again} messages.", $"{again} messages came again"));
        return again;
    }

    /// <summary>Publishes to a fanout exchange bound to the queues named, with a consumer for each name; a name given twice is one queue with two consumers.</summary>
    private static async Task<int[][]> DeliverAsync(
        TargetSession session, string name, string[] queues, int count, CancellationToken cancellationToken)
    {
        string exchange = await session.DeclareExchangeAsync(name, ExchangeType.Fanout, cancellationToken).ConfigureAwait(false);
        foreach (string queue in queues.Distinct())
        {
            string declared = await session.DeclareQueueAsync(queue, cancellationToken).ConfigureAwait(false);
            await session.Exchanges.BindQueueAsync(declared, exchange, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        Tally tally = new(queues.Length, count * queues.Distinct().Count());
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] consumers = [.. queues.Select((queue, i) => Consume.RunQueueConsumerAsync(
            session.Exchanges, session.Name(queue), 20, (delivery, _) => tally.AddAsync(i, TaggedBody.ReadId(delivery.Body)), stop.Token))];
        await using (IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false))
        {
            for (int id = 0; id < count; id++)
                await channel.EnqueueAsync(exchange, "", TaggedBody.Create(id), cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        await tally.WaitAsync(Task.WhenAny(consumers).Unwrap(), cancellationToken).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(consumers).ConfigureAwait(false);
        return tally.Ids;
    }

    /// <returns>How many messages a group gets that comes once the others have consumed all.</returns>
    private static async Task<int> RunLogAsync(ExperimentContext context, TargetSession session, int count, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Topic, Workers, cancellationToken).ConfigureAwait(false);
        Tally tally = new(Readers, count * Readers);
        List<(int Group, ILogConsumer Consumer)> members = [];
        int[] shares = [];
        for (int group = 0; group < Readers; group++)
        {
            // The first group has a member more than the topic has partitions.
            int size = group == 0 ? Workers + 1 : 1;
            ILogConsumer[] joined = await Consume.JoinAsync(session.Log, session.Name($"readers-{group}"), topic, size, Workers, cancellationToken).ConfigureAwait(false);
            if (group == 0)
                shares = [.. joined.Select(static member => member.Assignment.Count).Order()];
            members.AddRange(joined.Select(member => (group, member)));
        }

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] reading = [.. members.Select(member => Consume.RunMemberAsync(
            member.Consumer, (record, _) => tally.AddAsync(member.Group, TaggedBody.ReadId(record.Value)), stop.Token))];
        await using (ILogProducer producer = session.Log.CreateProducer())
        {
            for (int id = 0; id < count; id++)
                await producer.EnqueueAsync(new ProducerRecord(topic, BitConverter.GetBytes(id), TaggedBody.Create(id)), null, cancellationToken).ConfigureAwait(false);
            await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        await tally.WaitAsync(Task.WhenAny(reading).Unwrap(), cancellationToken).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(reading).ConfigureAwait(false);
        foreach ((_, ILogConsumer member) in members)
            await member.DisposeAsync().ConfigureAwait(false);
        return await JudgeLogAsync(context, session.Log, topic, count, tally, shares, cancellationToken).ConfigureAwait(false);
    }

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
                "a group missed messages or got them twice", isEssential: true),
            Observe.That(
                "Inside a group each message goes to one member.", tally.Ids[0].Length == count && shares.Sum() == Workers,
                $"{Workers + 1} members shared {Workers} partitions as {string.Join(", ", shares)}; together they got {Figures.Count(tally.Ids[0].Length)} messages.",
                "members of one group got the same message"),
            Observe.That(
                "A group that comes later can read what the others have consumed.", late == count,
                $"It got {Figures.Count(late)} of {Figures.Count(count)}.", $"it got {late} of {count}"));
        return late;
    }
}
