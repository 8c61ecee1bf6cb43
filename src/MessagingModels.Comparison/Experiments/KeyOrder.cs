using System.Text;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>How many messages several consumers finish after a later one of the same key.</summary>
internal static class KeyOrder
{
    private const string Destination = "ordered";
    private const int Workers = 4;
    private const int MaxMessages = 2_000;
    private const int SlowEvery = 7;

    public static async Task ReportAsync(
        ExperimentContext context, TargetSession session, IReadOnlyList<WorkloadMessage> all, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadMessage> messages = [.. all.Take(MaxMessages)];
        foreach (ModelKind model in context.Models)
        {
            int disorder = model == ModelKind.Exchange
                ? await MeasureQueueAsync(session, messages, cancellationToken).ConfigureAwait(false)
                : await MeasureLogAsync(session, messages, cancellationToken).ConfigureAwait(false);
            string source = model == ModelKind.Exchange ? "one queue" : $"{Workers} partitions";
            context.Measured(model, "messages finished after a later one of their key", source, "", [disorder], new Dictionary<string, string>
            {
                ["messages"] = Figures.Count(messages.Count),
                ["consumers"] = $"{Workers}",
                ["handler"] = $"every {SlowEvery}th message waits for a timer of 1 ms, the others for none",
                [model == ModelKind.Exchange ? "prefetch" : "partitions"] = model == ModelKind.Exchange ? "20" : $"{Workers}",
            });
            context.Weigh(
                Need.KeyOrder, model, disorder,
                $"{Workers} consumers finished {Figures.Count(disorder)} of {Figures.Count(messages.Count)} messages out of their key's order from {source}.");
        }
    }

    private static async Task<int> MeasureQueueAsync(TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        string queue = await session.DeclareQueueAsync(Destination, cancellationToken).ConfigureAwait(false);
        await using (IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false))
        {
            for (int id = 0; id < messages.Count; id++)
                await channel.EnqueueAsync("", queue, TaggedBody.Create(id), cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        return await CountDisorderAsync(
            [.. Enumerable.Range(0, Workers).Select(_ => (Worker)((handle, stop)
                => Consume.RunQueueConsumerAsync(session.Exchanges, queue, 20, (delivery, _) => handle(TaggedBody.ReadId(delivery.Body)), stop)))],
            messages, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> MeasureLogAsync(TargetSession session, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Destination, Workers, cancellationToken).ConfigureAwait(false);
        ILogConsumer[] members = await Consume.JoinAsync(session.Log, session.Name(Destination), topic, Workers, Workers, cancellationToken).ConfigureAwait(false);
        await using (ILogProducer producer = session.Log.CreateProducer())
        {
            for (int id = 0; id < messages.Count; id++)
                await producer.EnqueueAsync(new ProducerRecord(topic, Encoding.UTF8.GetBytes(messages[id].Key), TaggedBody.Create(id)), null, cancellationToken).ConfigureAwait(false);
            await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        int disorder = await CountDisorderAsync(
            [.. members.Select(member => (Worker)((handle, stop)
                => Consume.RunMemberAsync(member, (record, _) => handle(TaggedBody.ReadId(record.Value)), stop)))],
            messages, cancellationToken).ConfigureAwait(false);
        foreach (ILogConsumer member in members)
            await member.DisposeAsync().ConfigureAwait(false);
        return disorder;
    }

    private static async Task<int> CountDisorderAsync(IReadOnlyList<Worker> workers, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        Tally tally = new(1, messages.Count);
        await tally.FillAsync(
            workers,
            async (id, stop) =>
            {
                if (id % SlowEvery == 0)
                    await Task.Delay(1, stop).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        return CountDisorder(tally.Ids[0], messages);
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
