using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>One slow message among quick ones: how many of the quick ones wait behind it in each model.</summary>
internal sealed record UnevenWork(int WaitedInQueue, int WaitedInLog)
{
    private const string Destination = "uneven";
    private const int Workers = 4;
    private const int QuickMessages = 200;
    private const int SlowId = 0;

    private static readonly TimeSpan SlowTime = TimeSpan.FromMilliseconds(250);

    public static async Task<UnevenWork> MeasureAsync(IComparisonTarget target, CancellationToken cancellationToken)
    {
        await using TargetSession session = await target.OpenAsync(Durability.Memory, cancellationToken).ConfigureAwait(false);
        await session.Exchanges.DeclareQueueAsync(Destination, cancellationToken: cancellationToken).ConfigureAwait(false);
        int queue = await CountWaitingAsync(
            [.. Enumerable.Range(0, Workers).Select(_ => (Func<Func<int, ValueTask>, CancellationToken, Task>)((handle, stop)
                => Consume.RunQueueConsumerAsync(session.Exchanges, Destination, 1, (delivery, _) => handle(TaggedBody.ReadId(delivery.Body)), stop)))],
            () => PublishAsync(session.Exchanges, cancellationToken), cancellationToken).ConfigureAwait(false);

        await session.Log.CreateTopicAsync(Destination, Workers, cancellationToken).ConfigureAwait(false);
        ILogConsumer[] members = await Consume.JoinAsync(session.Log, "workers", Destination, Workers, Workers, cancellationToken).ConfigureAwait(false);
        int log = await CountWaitingAsync(
            [.. members.Select(member => (Func<Func<int, ValueTask>, CancellationToken, Task>)((handle, stop)
                => Consume.RunMemberAsync(member, (record, _) => handle(TaggedBody.ReadId(record.Value)), stop)))],
            () => ProduceAsync(session.Log, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (ILogConsumer member in members)
            await member.DisposeAsync().ConfigureAwait(false);
        return new UnevenWork(queue, log);
    }

    public void Report(ExperimentContext context)
    {
        Dictionary<string, string> settings = new()
        {
            ["durability"] = nameof(Durability.Memory),
            ["messages"] = $"one of {SlowTime.TotalMilliseconds:0} ms, then {QuickMessages} of about 1 ms",
            ["consumers"] = $"{Workers}",
            ["prefetch"] = "1 (exchange)",
            ["partitions"] = $"{Workers} (log)",
        };
        context.Measured(ModelKind.Exchange, "quick messages that waited for a slow one", "", "", [WaitedInQueue], settings);
        context.Measured(ModelKind.Log, "quick messages that waited for a slow one", "", "", [WaitedInLog], settings);
        context.Answer(
            40, "Work items of uneven cost, each taken by whoever is free", WaitedInQueue < WaitedInLog ? "exchange" : "either",
            $"Behind one message of {SlowTime.TotalMilliseconds:0} ms, {WaitedInLog} of {QuickMessages} quick ones waited in its partition and {WaitedInQueue} in the queue, with {Workers} consumers each.");
    }

    /// <returns>How many quick messages ended after the slow one.</returns>
    private static async Task<int> CountWaitingAsync(
        IReadOnlyList<Func<Func<int, ValueTask>, CancellationToken, Task>> workers, Func<Task> publish, CancellationToken cancellationToken)
    {
        Tally tally = new(1, QuickMessages + 1);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await publish().ConfigureAwait(false);
        Task[] running = [.. workers.Select(worker => worker(
            async id =>
            {
                await Task.Delay(id == SlowId ? SlowTime : TimeSpan.FromMilliseconds(1), stop.Token).ConfigureAwait(false);
                await tally.AddAsync(0, id).ConfigureAwait(false);
            }, stop.Token))];
        await tally.WaitAsync(Task.WhenAny(running).Unwrap(), cancellationToken).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(false);
        return tally.Ids[0].Length - 1 - Array.IndexOf(tally.Ids[0], SlowId);
    }

    private static async Task PublishAsync(IExchangeBroker exchanges, CancellationToken cancellationToken)
    {
        await using IExchangeChannel channel = await exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        for (int id = 0; id <= QuickMessages; id++)
            await channel.EnqueueAsync("", Destination, TaggedBody.Create(id), cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task ProduceAsync(ILogBroker log, CancellationToken cancellationToken)
    {
        await using ILogProducer producer = log.CreateProducer();
        for (int id = 0; id <= QuickMessages; id++)
        {
            ProducerRecord record = new(Destination, null, (ReadOnlyMemory<byte>?)TaggedBody.Create(id)) { Partition = id % Workers };
            await producer.EnqueueAsync(record, null, cancellationToken).ConfigureAwait(false);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
