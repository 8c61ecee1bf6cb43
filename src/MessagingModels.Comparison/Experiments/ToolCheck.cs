using System.Diagnostics;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>
/// A second opinion on the throughput of real Kafka: producing and consuming alone, once with the client of this comparison and once with
/// Kafka's own ProducerPerformance and ConsumerPerformance, on topics with the same settings.
/// </summary>
internal static class ToolCheck
{
    /// <summary>Further apart than this is explained.</summary>
    private const double Tolerance = 0.2;

    private const int MaxPollRecords = 500;
    private const double CompilingSeconds = 5;

    private static readonly TimeSpan Aim = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(30);

    /// <summary>One way of measuring: records a second, and what client and broker spent on a record.</summary>
    private sealed record Sample(double Rate, double ClientMicroseconds, double? BrokerMicroseconds);

    public static async Task RunAsync(
        ExperimentContext context, KafkaTarget target, Durability durability, int bodyBytes, double pipelineRate, CancellationToken cancellationToken)
    {
        if (KafkaTools.Find(target) is not { } tools)
        {
            if (bodyBytes == 1024)
                context.Outcome.Notes.Add("Kafka's own ProducerPerformance and ConsumerPerformance were not run beside: they need KAFKA_HOME and java.");
            return;
        }

        string label = $"{durability}, {Figures.Bytes(bodyBytes)}";
        context.Step($"{label}: beside Kafka's own tools");
        int records = (int)Math.Clamp(pipelineRate * Aim.TotalSeconds, 500, 1_000_000);
        await using TargetSession session = await target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        string ours = await session.CreateTopicAsync("ours", 1, cancellationToken).ConfigureAwait(false);
        string theirs = await session.CreateTopicAsync("theirs", 1, cancellationToken).ConfigureAwait(false);
        ProducerOptions options = session.ThroughputProducer;
        string[] properties =
        [
            "acks=all", "enable.idempotence=true", $"batch.size={options.BatchSizeBytes}", $"linger.ms={options.Linger.TotalMilliseconds:0}",
            $"buffer.memory={options.BufferMemoryBytes}",
        ];
        Dictionary<string, string> settings = new(session.Settings)
        {
            ["body"] = Figures.Bytes(bodyBytes),
            ["records"] = Figures.Count(records),
            ["producer"] = string.Join(", ", properties),
        };
        Report(
            context, "produced alone", label, "ProducerPerformance", settings, records,
            await SampleAsync(target, records, () => ProduceAsync(session, ours, records, bodyBytes, cancellationToken)).ConfigureAwait(false),
            await SampleAsync(target, records, () => tools.ProduceAsync(theirs, records, bodyBytes, properties, cancellationToken)).ConfigureAwait(false));
        Report(
            context, "consumed alone", label, "ConsumerPerformance", settings, records,
            await SampleAsync(target, records, () => ConsumeAsync(session, theirs, records, cancellationToken)).ConfigureAwait(false),
            await SampleAsync(target, records, () => tools.ConsumeAsync(theirs, records, session.Name("theirs"), cancellationToken)).ConfigureAwait(false));
    }

    private static async Task<Sample> SampleAsync(KafkaTarget target, int records, Func<Task<ToolResult>> run)
    {
        BrokerUsage? before = target.ReadUsage();
        ToolResult result = await run().ConfigureAwait(false);
        double? broker = before is { } start && target.ReadUsage() is { } end ? (end.CpuTime - start.CpuTime).TotalMicroseconds / records : null;
        return new Sample(result.RecordsPerSecond, result.CpuTime.TotalMicroseconds / records, broker);
    }

