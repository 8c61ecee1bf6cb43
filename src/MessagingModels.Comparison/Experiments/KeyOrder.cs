using System.Text;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>How many messages several consumers finish before an earlier one of the same key.</summary>
internal sealed record KeyOrder(int Messages, int QueueDisorder, int LogDisorder)
{
    private const string Destination = "ordered";
    private const int Workers = 4;
    private const int MaxMessages = 2_000;
    private const int SlowEvery = 7;

    public static async Task<KeyOrder> MeasureAsync(TargetSession session, IReadOnlyList<WorkloadMessage> all, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadMessage> messages = [.. all.Take(MaxMessages)];
        await session.Exchanges.DeclareQueueAsync(Destination, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false))
        {
            for (int id = 0; id < messages.Count; id++)
                await channel.EnqueueAsync("", Destination, TaggedBody.Create(id), cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        int queue = await CountDisorderAsync(
            [.. Enumerable.Range(0, Workers).Select(_ => (Func<Func<int, ValueTask>, CancellationToken, Task>)((handle, stop)
                => Consume.RunQueueConsumerAsync(session.Exchanges, Destination, 20, (delivery, _) => handle(TaggedBody.ReadId(delivery.Body)), stop)))],
            messages, cancellationToken).ConfigureAwait(false);

        await session.Log.CreateTopicAsync(Destination, Workers, cancellationToken).ConfigureAwait(false);
        ILogConsumer[] members = await Consume.JoinAsync(session.Log, "ordered", Destination, Workers, Workers, cancellationToken).ConfigureAwait(false);
        await using (ILogProducer producer = session.Log.CreateProducer())
        {
            for (int id = 0; id < messages.Count; id++)
            {
                await producer.EnqueueAsync(
                    new ProducerRecord(Destination, Encoding.UTF8.GetBytes(messages[id].Key), TaggedBody.Create(id)), null, cancellationToken).ConfigureAwait(false);
            }

            await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        int log = await CountDisorderAsync(
            [.. members.Select(member => (Func<Func<int, ValueTask>, CancellationToken, Task>)((handle, stop)
                => Consume.RunMemberAsync(member, (record, _) => handle(TaggedBody.ReadId(record.Value)), stop)))],
            messages, cancellationToken).ConfigureAwait(false);
        foreach (ILogConsumer member in members)
            await member.DisposeAsync().ConfigureAwait(false);
        return new KeyOrder(messages.Count, queue, log);
    }

    public void Report(ExperimentContext context)
    {
        Dictionary<string, string> settings = new()
        {
            ["messages"] = Figures.Count(Messages),
            ["consumers"] = $"{Workers}",
            ["handler"] = $"every {SlowEvery}th message takes about 1 ms, the others none",
            ["prefetch"] = "20 (exchange)",
            ["partitions"] = $"{Workers} (log)",
        };
        context.Measured(ModelKind.Exchange, "messages finished after a later one of their key", "", "", [QueueDisorder], settings);
        context.Measured(ModelKind.Log, "messages finished after a later one of their key", "", "", [LogDisorder], settings);
        context.Answer(
            30, "Order by key with several consumers at work", LogDisorder < QueueDisorder ? "log" : "either",
            $"{Workers} consumers finished {Figures.Count(QueueDisorder)} of {Figures.Count(Messages)} messages out of their key's order from one queue, {Figures.Count(LogDisorder)} from {Workers} partitions.");
    }

    private static async Task<int> CountDisorderAsync(
        IReadOnlyList<Func<Func<int, ValueTask>, CancellationToken, Task>> workers, IReadOnlyList<WorkloadMessage> messages, CancellationToken cancellationToken)
    {
        Tally tally = new(1, messages.Count);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] running = [.. workers.Select(worker => Task.Run(() => worker(
            async id =>
            {
                if (id % SlowEvery == 0)
                    await Task.Delay(1, stop.Token).ConfigureAwait(false);
                await tally.AddAsync(0, id).ConfigureAwait(false);
            }, stop.Token), CancellationToken.None))];
        await tally.WaitAsync(Task.WhenAny(running).Unwrap(), cancellationToken).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(false);
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
