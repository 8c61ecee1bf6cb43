using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// How many messages several consumers finish after a later one of the same key: from one queue, from queues behind a consistent-hash exchange with
/// a single active consumer each (the exchange model's own remedy), and from partitions.
/// </summary>
internal static class KeyOrder
{
    private const string Metric = "messages finished after a later one of their key";
    private const string Destination = "ordered";
    private const int Workers = 4;
    private const int MaxMessages = 2_000;
    private const int SlowEvery = 7;
    private const ushort Prefetch = 20;

    public static async Task ReportAsync(
        ExperimentContext context, TargetSession session, IReadOnlyList<WorkloadMessage> all, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadMessage> messages = [.. all.Take(MaxMessages)];
        if (!messages.CountBy(static message => message.Key).Any(static key => key.Value > 1))
        {
            context.Outcome.Notes.Add("No two messages have the same key, so that there is no order by key to keep.");
            return;
        }

        if (context.Offers(ModelKind.Exchange))
            await ReportExchangeAsync(context, session, messages, cancellationToken).ConfigureAwait(false);
        if (context.Offers(ModelKind.Log))
        {
            Tally tally = await ReadPartitionsAsync(session, messages, cancellationToken).ConfigureAwait(false);
            if (Report(context, ModelKind.Log, $"{Workers} partitions", new() { ["partitions"] = $"{Workers}" }, tally, messages) is { } disorder)
            {
                context.Weigh(
                    Need.KeyOrder, ModelKind.Log, disorder.Median,
                    $"{Workers} members of a group finished {Figures.Count((int)disorder.Median)} of {Figures.Count(messages.Count)} messages out of their key's order from {Workers} partitions.");
            }
        }
    }

    private static async Task ReportExchangeAsync(
        ExperimentContext context, TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        Dictionary<string, string> settings = new() { ["prefetch"] = Prefetch.ToString(CultureInfo.InvariantCulture) };
        Tally competing = await ReadOneQueueAsync(session, messages, cancellationToken).ConfigureAwait(false);
        Measurement? one = Report(context, ModelKind.Exchange, "one queue", settings, competing, messages);
        string plain = one is null ? "" : $"{Workers} consumers of one queue finished {Figures.Count((int)one.Median)} of {Figures.Count(messages.Count)} messages out of their key's order";
        Tally hashed;
        try
        {
            hashed = await ReadHashedQueuesAsync(session, messages, cancellationToken).ConfigureAwait(false);
        }
        catch (NotSupportedException missing)
        {
            if (one is not null)
                context.Weigh(Need.KeyOrder, ModelKind.Exchange, one.Median, $"{plain}; a consistent-hash exchange, the remedy, cannot be declared here ({missing.Message.TrimEnd('.')}).");
            return;
        }

        settings = new(settings) { ["queues"] = $"{Workers}, a consistent-hash exchange by key before them", ["consumers of a queue"] = "2, a single active one" };
        if (Report(context, ModelKind.Exchange, $"{Workers} queues by hash of the key", settings, hashed, messages) is { } remedied)
        {
            context.Weigh(
                Need.KeyOrder, ModelKind.Exchange, remedied.Median,
                $"{plain}; with a consistent-hash exchange before {Workers} queues, each with a single active consumer, {Figures.Count((int)remedied.Median)}.");
        }
    }

    /// <returns>The figure; null where messages were lost, so that there is no order to speak of.</returns>
    private static Measurement? Report(
        ExperimentContext context, ModelKind model, string source, Dictionary<string, string> settings, Tally tally, IReadOnlyList<WorkloadMessage> messages)
    {
        if (tally.Missing > 0)
        {
            context.Outcome.Notes.Add($"{context.Target.Description.Name}: {Figures.Count(tally.Missing)} of {Figures.Count(messages.Count)} messages did not come from {source} within {Tally.QuietLimit.TotalSeconds:0} s of the last one; the order of the rest is not counted.");
            return null;
        }

        return context.Measured(model, Metric, source, "", [CountDisorder(tally.Ids[0], messages)], new Dictionary<string, string>(settings)
        {
            ["messages"] = Figures.Count(messages.Count),
            ["consumers"] = $"{Workers}",
            ["handler"] = $"every {SlowEvery}th message waits for a timer of 1 ms, the others for none",
        });
    }

