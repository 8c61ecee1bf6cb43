using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>One slow message among quick ones: how many of the quick ones wait behind it.</summary>
internal static class UnevenWork
{
    private const string Destination = "uneven";
    private const int Workers = 4;
    private const int QuickMessages = 200;
    private const int SlowId = 0;

    private static readonly TimeSpan SlowTime = TimeSpan.FromMilliseconds(250);

    public static async Task ReportAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        foreach (ModelKind model in context.Models)
        {
            int waited = model == ModelKind.Exchange
                ? await MeasureQueueAsync(session, cancellationToken).ConfigureAwait(false)
                : await MeasureLogAsync(session, cancellationToken).ConfigureAwait(false);
            context.Measured(model, "quick messages that waited for a slow one", "", "", [waited], new Dictionary<string, string>(session.Settings)
            {
                ["messages"] = $"one of {SlowTime.TotalMilliseconds:0} ms, then {QuickMessages} that wait for a timer of 1 ms",
                ["consumers"] = $"{Workers}",
                [model == ModelKind.Exchange ? "prefetch" : "partitions"] = model == ModelKind.Exchange ? "1" : $"{Workers}",
            });
            context.Weigh(
                Need.UnevenWork, model, waited,
                $"Behind one message of {SlowTime.TotalMilliseconds:0} ms, {waited} of {QuickMessages} quick ones waited in {(model == ModelKind.Exchange ? "the queue" : "its partition")}, with {Workers} consumers.");
        }
    }

    private static async Task<int> MeasureQueueAsync(TargetSession session, CancellationToken cancellationToken)
    {
        string queue = await session.DeclareQueueAsync(Destination, cancellationToken).ConfigureAwait(false);
        await using (IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false))
        {
            for (int id = 0; id <= QuickMessages; id++)
                await channel.EnqueueAsync("", queue, TaggedBody.Create(id), cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        return await CountWaitingAsync(
            [.. Enumerable.Range(0, Workers).Select(_ => (Worker)((handle, stop)
                => Consume.RunQueueConsumerAsync(session.Exchanges, queue, 1, (delivery, _) => handle(TaggedBody.ReadId(delivery.Body)), stop)))],
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> MeasureLogAsync(TargetSession session, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Destination, Workers, cancellationToken).ConfigureAwait(false);
        ILogConsumer[] members = await Consume.JoinAsync(session.Log, session.Name("workers"), topic, Workers, Workers, cancellationToken).ConfigureAwait(false);
        await using (ILogProducer producer = session.Log.CreateProducer())
        {
            for (int id = 0; id <= QuickMessages; id++)
            {
                ProducerRecord record = new(topic, null, (ReadOnlyMemory<byte>?)TaggedBody.Create(id)) { Partition = id % Workers };
                await producer.EnqueueAsync(record, null, cancellationToken).ConfigureAwait(false);
            }

            await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        int waited = await CountWaitingAsync(
            [.. members.Select(member => (Worker)((handle, stop)
                => Consume.RunMemberAsync(member, (record, _) => handle(TaggedBody.ReadId(record.Value)), stop)))],
            cancellationToken).ConfigureAwait(false);
        foreach (ILogConsumer member in members)
            await member.DisposeAsync().ConfigureAwait(false);
        return waited;
    }

    /// <returns>How many quick messages ended after the slow one.</returns>
    private static async Task<int> CountWaitingAsync(IReadOnlyList<Worker> workers, CancellationToken cancellationToken)
    {
        Tally tally = new(1, QuickMessages + 1);
        await tally.FillAsync(
            workers, static async (id, stop) => await Task.Delay(id == SlowId ? SlowTime : TimeSpan.FromMilliseconds(1), stop).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        return tally.Ids[0].Length - 1 - Array.IndexOf(tally.Ids[0], SlowId);
    }
}