    private static async Task<ToolResult> ProduceAsync(TargetSession session, string topic, int records, int bodyBytes, CancellationToken cancellationToken)
    {
        await using ILogProducer producer = session.Log.CreateProducer(session.ThroughputProducer);
        byte[] body = Load.CreateBody(bodyBytes, 1);
        int warmup = records / 4;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = 0;
        for (int i = 0; i < records; i++)
        {
            if (i == warmup)
                start = Stopwatch.GetTimestamp();
            await producer.EnqueueAsync(new ProducerRecord(topic, null, (ReadOnlyMemory<byte>?)body), null, cancellationToken).ConfigureAwait(false);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return new ToolResult((records - warmup) / Stopwatch.GetElapsedTime(start).TotalSeconds, Environment.CpuUsage.TotalTime - cpu);
    }

    /// <summary>Reads up to a number of records, timed from the assignment on, as the tool does.</summary>
    private static async Task<ToolResult> ConsumeAsync(TargetSession session, string topic, int records, CancellationToken cancellationToken)
    {
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        await using ILogConsumer consumer = await session.Log.JoinGroupAsync(
            new ConsumerOptions { GroupId = session.Name("ours"), OffsetReset = OffsetReset.Earliest }, [topic], null, cancellationToken).ConfigureAwait(false);
        long begin = Stopwatch.GetTimestamp();
        int read = 0;
        while (read < records)
        {
            read += (await consumer.PollAsync(PollTimeout, MaxPollRecords, cancellationToken).ConfigureAwait(false)).Count;
            if (Stopwatch.GetElapsedTime(begin) > ReadLimit)
                throw new InvalidOperationException($"Only {read} of {records} records came within {ReadLimit.TotalSeconds:0} s.");
        }

        return new ToolResult(read / Stopwatch.GetElapsedTime(begin).TotalSeconds, Environment.CpuUsage.TotalTime - cpu);
    }

    private static void Report(
        ExperimentContext context, string metric, string label, string tool, Dictionary<string, string> settings, int records, Sample ours, Sample theirs)
    {
        foreach ((string client, Sample sample) in new[] { (context.Target.Description.Client, ours), (tool, theirs) })
            context.Measured(ModelKind.Log, metric, $"{label}, {(client == tool ? tool : "this comparison's client")}", "messages/s", [sample.Rate], new Dictionary<string, string>(settings) { ["client"] = client });
        if (Explain(metric, label, tool, records, ours.Rate, theirs.Rate, (ours.ClientMicroseconds, ours.BrokerMicroseconds), (theirs.ClientMicroseconds, theirs.BrokerMicroseconds)) is { } note)
            context.Outcome.Notes.Add(note);
    }

    /// <summary>Why two rates are apart, by where the processor time of a record went; null where they are close.</summary>
    internal static string? Explain(
        string metric, string label, string tool, int records, double ours, double theirs, (double Client, double? Broker) ourCosts, (double Client, double? Broker) theirCosts)
    {
        if (Math.Abs(ours - theirs) <= Tolerance * Math.Max(ours, theirs))
            return null;
        string broker = ourCosts.Broker is { } a && theirCosts.Broker is { } b
            ? $" The broker spent {Figures.Format(a, "us")} on a record of ours and {Figures.Format(b, "us")} on one of the tool's: "
                + (a > b * (1 + Tolerance) || b > a * (1 + Tolerance)
                    ? "the clients ask for different amounts at a time (librdkafka and Java's client fill batches and fetches by rules of their own), and each request costs the same."
                    : "requests are alike, so the difference lies in the clients.")
            : "";
        return $"Kafka, {metric}, {label}: {Figures.Number(ours)} messages/s with this comparison's client, {Figures.Number(theirs)} with {tool}, {Figures.Format(ours / theirs, "x")}."
            + broker
            + $" The client's process spent {Figures.Format(ourCosts.Client, "us")} a record here (librdkafka, and a task and a copy in .NET for each record) and {Figures.Format(theirCosts.Client, "us")} there (the start of the Java machine included). The tool's {Figures.Count(records)} records took it {Figures.Time(TimeSpan.FromSeconds(records / theirs))}"
            + (records / theirs < CompilingSeconds ? ", in which its Java machine still compiles." : ".");
    }
}
