using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>One message to many readers: a fanout exchange with a queue each against a topic with a group each.</summary>
internal sealed class FanoutExperiment : IExperiment
{
    private const string Name = "fanout";
    private const int BodyBytes = 1024;
    private const int LargeBodyBytes = 16 * 1024;
    private const int LargeMessages = 64;
    private const int MaxBacklog = 500;

    private static readonly int[] Readers = [1, 5, 10, 25, 50];

    public ExperimentInfo Info { get; } = new(
        "fanout", "Fan-out: one message to 1 to 50 readers",
        "A fanout exchange has a durable queue with a consumer for each reader; a topic of one partition has a group of one member for each. "
        + "The publisher waits while the slowest reader is behind. Counted are deliveries to all readers together. Storage is the growth of the data directory over the bytes published.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        Dictionary<ModelKind, List<ChartPoint>> rates = new() { [ModelKind.Exchange] = [], [ModelKind.Log] = [] };
        foreach (int readers in context.Scale.IsFull ? Readers : [1, 10, 50])
        {
            foreach (ModelKind model in Enum.GetValues<ModelKind>())
            {
                context.Step($"{Words.Of(model)}, {readers} readers");
                rates[model].Add(new ChartPoint(readers, await MeasureAsync(context, model, readers, cancellationToken).ConfigureAwait(false)));
            }
        }

        context.Step("storage");
        double exchangeStorage = await MeasureStorageAsync(context, ModelKind.Exchange, cancellationToken).ConfigureAwait(false);
        double logStorage = await MeasureStorageAsync(context, ModelKind.Log, cancellationToken).ConfigureAwait(false);
        context.Outcome.Charts.Add(new Chart
        {
            Title = "Fan-out: deliveries a second, all readers together",
            Kind = ChartKind.Lines,
            XLabel = "readers (exchange: queues; log: groups)",
            YLabel = "deliveries/s",
            Series = [.. rates.Select(static pair => new ChartSeries(Words.Of(pair.Key), pair.Key, pair.Value))],
            Caption = $"Body {Figures.Bytes(BodyBytes)} · durability PageCache · confirms, persistent messages, durable queues · acks all, idempotent",
        });
        double exchange = rates[ModelKind.Exchange][^1].Y;
        double log = rates[ModelKind.Log][^1].Y;
        context.Answer(
            90, "The same message to many readers", ThroughputExperiment.Choose(exchange, log),
            $"To {Readers[^1]} readers the exchange made {Figures.Number(exchange)} deliveries/s and the topic {Figures.Number(log)}; 16 KiB messages took {Figures.Format(exchangeStorage, "x")} and {Figures.Format(logStorage, "x")} their size on disk.");
    }

    private static async Task<double> MeasureAsync(ExperimentContext context, ModelKind model, int readers, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.Target.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        Counter delivered = new();
        Counter[] counts = [.. Enumerable.Range(0, readers).Select(static _ => new Counter())];
        (Func<int, CancellationToken, Task> read, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> publish, IAsyncDisposable publisher) =
            model == ModelKind.Exchange
                ? await OpenExchangeAsync(session, readers, Received, cancellationToken).ConfigureAwait(false)
                : await OpenLogAsync(session, Received, cancellationToken).ConfigureAwait(false);
        await using (publisher)
        {
            double[] rates = await Load.WhileAsync(
                [stop => PublishAsync(publish, counts, stop), .. Enumerable.Range(0, readers).Select(i => (Func<CancellationToken, Task>)(stop => read(i, stop)))],
                load => Throughput.MeasureAsync(delivered, context.Scale, load, cancellationToken), cancellationToken).ConfigureAwait(false);
            return context.Measured(model, "delivered", $"{readers} readers", "deliveries/s", rates, Settings(model, readers));
        }

        ValueTask Received(int reader)
        {
            counts[reader].Add(1);
            delivered.Add(1);
            return ValueTask.CompletedTask;
        }
    }

    private static Dictionary<string, string> Settings(ModelKind model, int readers) => new()
    {
        ["durability"] = nameof(Durability.PageCache),
        ["body"] = Figures.Bytes(BodyBytes),
        ["readers"] = readers.ToString(CultureInfo.InvariantCulture),
        ["publisher"] = model == ModelKind.Exchange ? "confirms, persistent" : "acks all, idempotent, 16 KiB batches",
        ["consumers"] = model == ModelKind.Exchange ? "manual acknowledgement one by one, prefetch 250" : "commit after each poll",
        ["backlog"] = $"at most {MaxBacklog} messages",
    };

