using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Measuring;

/// <summary>What several consumers of one destination got through.</summary>
/// <param name="Rates">Messages a second, by window.</param>
/// <param name="Shares">Messages in all, by consumer.</param>
internal sealed record ParallelResult(double[] Rates, long[] Shares);

/// <summary>Measures how fast several consumers get through messages together, with handlers that wait or do nothing.</summary>
internal static class ParallelLoad
{
    public const int BodyBytes = 100;

    private const string Destination = "shared";
    private const int BacklogOfBusy = 20_000;
    private const int BacklogOfWaiting = 2_000;

    /// <summary>The settings of both models, to be named beside the figures.</summary>
    public static Dictionary<string, string> Settings(Durability durability, bool isWaiting, string consumers) => new()
    {
        ["durability"] = durability.ToString(),
        ["body"] = $"{BodyBytes} B",
        ["consumers"] = consumers,
        ["handler"] = isWaiting ? "waits for a timer of 1 ms at each message (systems make 1 to 4 ms of it), as for a call over the network" : "does nothing",
    };

    /// <summary>A group with a member for each partition.</summary>
    public static async Task<ParallelResult> MeasureLogAsync(
        ExperimentContext context, int members, bool isWaiting, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync(Destination, members, cancellationToken).ConfigureAwait(false);
        ILogConsumer[] consumers = await Consume.JoinAsync(session.Log, session.Name("members"), topic, members, members, cancellationToken).ConfigureAwait(false);
        await using ILogProducer producer = session.Log.CreateProducer();
        byte[] body = Load.CreateBody(BodyBytes, 1);
        try
        {
            return await MeasureAsync(
                [.. consumers.Select(consumer => (Func<Func<ValueTask>, CancellationToken, Task>)((handle, stop)
                    => Consume.RunMemberAsync(consumer, (_, _) => handle(), stop)))],
                (n, stop) => producer.EnqueueAsync(
                    new ProducerRecord(topic, null, (ReadOnlyMemory<byte>?)body) { Partition = (int)(n % members) }, null, stop),
                isWaiting, context.Scale, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (ILogConsumer consumer in consumers)
                await consumer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Consumers that compete for one queue.</summary>
    public static async Task<ParallelResult> MeasureQueueAsync(
        ExperimentContext context, int consumers, bool isWaiting, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        string queue = await session.DeclareQueueAsync(Destination, cancellationToken).ConfigureAwait(false);
        await using IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        byte[] body = Load.CreateBody(BodyBytes, 1);
        ushort prefetch = isWaiting ? (ushort)20 : (ushort)1000;
        return await MeasureAsync(
            [.. Enumerable.Range(0, consumers).Select(_ => (Func<Func<ValueTask>, CancellationToken, Task>)((handle, stop)
                => Consume.RunQueueConsumerAsync(session.Exchanges, queue, prefetch, (_, _) => handle(), stop)))],
            (_, stop) => channel.EnqueueAsync("", queue, body, cancellationToken: stop),
            isWaiting, context.Scale, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ParallelResult> MeasureAsync(
        IReadOnlyList<Func<Func<ValueTask>, CancellationToken, Task>> consumers, Func<long, CancellationToken, ValueTask> publish,
        bool isWaiting, RunScale scale, CancellationToken cancellationToken)
    {
        Counter consumed = new();
        Counter[] shares = [.. consumers.Select(static _ => new Counter())];
        List<Func<CancellationToken, Task>> loops =
        [
            stop => PublishAsync(publish, consumed, isWaiting ? BacklogOfWaiting : BacklogOfBusy, stop),
            .. consumers.Select((consume, i) => (Func<CancellationToken, Task>)(stop => consume(() => HandleAsync(isWaiting, consumed, shares[i], stop), stop))),
        ];
        double[] rates = await Load.WhileAsync(loops, load => Throughput.MeasureAsync(consumed, scale, load, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return new ParallelResult(rates, [.. shares.Select(static share => share.Value)]);
    }

    private static async ValueTask HandleAsync(bool isWaiting, Counter consumed, Counter share, CancellationToken stop)
    {
        if (isWaiting)
            await Task.Delay(1, stop).ConfigureAwait(false);
        consumed.Add(1);
        share.Add(1);
    }

    private static async Task PublishAsync(Func<long, CancellationToken, ValueTask> publish, Counter consumed, int backlog, CancellationToken stop)
    {
        for (long published = 0; ; published++)
        {
            while (published - consumed.Value > backlog)
                await Task.Delay(1, stop).ConfigureAwait(false);
            await publish(published, stop).ConfigureAwait(false);
            if (published % 64 == 0)
                stop.ThrowIfCancellationRequested();
        }
    }
}
