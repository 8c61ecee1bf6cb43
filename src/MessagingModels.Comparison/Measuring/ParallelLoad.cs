using System.Globalization;
using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Measuring;

/// <summary>What several consumers of one destination got through, by window.</summary>
/// <param name="Consumers">How many they were.</param>
/// <param name="Rate">Messages a second.</param>
/// <param name="Imbalance">The busiest consumer's messages over the mean.</param>
/// <param name="Backlog">How much of the backlog that the publisher may build up was there at the end of a window, 0 to 1: near 0 the publisher was the limit, near 1 the consumers.</param>
/// <param name="Settings">Every setting that the rates depend on.</param>
internal sealed record ParallelResult(int Consumers, Spread Rate, Spread Imbalance, Spread Backlog, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>What this process and the broker's used meanwhile; null where that was not read.</summary>
    public UsageMeter? Usage { get; init; }

    /// <summary>True where messages were waiting for the consumers, false where the consumers waited; null where it went to and fro.</summary>
    public bool? ConsumersWereTheLimit => Backlog.IsAbove(0.5);
}

/// <summary>Measures how fast several consumers get through messages together, with handlers that wait or do nothing. One publisher keeps a backlog in front of them where it can.</summary>
internal static class ParallelLoad
{
    private const int BodyBytes = 100;
    private const string Destination = "shared";
    private const int BacklogOfBusy = 20_000;
    private const int BacklogOfWaiting = 2_000;
    private const ushort PrefetchOfBusy = 1000;
    private const ushort PrefetchOfWaiting = 20;

    /// <summary>A group with a member for each partition.</summary>
    public static async Task<ParallelResult> MeasureLogAsync(
        ExperimentContext context, int members, bool isWaiting, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync(Destination, members, cancellationToken).ConfigureAwait(false);
        await using GroupMembers consumers = await Consume.JoinAsync(session.Log, session.Name("members"), topic, members, members, cancellationToken).ConfigureAwait(false);
        await using ILogProducer producer = session.Log.CreateProducer(session.ThroughputProducer);
        byte[] body = Load.CreateBody(BodyBytes, 1);
        Dictionary<string, string> settings = new(Settings(session, isWaiting))
        {
            ["consumers"] = $"{members} in one group, a partition each",
            ["acks"] = "all, idempotent",
            ["batching"] = string.Create(CultureInfo.InvariantCulture, $"{Figures.Bytes(producer.Options.BatchSizeBytes)}, linger {producer.Options.Linger.TotalMilliseconds:0} ms"),
            ["commit"] = $"after each poll of up to {Consume.MaxPollRecords} records",
        };
        return await MeasureAsync(
            [.. consumers.Select(consumer => (Func<Func<ValueTask>, CancellationToken, Task>)((handle, stop)
                => Consume.RunMemberAsync(consumer, (_, _) => handle(), stop)))],
            (n, stop) => producer.EnqueueAsync(
                new ProducerRecord(topic, null, (ReadOnlyMemory<byte>?)body) { Partition = (int)(n % members) }, null, stop),
            isWaiting, context, settings, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Consumers that compete for one queue.</summary>
    public static async Task<ParallelResult> MeasureQueueAsync(
        ExperimentContext context, int consumers, bool isWaiting, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        string queue = await session.DeclareQueueAsync(Destination, cancellationToken).ConfigureAwait(false);
        await using IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        byte[] body = Load.CreateBody(BodyBytes, 1);
        MessageProperties properties = session.Properties;
        ushort prefetch = isWaiting ? PrefetchOfWaiting : PrefetchOfBusy;
        Dictionary<string, string> settings = new(Settings(session, isWaiting))
        {
            ["consumers"] = $"{consumers} on one queue, a channel each",
            ["messages"] = properties == MessageProperties.PersistentOnly ? "persistent" : "transient",
            ["confirms"] = $"window of {channel.Options.MaxUnconfirmed}",
            ["acknowledgement"] = "manual, one by one",
            ["prefetch"] = $"{prefetch}",
        };
        return await MeasureAsync(
            [.. Enumerable.Range(0, consumers).Select(_ => (Func<Func<ValueTask>, CancellationToken, Task>)((handle, stop)
                => Consume.RunQueueConsumerAsync(session, queue, prefetch, (_, _) => handle(), stop)))],
            (_, stop) => channel.EnqueueAsync("", queue, body, properties, cancellationToken: stop),
            isWaiting, context, settings, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The settings of both models.</summary>
    private static Dictionary<string, string> Settings(TargetSession session, bool isWaiting) => new(session.Settings)
    {
        ["body"] = $"{BodyBytes} B",
        ["handler"] = isWaiting ? "waits for a timer of 1 ms at each message (systems make 1 to 4 ms of it), as for a call over the network" : "does nothing",
        ["publishers"] = "1",
        ["backlog"] = $"at most {Figures.Count(MaxBacklog(isWaiting))} messages",
    };

    private static int MaxBacklog(bool isWaiting) => isWaiting ? BacklogOfWaiting : BacklogOfBusy;

    private static async Task<ParallelResult> MeasureAsync(
        IReadOnlyList<Func<Func<ValueTask>, CancellationToken, Task>> consumers, Func<long, CancellationToken, ValueTask> publish,
        bool isWaiting, ExperimentContext context, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        Counter consumed = new();
        UsageMeter usage = new(context.Target, consumed);
        Counter published = new();
        Counter[] shares = [.. consumers.Select(static _ => new Counter())];
        int maxBacklog = MaxBacklog(isWaiting);
        List<long[]> totals = [];
        List<double> backlogs = [];
        List<Func<CancellationToken, Task>> loops =
        [
            stop => PublishAsync(publish, published, consumed, maxBacklog, stop),
            .. consumers.Select((consume, i) => (Func<CancellationToken, Task>)(stop => consume(() => HandleAsync(isWaiting, consumed, shares[i], stop), stop))),
        ];
        double[] rates = await Load.WhileAsync(
            loops,
            load => Throughput.MeasureAsync(consumed, context.Scale, load, cancellationToken, atBoundary: Look), cancellationToken).ConfigureAwait(false);
        double[] imbalances = [.. totals.Zip(totals.Skip(1), static (from, to) => Statistics.Imbalance([.. to.Zip(from, static (end, start) => end - start)]))];
        return new ParallelResult(consumers.Count, Spread.Of(rates), Spread.Of(imbalances), Spread.Of([.. backlogs.Skip(1)]), settings) { Usage = usage };

        void Look()
        {
            usage.Read();
            totals.Add([.. shares.Select(static share => share.Value)]);
            backlogs.Add((double)(published.Value - consumed.Value) / maxBacklog);
        }
    }

    private static async ValueTask HandleAsync(bool isWaiting, Counter consumed, Counter share, CancellationToken stop)
    {
        if (isWaiting)
            await Task.Delay(1, stop).ConfigureAwait(false);
        consumed.Add(1);
        share.Add(1);
    }

    private static async Task PublishAsync(
        Func<long, CancellationToken, ValueTask> publish, Counter published, Counter consumed, int maxBacklog, CancellationToken stop)
    {
        for (long n = 0; ; n++)
        {
            while (n - consumed.Value > maxBacklog)
                await Task.Delay(1, stop).ConfigureAwait(false);
            await publish(n, stop).ConfigureAwait(false);
            published.Add(1);
            if (n % 64 == 0)
                stop.ThrowIfCancellationRequested();
        }
    }
}