    private static async Task<(Func<int, CancellationToken, Task>, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>, IAsyncDisposable)> OpenExchangeAsync(
        TargetSession session, int readers, Func<int, ValueTask> received, CancellationToken cancellationToken)
    {
        await BindAsync(session.Exchanges, readers, cancellationToken).ConfigureAwait(false);
        IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        return (
            (reader, stop) => Consume.RunQueueConsumerAsync(session.Exchanges, QueueName(reader), 250, (_, _) => received(reader), stop),
            (body, stop) => channel.EnqueueAsync(Name, "", body, MessageProperties.PersistentOnly, cancellationToken: stop),
            channel);
    }

    private static async Task<(Func<int, CancellationToken, Task>, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>, IAsyncDisposable)> OpenLogAsync(
        TargetSession session, Func<int, ValueTask> received, CancellationToken cancellationToken)
    {
        await session.Log.CreateTopicAsync(Name, 1, cancellationToken).ConfigureAwait(false);
        ILogProducer producer = session.Log.CreateProducer();
        return (ReadAsync, (body, stop) => producer.EnqueueAsync(new ProducerRecord(Name, null, (ReadOnlyMemory<byte>?)body), null, stop), producer);

        async Task ReadAsync(int reader, CancellationToken stop)
        {
            await using ILogConsumer consumer = await session.Log.JoinGroupAsync(
                new ConsumerOptions { GroupId = QueueName(reader), OffsetReset = OffsetReset.Earliest }, [Name], null, stop).ConfigureAwait(false);
            await Consume.RunMemberAsync(consumer, (_, _) => received(reader), stop).ConfigureAwait(false);
        }
    }

    private static string QueueName(int reader) => string.Create(CultureInfo.InvariantCulture, $"reader-{reader}");

    private static async Task BindAsync(IExchangeBroker exchanges, int readers, CancellationToken cancellationToken)
    {
        await exchanges.DeclareExchangeAsync(Name, ExchangeType.Fanout, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < readers; i++)
        {
            await exchanges.DeclareQueueAsync(QueueName(i), cancellationToken: cancellationToken).ConfigureAwait(false);
            await exchanges.BindQueueAsync(QueueName(i), Name, cancellationToken: cancellationToken).ConfigureAwait(false);
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

    private static async Task<double> MeasureStorageAsync(ExperimentContext context, ModelKind model, CancellationToken cancellationToken)
    {
        int readers = Readers[^1];
        await using TargetSession session = await context.Target.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        await BindAsync(session.Exchanges, readers, cancellationToken).ConfigureAwait(false);
        await session.Log.CreateTopicAsync(Name, 1, cancellationToken).ConfigureAwait(false);
        await session.RestartAsync(cancellationToken).ConfigureAwait(false);
        await session.CloseAsync().ConfigureAwait(false);
        long before = session.ReadStoredBytes();
        await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false))
        await using (ILogProducer producer = session.Log.CreateProducer())
        {
            for (int i = 0; i < LargeMessages; i++)
            {
                byte[] body = Load.CreateBody(LargeBodyBytes, i);
                if (model == ModelKind.Exchange)
                    await channel.PublishAsync(Name, "", body, MessageProperties.PersistentOnly, cancellationToken: cancellationToken).ConfigureAwait(false);
                else
                    await producer.ProduceAsync(new ProducerRecord(Name, null, (ReadOnlyMemory<byte>?)body), cancellationToken).ConfigureAwait(false);
            }
        }

        await session.CloseAsync().ConfigureAwait(false);
        double factor = (double)(session.ReadStoredBytes() - before) / (LargeMessages * LargeBodyBytes);
        return context.Measured(model, "bytes stored for each byte published", $"{readers} readers, 16 KiB messages", "x", [factor], new Dictionary<string, string>
        {
            ["durability"] = nameof(Durability.PageCache),
            ["body"] = Figures.Bytes(LargeBodyBytes),
            ["messages"] = LargeMessages.ToString(CultureInfo.InvariantCulture),
        });
    }
}
