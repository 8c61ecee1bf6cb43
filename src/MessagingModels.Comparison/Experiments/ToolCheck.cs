using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// A second opinion on the throughput of real Kafka: the same work done with Kafka's own ProducerPerformance and ConsumerPerformance, with the same
/// settings and sizes. Of each run of a tool the second half counts: in the first one clients connect, Java compiles, and consumers fetch ahead.
/// </summary>
internal static class ToolCheck
{
    /// <summary>The observation beside a throughput of Kafka that says whether its own tools did the same.</summary>
    public const string Observation = "Kafka's own tools";

    private const string Producer = "ProducerPerformance";
    private const string Consumer = "ConsumerPerformance";
    private const int MaxPollRecords = 500;
    private const int MinRecords = 2_000;
    private const int MaxRecords = 6_000_000;
    private const long MaxBytes = 1L << 30;

    private static readonly TimeSpan AtOnceTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProduceTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FillTime = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CpuLook = TimeSpan.FromMilliseconds(50);

    /// <summary>Says beside a figure that the tools are about to do the same, where they are.</summary>
    /// <param name="target">Whose figure.</param>
    /// <param name="scale">A quick run leaves the tools out.</param>
    /// <param name="observations">What else is said beside the figure.</param>
    public static IReadOnlyDictionary<string, string> Announce(IComparisonTarget target, RunScale scale, IReadOnlyDictionary<string, string>? observations = null)
        => target is KafkaTarget kafka && scale.IsFull && KafkaTools.Find(kafka) is not null
            ? new Dictionary<string, string>(observations ?? new Dictionary<string, string>()) { [Observation] = "run with the same workload; their figure stands beside" }
            : observations ?? new Dictionary<string, string>();