    private static async Task<Tally> ReadOneQueueAsync(TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        string queue = await session.DeclareQueueAsync(Destination, cancellationToken).ConfigureAwait(false);
        await Fill.QueueAsync(session, queue, messages.Count, cancellationToken).ConfigureAwait(false);
        return await WorkAsync([.. Enumerable.Range(0, Workers).Select(_ => Consumer(session, queue))], messages.Count, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Tally> ReadHashedQueuesAsync(TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        IExchangeBroker exchanges = session.Exchanges;
        string exchange = session.Name("by-key");
        string[] queues = [.. Enumerable.Range(0, Workers).Select(i => session.Name(string.Create(CultureInfo.InvariantCulture, $"by-key-{i}")))];
        try
        {
            // By a header and not by the routing key: a key of the user's may be longer than a routing key can be.
            ExchangeDeclaration declaration = new(exchange, ExchangeType.ConsistentHash) { Arguments = new Dictionary<string, object?> { ["hash-header"] = DeliveryCheck.KeyHeader } };
            await exchanges.DeclareExchangeAsync(declaration, cancellationToken).ConfigureAwait(false);
            foreach (string queue in queues)
            {
                await exchanges.DeclareQueueAsync(queue, new QueueArguments { SingleActiveConsumer = true }, cancellationToken).ConfigureAwait(false);
                await exchanges.BindQueueAsync(queue, exchange, "1", cancellationToken: cancellationToken).ConfigureAwait(false);
            }

            await Fill.ExchangeAsync(session, exchange, DeliveryCheck.ToOutgoing(messages), cancellationToken).ConfigureAwait(false);
            return await WorkAsync([.. Enumerable.Range(0, Workers).Select(i => InPlaceAndAsReserve(session, queues[i], queues[(i + 1) % Workers]))], messages.Count, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (string queue in queues)
                await exchanges.DeleteQueueAsync(queue, cancellationToken: CancellationToken.None).ConfigureAwait(false);
            await exchanges.DeleteExchangeAsync(exchange, cancellationToken: CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task<Tally> ReadPartitionsAsync(TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Destination, Workers, cancellationToken).ConfigureAwait(false);
        await using GroupMembers members = await Consume.JoinAsync(session.Log, session.Name(Destination), topic, Workers, Workers, cancellationToken).ConfigureAwait(false);
        await Fill.LogAsync(session, DeliveryCheck.ToRecords(topic, messages), cancellationToken).ConfigureAwait(false);
        return await WorkAsync([.. members.Select(Consume.ToWorker)], messages.Count, cancellationToken).ConfigureAwait(false);
    }

    private static Worker Consumer(TargetSession session, string queue)
        => (handle, stop) => Consume.RunQueueConsumerAsync(session, queue, Prefetch, (delivery, _) => handle(TaggedBody.ReadId(delivery.Body)), stop);

    /// <summary>A worker with a queue of its own, which stands by for its neighbour's: the broker serves one of a queue's consumers at a time.</summary>
    private static Worker InPlaceAndAsReserve(TargetSession session, string own, string neighbours)
        => (handle, stop) => Task.WhenAll(Consumer(session, own)(handle, stop), Consumer(session, neighbours)(handle, stop));

    private static async Task<Tally> WorkAsync(IReadOnlyList<Worker> workers, int count, CancellationToken cancellationToken)
    {
        Tally tally = new(1, count);
        await tally.FillAsync(
            workers,
            static async (id, stop) =>
            {
                if (id % SlowEvery == 0)
                    await Task.Delay(1, stop).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        return tally;
    }

    internal static int CountDisorder(int[] finished, IReadOnlyList<WorkloadMessage> messages)
    {
        Dictionary<string, int> latest = [];
        int disorder = 0;
        foreach (int id in finished)
        {
            string key = messages[id].Key;
            if (latest.TryGetValue(key, out int last) && id < last)
                disorder++;
            else
                latest[key] = id;
        }

        return disorder;
    }
}
