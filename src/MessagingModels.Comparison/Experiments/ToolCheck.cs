using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// A second opinion on the throughput of real Kafka: producing and consuming alone, once with the client of this comparison and once with
/// Kafka's own ProducerPerformance and ConsumerPerformance, with the same settings and bodies on the same topic. Of each run the second half
/// counts: in the first one clients connect, .NET and Java compile, and consumers fetch ahead.
/// </summary>
internal static class ToolCheck
{
    private const int MaxPollRecords = 500;
    private const long MaxBytes = 1L << 30;
    private const int MaxRecords = 6_000_000;

    private static readonly TimeSpan ProduceTime = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan FillTime = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(30);

    /// <summary>Adds a pair of figures for producing, and at the level that is usual one for consuming.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="target">The broker.</param>
    /// <param name="durability">How the topic is flushed.</param>
    /// <param name="bodyBytes">The size of the bodies.</param>
    /// <param name="isToolFirst">True to let the tool consume first: the other finds more of the topic in memory.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolFailedException">A tool did not report.</exception>
    public static async Task RunAsync(
        ExperimentContext context, KafkaTarget target, Durability durability, int bodyBytes, bool isToolFirst, CancellationToken cancellationToken)
    {
        if (KafkaTools.Find(target) is not { } tools)
        {
            if (durability == target.Levels[0] && bodyBytes == 1024)
                context.Outcome.Notes.Add($"Kafka's own ProducerPerformance and ConsumerPerformance were not run beside: they need {KafkaTools.Needs}.");
            return;
        }

        string label = $"{durability}, {Figures.Bytes(bodyBytes)}";
        context.Step($"{label}: beside Kafka's own tools");
        await using TargetSession session = await target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync("tools", 1, cancellationToken).ConfigureAwait(false);
        int produced = await ProduceBothAsync(context, tools, target, session, topic, bodyBytes, label, cancellationToken).ConfigureAwait(false);

        // What a topic was flushed for when it was written makes no difference to those who read it.
        if (durability == target.Levels[0])
            await ConsumeBothAsync(context, tools, target, session, topic, bodyBytes, produced, label, isToolFirst, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a pair of figures for producing to a cluster, where tools are at hand.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="label">What sets the pair apart from others.</param>
    /// <param name="bodyBytes">The size of the bodies.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task ProduceToClusterAsync(ExperimentContext context, KafkaTarget cluster, string label, int bodyBytes, CancellationToken cancellationToken)
    {
        if (KafkaTools.Find(cluster) is not { } tools)
            return;
        context.Step($"{label}: beside Kafka's own tool");
        await using TargetSession session = await cluster.OpenAsync(cluster.Levels[0], cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync("tools", 1, cancellationToken).ConfigureAwait(false);
        try
        {
            await ProduceBothAsync(context, tools, cluster, session, topic, bodyBytes, label, cancellationToken).ConfigureAwait(false);
        }
        catch (ToolFailedException exception)
        {
            context.Outcome.Notes.Add($"Kafka's own tool failed, so that the figure of this client stands alone: {exception.Message}");
        }
    }

    private static async Task<int> ProduceBothAsync(
        ExperimentContext context, KafkaTools tools, KafkaTarget target, TargetSession session, string topic, int bodyBytes, string label, CancellationToken cancellationToken)
    {
        byte[][] bodies = ToolPayload.Create(bodyBytes);
        ProducerOptions options = session.ThroughputProducer;
        string[] properties =
        [
            "acks=all", "enable.idempotence=true", $"batch.size={options.BatchSizeBytes}", $"linger.ms={options.Linger.TotalMilliseconds:0}",
            $"buffer.memory={options.BufferMemoryBytes}",
        ];
        (int records, ToolSample ours) = await SampleAsync(target, () => ProduceAsync(session, topic, bodies, ProduceTime, cancellationToken)).ConfigureAwait(false);
        (_, ToolSample theirs) = await SampleAsync(target, () => tools.ProduceAsync(topic, records, bodies, properties, cancellationToken)).ConfigureAwait(false);
        new ToolPair("produced alone", label, "ProducerPerformance", records, ours, theirs).Report(context, Settings(session, bodyBytes, "producer", properties));
        return records;
    }

    private static async Task ConsumeBothAsync(
        ExperimentContext context, KafkaTools tools, KafkaTarget target, TargetSession session, string topic, int bodyBytes, int produced, string label, bool isToolFirst,
        CancellationToken cancellationToken)
    {
        ToolResult filled = await ProduceAsync(session, topic, ToolPayload.Create(bodyBytes), FillTime, cancellationToken).ConfigureAwait(false);
        int records = (2 * produced) + filled.Records;
        ConsumerOptions options = new() { GroupId = session.Name("ours"), OffsetReset = OffsetReset.Earliest };
        string[] properties =
        [
            $"fetch.max.bytes={options.FetchMaxBytes}", $"max.partition.fetch.bytes={options.MaxPartitionFetchBytes}", $"max.poll.records={MaxPollRecords}",
        ];
        ToolSample theirs = default;
        if (isToolFirst)
            theirs = await SampleToolAsync().ConfigureAwait(false);
        (_, ToolSample ours) = await SampleAsync(target, () => ConsumeAsync(session, topic, options, records, cancellationToken)).ConfigureAwait(false);
        if (!isToolFirst)
            theirs = await SampleToolAsync().ConfigureAwait(false);
        new ToolPair("consumed alone", label, "ConsumerPerformance", records, ours, theirs).Report(
            context, Settings(session, bodyBytes, "consumer", [.. properties, isToolFirst ? "the tool first" : "the tool second"]));

        async Task<ToolSample> SampleToolAsync()
            => (await SampleAsync(target, () => tools.ConsumeAsync(topic, records, session.Name("theirs"), properties, cancellationToken)).ConfigureAwait(false)).Sample;
    }

    private static Dictionary<string, string> Settings(TargetSession session, int bodyBytes, string side, IEnumerable<string> properties) => new(session.Settings)
    {
        ["body"] = Figures.Bytes(bodyBytes),
        ["bodies"] = $"{ToolPayload.Bodies} in rotation",
        ["counted"] = "the second half of the records",
        [side] = string.Join(", ", properties),
    };

    private static async Task<(int Records, ToolSample Sample)> SampleAsync(KafkaTarget target, Func<Task<ToolResult>> run)
    {
        BrokerUsage? before = target.ReadUsage();
        ToolResult result = await run().ConfigureAwait(false);
        double? broker = before is { } start && target.ReadUsage() is { } end ? (end.CpuTime - start.CpuTime).TotalMicroseconds / result.Records : null;
        return (result.Records, new ToolSample(result.RecordsPerSecond, result.CpuTime.TotalMicroseconds / result.Records, broker));
    }

    /// <summary>Produces for a time, or up to a size that a disk has room for.</summary>
    private static async Task<ToolResult> ProduceAsync(
        TargetSession session, string topic, byte[][] bodies, TimeSpan time, CancellationToken cancellationToken)
    {
        await using ILogProducer producer = session.Log.CreateProducer(session.ThroughputProducer);
        int most = (int)Math.Min(MaxRecords, MaxBytes / bodies[0].Length);
        Counter stored = new();
        LogException? failure = null;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long begin = Stopwatch.GetTimestamp();
        long middle = 0;
        long warmup = 0;
        int records = 0;
        for (; records < most && failure is null && Stopwatch.GetElapsedTime(begin) < time; records++)
        {
            if (middle == 0 && (records == most / 2 || Stopwatch.GetElapsedTime(begin) >= time / 2))
                (middle, warmup) = (Stopwatch.GetTimestamp(), stored.Value);
            ProducerRecord record = new(topic, null, (ReadOnlyMemory<byte>?)bodies[records % bodies.Length]);
            await producer.EnqueueAsync(record, Count, cancellationToken).ConfigureAwait(false);
        }

        // The buffer was full from before the middle to the end.
        if (middle == 0)
            (middle, warmup) = (Stopwatch.GetTimestamp(), stored.Value);
        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (failure is not null)
            throw failure;
        return new ToolResult(records, (stored.Value - warmup) / Stopwatch.GetElapsedTime(middle).TotalSeconds, Environment.CpuUsage.TotalTime - cpu);

        // What was handed over may still wait in the buffer: only what was acknowledged counts.
        void Count(DeliveryReport report)
        {
            if (report.Error is { } error)
                failure = error;
            else
                stored.Add(1);
        }
    }

    private static async Task<ToolResult> ConsumeAsync(TargetSession session, string topic, ConsumerOptions options, int records, CancellationToken cancellationToken)
    {
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        await using ILogConsumer consumer = await session.Log.JoinGroupAsync(options, [topic], null, cancellationToken).ConfigureAwait(false);
        long begin = Stopwatch.GetTimestamp();
        long middle = 0;
        int warmup = 0;
        int read = 0;
        while (read < records)
        {
            read += (await consumer.PollAsync(PollTimeout, MaxPollRecords, cancellationToken).ConfigureAwait(false)).Count;
            if (middle == 0 && read >= records / 2)
                (middle, warmup) = (Stopwatch.GetTimestamp(), read);
            if (Stopwatch.GetElapsedTime(begin) > ReadLimit)
                throw new InvalidOperationException($"Only {read} of {records} records came within {ReadLimit.TotalSeconds:0} s.");
        }

        return new ToolResult(read, (read - warmup) / Stopwatch.GetElapsedTime(middle).TotalSeconds, Environment.CpuUsage.TotalTime - cpu);
    }
}
