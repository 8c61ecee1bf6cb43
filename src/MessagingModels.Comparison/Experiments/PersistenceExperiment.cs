using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Part three: what is kept, where, and for how long.</summary>
internal sealed class PersistenceExperiment : IExperiment
{
    private const int Messages = 500;
    private const string Topic = "kept";

    // Whole segments expire: records of different age must lie in different ones.
    private static readonly TimeSpan SegmentAge = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetentionLimit = TimeSpan.FromSeconds(5);

    public ExperimentInfo Info { get; } = new(
        "persistence", "Persistence: what a restart and the time leave",
        $"{Messages} messages of each kind are published, the broker is closed and opened again on the same directory, and what is left is counted. "
        + "Retention is shown by records with a timestamp of the past, since a run cannot wait for 7 days.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        context.Step("queues over a restart");
        await RunExchangeAsync(context, cancellationToken).ConfigureAwait(false);
        context.Step("topics over a restart");
        await RunLogAsync(context, cancellationToken).ConfigureAwait(false);
    }

    private static async Task RunExchangeAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.Target.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        foreach (bool durable in new[] { true, false })
        {
            await session.Exchanges.DeclareQueueAsync(new QueueDeclaration(QueueName(durable)) { Durable = durable }, cancellationToken).ConfigureAwait(false);
            await PublishAsync(session.Exchanges, QueueName(durable), 0, MessageProperties.Empty, cancellationToken).ConfigureAwait(false);
            await PublishAsync(session.Exchanges, QueueName(durable), Messages, MessageProperties.PersistentOnly, cancellationToken).ConfigureAwait(false);
        }

