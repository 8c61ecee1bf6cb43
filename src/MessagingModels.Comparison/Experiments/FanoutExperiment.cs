using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>One message to many readers: a fanout exchange with a queue each against a topic with a group each.</summary>
internal sealed class FanoutExperiment : IExperiment
{
    private const int BodyBytes = 1024;
    private const int MaxBacklog = 500;

    private static readonly int[] Readers = [1, 5, 10, 25, 50];

    public ExperimentInfo Info { get; } = new(
        "fanout", "Fan-out: one message to 1 to 50 readers",
        "A fanout exchange has a durable queue with a consumer for each reader; a topic of one partition has a group of one member for each. "
        + "The publisher waits while the slowest reader is behind. Counted are deliveries to all readers together. Storage, where the data directory is this run's own, "
        + "is the growth of that directory over the bytes published.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        Durability durability = context.Target.Nearest(Durability.PageCache);
        List<ChartSeries> series = [];
        foreach (ModelKind model in context.Models)
        {
            List<ChartPoint> rates = [];
            Measurement? most = null;
            foreach (int readers in context.Scale.IsFull ? Readers : [1, 10, 50])
            {
                context.Step($"{Words.Of(model)}, {readers} readers");
                most = await MeasureAsync(context, model, readers, durability, cancellationToken).ConfigureAwait(false);
                rates.Add(new ChartPoint(readers, most.Median));
            }

            series.Add(new ChartSeries(context.SeriesName(model), model, rates));
            string storage = "";
            if (context.Target is NativeTarget native)
            {
                context.Step("storage");
                storage = await FanoutStorage.MeasureAsync(context, native, model, Readers[^1], cancellationToken).ConfigureAwait(false);
            }

            context.Weigh(
                Need.Fanout, model, most!,
                $"To {Readers[^1]} readers the {(model == ModelKind.Exchange ? "exchange" : "topic")} made {Figures.Number(most!.Median)} deliveries/s{storage}");
        }

        context.AddChart(new Chart
        {
            Title = "Fan-out: deliveries a second, all readers together",
            Kind = ChartKind.Lines,
            XLabel = "readers (exchange: queues; log: groups)",
            YLabel = "deliveries/s",
            Series = series,
            Caption = $"Body {Figures.Bytes(BodyBytes)} · durability {durability} · confirms, persistent messages, durable queues · acks all, idempotent",
        });
    }

    private static async Task<Measurement> MeasureAsync(
        ExperimentContext context, ModelKind model, int readers, Durability durability, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.Target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        Counter delivered = new();
        Counter[] counts = [.. Enumerable.Range(0, readers).Select(static _ => new Counter())];
        (Func<int, CancellationToken, Task> read, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> publish, IAsyncDisposable publisher) =
            model == ModelKind.Exchange
                ? await OpenExchangeAsync(session, readers, Received, cancellationToken).ConfigureAwait(false)
                : await OpenLogAsync(session, Received, cancellationToken).ConfigureAwait(false);
        await using (publisher)
        {
            UsageMeter usage = new(context.Target, delivered, "delivery");
            double[] rates = await Load.WhileAsync(
                [stop => PublishAsync(publish, counts, stop), .. Enumerable.Range(0, readers).Select(i => (Func<CancellationToken, Task>)(stop => read(i, stop)))],
                load => Throughput.MeasureAsync(
                    delivered, context.Scale, load, cancellationToken, () => Array.TrueForAll(counts, static count => count.Value > 0), usage.Read),
                cancellationToken).ConfigureAwait(false);
            Dictionary<string, string> settings = Settings(session, model, readers);
            Measurement figure = context.Measured(model, "delivered", Words.Count(readers, "reader"), "deliveries/s", rates, settings);
            usage.Report(context, model, Words.Count(readers, "reader"), settings);
            return figure;
        }

        ValueTask Received(int reader)
        {
            counts[reader].Add(1);
            delivered.Add(1);
            return ValueTask.CompletedTask;
        }
    }

    private static Dictionary<string, string> Settings(TargetSession session, ModelKind model, int readers) => new(session.Settings)
    {
        ["body"] = Figures.Bytes(BodyBytes),
        ["readers"] = readers.ToString(CultureInfo.InvariantCulture),
        ["publisher"] = model == ModelKind.Exchange
            ? $"confirms, {(session.Properties == MessageProperties.PersistentOnly ? "persistent" : "transient")}"
            : string.Create(CultureInfo.InvariantCulture, $"acks all, idempotent, batches of {Figures.Bytes(session.ThroughputProducer.BatchSizeBytes)}, linger {session.ThroughputProducer.Linger.TotalMilliseconds:0} ms"),
        ["consumers"] = model == ModelKind.Exchange ? "manual acknowledgement one by one, prefetch 250" : "commit after each poll, waiting for the answer",
        ["backlog"] = $"at most {MaxBacklog} messages",
    };

    private static async Task<(Func<int, CancellationToken, Task>, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>, IAsyncDisposable)> OpenExchangeAsync(
        TargetSession session, int readers, Func<int, ValueTask> received, CancellationToken cancellationToken)
    {
        string exchange = await FanoutStorage.BindAsync(session, readers, cancellationToken).ConfigureAwait(false);
        IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        return (
            (reader, stop) => Consume.RunQueueConsumerAsync(session, session.Name(FanoutStorage.NameOf(reader)), 250, (_, _) => received(reader), stop),
            (body, stop) => channel.EnqueueAsync(exchange, "", body, session.Properties, cancellationToken: stop),
            channel);
    }

    private static async Task<(Func<int, CancellationToken, Task>, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>, IAsyncDisposable)> OpenLogAsync(
        TargetSession session, Func<int, ValueTask> received, CancellationToken cancellationToken)
    {
        string topic = await session.CreateTopicAsync(FanoutStorage.Name, 1, cancellationToken).ConfigureAwait(false);
        ILogProducer producer = session.Log.CreateProducer(session.ThroughputProducer);
        return (ReadAsync, (body, stop) => producer.EnqueueAsync(new ProducerRecord(topic, null, (ReadOnlyMemory<byte>?)body), null, stop), producer);

        async Task ReadAsync(int reader, CancellationToken stop)
        {
            await using ILogConsumer consumer = await session.Log.JoinGroupAsync(
                new ConsumerOptions { GroupId = session.Name(FanoutStorage.NameOf(reader)), OffsetReset = OffsetReset.Earliest }, [topic], null, stop).ConfigureAwait(false);
            await Consume.RunMemberAsync(consumer, (_, _) => received(reader), stop).ConfigureAwait(false);
        }
    }

    private static async Task PublishAsync(
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> publish, Counter[] counts, CancellationToken stop)
    {
        byte[] body = Load.CreateBody(BodyBytes, 1);
        for (long published = 0; ; published++)
        {
            if (published % 16 == 0)
            {
                while (published - counts.Min(static count => count.Value) > MaxBacklog)
                    await Task.Delay(1, stop).ConfigureAwait(false);
                stop.ThrowIfCancellationRequested();
            }

            await publish(body, stop).ConfigureAwait(false);
        }
    }
}
