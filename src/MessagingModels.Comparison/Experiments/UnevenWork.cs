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

    private static readonly TimeSpan Standstill = TimeSpan.FromMilliseconds(300);

    public static async Task ReportAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        foreach (ModelKind model in context.Models)
        {
            Tally tally = model == ModelKind.Exchange
                ? await WorkOnQueueAsync(session, cancellationToken).ConfigureAwait(false)
                : await WorkOnPartitionsAsync(session, cancellationToken).ConfigureAwait(false);
            if (tally.Missing > 0)
            {
                context.Outcome.Notes.Add($"{context.Target.Description.Name}: {tally.Missing} of {QuickMessages + 1} messages did not come within {Tally.QuietLimit.TotalSeconds:0} s of the last one; who waited is not counted.");
                continue;
            }

            int waited = CountWaiting(tally.Ids[0]);
            context.Measured(model, "quick messages that waited for a slow one", "", "", [waited], new Dictionary<string, string>(session.Settings)
            {
                ["messages"] = $"one that takes until nothing else was done for {Standstill.TotalMilliseconds:0} ms, before {QuickMessages} that wait for a timer of 1 ms",
                ["consumers"] = $"{Workers}",
                [model == ModelKind.Exchange ? "prefetch" : "partitions"] = model == ModelKind.Exchange ? "1" : $"{Workers}",
            });
            context.Weigh(
                Need.UnevenWork, model, waited,
                $"Behind one message that took longer than all others, {waited} of {QuickMessages} quick ones waited in {(model == ModelKind.Exchange ? "the queue" : "its partition")} to its end, with {Workers} consumers.");
        }
    }

    private static async Task<Tally> WorkOnQueueAsync(TargetSession session, CancellationToken cancellationToken)
    {
        string queue = await session.DeclareQueueAsync(Destination, cancellationToken).ConfigureAwait(false);
        await Fill.QueueAsync(session, queue, QuickMessages + 1, cancellationToken).ConfigureAwait(false);
        return await WorkAsync(
            [.. Enumerable.Range(0, Workers).Select(_ => (Worker)((handle, stop)
                => Consume.RunQueueConsumerAsync(session, queue, 1, (delivery, _) => handle(TaggedBody.ReadId(delivery.Body)), stop)))],
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Tally> WorkOnPartitionsAsync(TargetSession session, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(Destination, Workers, cancellationToken).ConfigureAwait(false);
        await using GroupMembers members = await Consume.JoinAsync(session.Log, session.Name("workers"), topic, Workers, Workers, cancellationToken).ConfigureAwait(false);
        await Fill.LogAsync(
            session,
            Enumerable.Range(0, QuickMessages + 1).Select(id => new ProducerRecord(topic, null, (ReadOnlyMemory<byte>?)TaggedBody.Create(id)) { Partition = id % Workers }),
            cancellationToken).ConfigureAwait(false);
        return await WorkAsync([.. members.Select(Consume.ToWorker)], cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Tally> WorkAsync(IReadOnlyList<Worker> workers, CancellationToken cancellationToken)
    {
        Tally tally = new(1, QuickMessages + 1);
        await tally.FillAsync(
            workers,
            async (id, stop) =>
            {
                if (id == SlowId)
                    await OutlastAsync(tally, stop).ConfigureAwait(false);
                else
                    await Task.Delay(1, stop).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        return tally;
    }

    /// <summary>Takes until nothing else gets done any more: what is left then waits for this message, however fast the machine is.</summary>
    private static async Task OutlastAsync(Tally tally, CancellationToken stop)
    {
        for (int before = -1; before != tally.Missing;)
        {
            before = tally.Missing;
            await Task.Delay(Standstill, stop).ConfigureAwait(false);
        }
    }

    /// <returns>How many quick messages ended after the slow one.</returns>
    internal static int CountWaiting(int[] finished) => finished.Length - 1 - Array.IndexOf(finished, SlowId);
}