        await session.RestartAsync(cancellationToken).ConfigureAwait(false);
        (int transient, int persistent) = await CountAsync(session.Exchanges, QueueName(true), cancellationToken).ConfigureAwait(false);
        (int otherTransient, int otherPersistent) = await CountAsync(session.Exchanges, QueueName(false), cancellationToken).ConfigureAwait(false);
        context.Judge(
            ClaimText.ExchangePersistence,
            Observe.That(
                "A message lives in memory unless its publisher says otherwise.", transient == 0,
                $"Published without properties to a durable queue: {transient} of {Messages} were there after a restart.",
                $"{transient} of {Messages} messages published without properties survived", isEssential: true),
            Observe.That(
                "Durable messages survive a restart.", persistent == Messages,
                $"Marked persistent, in a durable queue: {persistent} of {Messages} were there.", $"{Messages - persistent} of {Messages} were gone", isEssential: true),
            Observe.That(
                "Both are needed, the durable queue and the persistent message.", otherTransient + otherPersistent == 0,
                $"In a queue that is not durable: {otherPersistent} persistent and {otherTransient} transient ones of {Messages} each were there.",
                $"{otherPersistent} persistent messages survived in a queue that is not durable"));
    }

    private static string QueueName(bool durable) => durable ? "durable" : "not-durable";

    private static async Task PublishAsync(
        IExchangeBroker exchanges, string queue, int firstId, MessageProperties properties, CancellationToken cancellationToken)
    {
        await using IExchangeChannel channel = await exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        for (int id = firstId; id < firstId + Messages; id++)
            await channel.EnqueueAsync("", queue, TaggedBody.Create(id), properties, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<(int Transient, int Persistent)> CountAsync(IExchangeBroker exchanges, string queue, CancellationToken cancellationToken)
    {
        try
        {
            List<Delivery> left = await Consume.DrainAsync(exchanges, queue, cancellationToken).ConfigureAwait(false);
            int transient = left.Count(static delivery => TaggedBody.ReadId(delivery.Body) < Messages);
            return (transient, left.Count - transient);
        }
        catch (ChannelException exception) when (exception.ReplyCode == ReplyCode.NotFound)
        {
            return (0, 0);
        }
    }

    private static async Task RunLogAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        int keptOnDisk = await CountAfterRestartAsync(context.Target, Durability.PageCache, cancellationToken).ConfigureAwait(false);
        int keptInMemory = await CountAfterRestartAsync(context.Target, Durability.Memory, cancellationToken).ConfigureAwait(false);
        context.Step("retention");
        await using TargetSession session = await context.Target.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        await session.Log.CreateTopicAsync(
            new TopicSpecification(Topic) { Configuration = new Dictionary<string, string> { [TopicConfiguration.SegmentMs] = Milliseconds(SegmentAge) } },
            cancellationToken).ConfigureAwait(false);
        foreach (int days in new[] { 8, 6, 0 })
        {
            await ProduceAsync(session.Log, Topic, TimeSpan.FromDays(days), cancellationToken).ConfigureAwait(false);
            await Task.Delay(2 * SegmentAge, cancellationToken).ConfigureAwait(false);
        }

        TopicDescription topic = await session.Log.DescribeTopicAsync(Topic, cancellationToken).ConfigureAwait(false);
        TopicConfigurationValue retention = topic.Configuration[TopicConfiguration.RetentionMs];
        long deletedByDefault = await WaitForLogStartAsync(session.Log, Messages, cancellationToken).ConfigureAwait(false);
        await session.Log.AlterTopicConfigurationAsync(
            Topic, new Dictionary<string, string?> { [TopicConfiguration.RetentionMs] = Milliseconds(TimeSpan.FromDays(5)) }, cancellationToken).ConfigureAwait(false);
        long deletedAfterwards = await WaitForLogStartAsync(session.Log, 2 * Messages, cancellationToken).ConfigureAwait(false);
        context.Judge(
            ClaimText.LogPersistence,
            Observe.Under(
                "the broker has a data directory, as a server has by default; an embedded broker without one keeps its log in memory",
                "Messages are on disk by default.", keptOnDisk == Messages, keptInMemory == Messages,
                $"After a restart {keptOnDisk} of {Messages} were there with a data directory, {keptInMemory} without. No flag was set on topic or message.",
                $"only {keptOnDisk} of {Messages} were there", isEssential: true),
            Observe.That(
                "They are kept 7 days.", retention is { IsDefault: true } && retention.Value == Milliseconds(TimeSpan.FromDays(7)) && deletedByDefault == Messages,
                $"A topic without settings says retention.ms {retention.Value}. Of {Messages} records each stamped 8 days, 6 days and 0 days old, the first {deletedByDefault} were deleted.",
                $"retention.ms is {retention.Value} and {deletedByDefault} records were deleted", isEssential: true),
            Observe.That(
                "That is adjustable.", deletedAfterwards == 2 * Messages,
                $"With retention.ms set to 5 days the records of 6 days ago went too: the log now starts at {deletedAfterwards}.",
                $"the log starts at {deletedAfterwards} after retention.ms was set to 5 days"));
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static async Task<int> CountAfterRestartAsync(IComparisonTarget target, Durability durability, CancellationToken cancellationToken)
    {
        await using TargetSession session = await target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        await session.Log.CreateTopicAsync("restarted", 1, cancellationToken).ConfigureAwait(false);
        await ProduceAsync(session.Log, "restarted", TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        await session.RestartAsync(cancellationToken).ConfigureAwait(false);
        if (!(await session.Log.ListTopicsAsync(cancellationToken).ConfigureAwait(false)).Contains("restarted"))
            return 0;
        return (await Consume.ReadTopicAsync(session.Log, "restarted", IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false)).Count;
    }

    private static async Task ProduceAsync(ILogBroker log, string topic, TimeSpan age, CancellationToken cancellationToken)
    {
        await using ILogProducer producer = log.CreateProducer();
        DateTimeOffset timestamp = DateTimeOffset.UtcNow - age;
        for (int id = 0; id < Messages; id++)
        {
            ProducerRecord record = new(topic, null, (ReadOnlyMemory<byte>?)TaggedBody.Create(id)) { Timestamp = timestamp };
            await producer.EnqueueAsync(record, null, cancellationToken).ConfigureAwait(false);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the log starts at an offset, or for as long as retention may take, and then a little for what must not happen.</summary>
    /// <returns>The first offset.</returns>
    private static async Task<long> WaitForLogStartAsync(ILogBroker log, long expected, CancellationToken cancellationToken)
    {
        TopicPartition partition = new(Topic, 0);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
            elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < RetentionLimit && (await log.GetOffsetsAsync(partition, cancellationToken).ConfigureAwait(false)).LogStart < (Offset)expected);

        // Two more rounds of retention, in case it takes more than it should.
        await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken).ConfigureAwait(false);
        return (await log.GetOffsetsAsync(partition, cancellationToken).ConfigureAwait(false)).LogStart;
    }
}