    /// <summary>Adds the figure of both tools at once beside that of one publisher and one consumer at once.</summary>
    /// <param name="context">Where to, and how long.</param>
    /// <param name="target">The broker.</param>
    /// <param name="durability">How the topic is flushed.</param>
    /// <param name="label">The label of the figure.</param>
    /// <param name="bodyBytes">The size of the bodies.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="usage">What it took.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task BothAtOnceAsync(
        ExperimentContext context, KafkaTarget target, Durability durability, string label, int bodyBytes, Measurement figure, UsageMeter usage, CancellationToken cancellationToken)
        => TryAsync(context, target, label, async tools =>
        {
            await using TargetSession session = await target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
            string topic = await session.CreateTopicAsync("tools", 1, cancellationToken).ConfigureAwait(false);
            int records = (int)Math.Clamp(figure.Median * AtOnceTime.TotalSeconds, MinRecords, Math.Min(MaxRecords, MaxBytes / bodyBytes));
            string[] producer = ProducerProperties(session);
            string[] consumer = ConsumerProperties();
            ProcessorTimes producing = Times(target);
            ProcessorTimes consuming = Times(target);
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task<CountedRecords> consumed = tools.ConsumeAsync(topic, records, session.Name("tools"), consumer, consuming, stop.Token);
            try
            {
                await tools.ProduceAsync(topic, records, ToolPayload.Create(bodyBytes), producer, producing, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await Task.WhenAny(consumed).ConfigureAwait(false);
                throw;
            }

            CountedRecords counted = await consumed.ConfigureAwait(false);
            ToolSample theirs = ToolSample.Of(counted, consuming);
            theirs = theirs with { ClientMicroseconds = theirs.ClientMicroseconds + ToolSample.Of(counted, producing).ClientMicroseconds };
            Dictionary<string, string> settings = Settings(session, bodyBytes);
            settings["producer"] = string.Join(", ", producer);
            settings["consumer"] = string.Join(", ", consumer);
            settings["commit"] = "automatic, every 5 s, without waiting";
            settings["backlog"] = "not bounded: the tools know nothing of each other";
            Pair(figure, label, $"{Producer} and {Consumer} at once", records, Sample(figure, usage), theirs).ReportTheirs(context, settings);
        });

    /// <summary>Adds the figure of the tool that consumes beside that of consuming what waited in a topic.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="target">The broker.</param>
    /// <param name="session">The session that has the topic.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="bodyBytes">The size of the bodies.</param>
    /// <param name="records">How many wait.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="usage">What it took.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task ConsumeAsync(
        ExperimentContext context, KafkaTarget target, TargetSession session, string topic, int bodyBytes, int records, Measurement figure, UsageMeter usage,
        CancellationToken cancellationToken)
        => TryAsync(context, target, figure.Label, async tools =>
        {
            string[] consumer = ConsumerProperties();
            ProcessorTimes times = Times(target);
            CountedRecords counted = await tools.ConsumeAsync(topic, records, session.Name("tools"), consumer, times, cancellationToken).ConfigureAwait(false);
            Dictionary<string, string> settings = Settings(session, bodyBytes);
            settings["consumer"] = string.Join(", ", consumer);
            settings["commit"] = "automatic, every 5 s, without waiting";
            settings["process"] = "just started";
            Pair(figure, figure.Label, Consumer, records, Sample(figure, usage), ToolSample.Of(counted, times)).ReportTheirs(context, settings);
        });

    /// <summary>Adds pairs of figures for producing alone and for consuming alone, where the tools are at hand.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="target">The broker.</param>
    /// <param name="bodyBytes">The size of the bodies.</param>
    /// <param name="isToolFirst">True to let the tool consume first: the other finds more of the topic in memory.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task AloneAsync(ExperimentContext context, KafkaTarget target, int bodyBytes, bool isToolFirst, CancellationToken cancellationToken)
    {
        string label = $"{target.Levels[0]}, {Figures.Bytes(bodyBytes)}";
        return TryAsync(context, target, label, async tools =>
        {
            await using TargetSession session = await target.OpenAsync(target.Levels[0], cancellationToken).ConfigureAwait(false);
            string topic = await session.CreateTopicAsync("tools", 1, cancellationToken).ConfigureAwait(false);
            byte[][] bodies = ToolPayload.Create(bodyBytes);
            string[] producer = ProducerProperties(session);
            (int produced, ToolSample ours) = await ProduceAsync(target, session, topic, bodies, ProduceTime, cancellationToken).ConfigureAwait(false);
            ProcessorTimes times = Times(target);
            ToolSample theirs = ToolSample.Of(await tools.ProduceAsync(topic, produced, bodies, producer, times, cancellationToken).ConfigureAwait(false), times);
            Dictionary<string, string> settings = Settings(session, bodyBytes);
            settings["producer"] = string.Join(", ", producer);
            new ToolPair("produced alone", label, Producer, produced, ours, theirs).ReportBoth(context, settings);

            (int filled, _) = await ProduceAsync(target, session, topic, bodies, FillTime, cancellationToken).ConfigureAwait(false);
            int records = (2 * produced) + filled;
            string[] consumer = ConsumerProperties();
            times = Times(target);
            if (isToolFirst)
                theirs = await ConsumeWithToolAsync().ConfigureAwait(false);
            ours = await ConsumeAsync(target, session, topic, records, cancellationToken).ConfigureAwait(false);
            if (!isToolFirst)
                theirs = await ConsumeWithToolAsync().ConfigureAwait(false);
            settings = Settings(session, bodyBytes);
            settings["consumer"] = string.Join(", ", consumer);
            settings["order"] = isToolFirst ? "the tool first" : "the tool second";
            new ToolPair("consumed alone", label, Consumer, records, ours, theirs).ReportBoth(context, settings);

            async Task<ToolSample> ConsumeWithToolAsync()
                => ToolSample.Of(await tools.ConsumeAsync(topic, records, session.Name("theirs"), consumer, times, cancellationToken).ConfigureAwait(false), times);
        });
    }

    private static async Task TryAsync(ExperimentContext context, KafkaTarget target, string label, Func<KafkaTools, Task> run)
    {
        if (!context.Scale.IsFull || KafkaTools.Find(target) is not { } tools)
            return;
        context.Step($"{label}: beside Kafka's own tools");
        try
        {
            await run(tools).ConfigureAwait(false);
        }
        catch (ToolFailedException exception)
        {
            context.Outcome.Notes.Add($"Kafka's own tools failed, so that the figure of this client for {label} stands alone: {exception.Message}");
        }
    }

    private static ToolPair Pair(Measurement figure, string label, string tool, int records, ToolSample ours, ToolSample theirs)
        => new(figure.Metric, label, tool, records, ours, theirs)
        {
            Difference = "This client commits after each poll and waits for the answer; the tool commits every 5 s and does not wait.",
        };

    private static ToolSample Sample(Measurement figure, UsageMeter usage) => new(figure.Median, usage.ClientMicroseconds, usage.BrokerMicroseconds);

    private static ProcessorTimes Times(KafkaTarget target) => new(() => target.ReadUsage()?.CpuTime);

    private static string[] ProducerProperties(TargetSession session) =>
    [
        "acks=all", "enable.idempotence=true", $"batch.size={session.ThroughputProducer.BatchSizeBytes}", $"linger.ms={session.ThroughputProducer.Linger.TotalMilliseconds:0}",
        $"buffer.memory={session.ThroughputProducer.BufferMemoryBytes}",
    ];

    private static string[] ConsumerProperties()
    {
        ConsumerOptions options = new();
        return [$"fetch.max.bytes={options.FetchMaxBytes}", $"max.partition.fetch.bytes={options.MaxPartitionFetchBytes}", $"max.poll.records={MaxPollRecords}"];
    }

    private static Dictionary<string, string> Settings(TargetSession session, int bodyBytes) => new(session.Settings)
    {
        ["body"] = Figures.Bytes(bodyBytes),
        ["bodies"] = $"{ToolPayload.Bodies} in rotation",
        ["counted"] = "the second half of the records",
    };

    /// <summary>Produces for a time, or up to a size that a disk has room for.</summary>
    private static async Task<(int Records, ToolSample Sample)> ProduceAsync(
        KafkaTarget target, TargetSession session, string topic, byte[][] bodies, TimeSpan time, CancellationToken cancellationToken)
    {
        await using ILogProducer producer = session.Log.CreateProducer(session.ThroughputProducer);
        int most = (int)Math.Min(MaxRecords, MaxBytes / bodies[0].Length);
        Counter stored = new();
        LogException? failure = null;
        int records = 0;
        ToolSample sample = await SampleAsync(target, async () =>
        {
            long begin = Stopwatch.GetTimestamp();
            DateTime? middle = null;
            long warmup = 0;
            for (; records < most && failure is null && Stopwatch.GetElapsedTime(begin) < time; records++)
            {
                if (middle is null && (records == most / 2 || Stopwatch.GetElapsedTime(begin) >= time / 2))
                    (middle, warmup) = (DateTime.Now, stored.Value);
                ProducerRecord record = new(topic, null, (ReadOnlyMemory<byte>?)bodies[records % bodies.Length]);
                await producer.EnqueueAsync(record, Count, cancellationToken).ConfigureAwait(false);
            }

            // The buffer was full from before the middle to the end.
            if (middle is null)
                (middle, warmup) = (DateTime.Now, stored.Value);
            await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
            return new CountedRecords(stored.Value - warmup, middle.Value, DateTime.Now);
        }).ConfigureAwait(false);
        return failure is null ? (records, sample) : throw failure;

        // What was handed over may still wait in the buffer: only what was acknowledged counts.
        void Count(DeliveryReport report)
        {
            if (report.Error is { } error)
                failure = error;
            else
                stored.Add(1);
        }
    }

    private static async Task<ToolSample> ConsumeAsync(KafkaTarget target, TargetSession session, string topic, int records, CancellationToken cancellationToken)
    {
        ConsumerOptions options = new() { GroupId = session.Name("ours"), OffsetReset = OffsetReset.Earliest };
        await using ILogConsumer consumer = await session.Log.JoinGroupAsync(options, [topic], null, cancellationToken).ConfigureAwait(false);
        return await SampleAsync(target, async () =>
        {
            long begin = Stopwatch.GetTimestamp();
            DateTime? middle = null;
            int warmup = 0;
            int read = 0;
            while (read < records)
            {
                read += (await consumer.PollAsync(PollTimeout, MaxPollRecords, cancellationToken).ConfigureAwait(false)).Count;
                if (middle is null && read >= records / 2)
                    (middle, warmup) = (DateTime.Now, read);
                if (Stopwatch.GetElapsedTime(begin) > ReadLimit)
                    throw new InvalidOperationException($"Only {read} of {records} records came within {ReadLimit.TotalSeconds:0} s.");
            }

            return new CountedRecords(read - warmup, middle ?? DateTime.Now, DateTime.Now);
        }).ConfigureAwait(false);
    }

    /// <summary>Runs this comparison's own client, and reads what it and the broker used meanwhile.</summary>
    private static async Task<ToolSample> SampleAsync(KafkaTarget target, Func<Task<CountedRecords>> run)
    {
        ProcessorTimes times = Times(target);
        using CancellationTokenSource stop = new();
        Task looking = Task.Run(() => times.LookAtThisProcessAsync(CpuLook, stop.Token), CancellationToken.None);
        CountedRecords counted;
        try
        {
            counted = await run().ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await looking.ConfigureAwait(false);
        }

        return ToolSample.Of(counted, times);
    }
}
