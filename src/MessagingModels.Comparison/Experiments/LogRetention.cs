using System.Diagnostics;
using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;
using MessagingModels.Storage;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What a topic keeps over a restart, and for how long.</summary>
internal static class LogRetention
{
    // Whole segments expire: records of different age must lie in different ones.
    private static readonly TimeSpan SegmentAge = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetentionLimit = TimeSpan.FromSeconds(10);

    private const string SevenDays = "They are kept 7 days.";
    private const string Adjustable = "That is adjustable.";

    // A given broker is set as its owner wants it; Kafka looks every five minutes by default.
    private const string QuickBroker = "a broker that looks for old segments every few seconds";

    /// <returns>How many messages were there after a restart; null where this run may not restart the broker.</returns>
    public static async Task<int?> CountAfterRestartAsync(IComparisonTarget target, Durability durability, int messages, CancellationToken cancellationToken)
    {
        await using TargetSession session = await target.OpenAsync(durability, cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync("restarted", 1, cancellationToken).ConfigureAwait(false);
        await ProduceAsync(session.Log, topic, messages, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        if (!await PersistenceExperiment.TryRestartAsync(session, cancellationToken).ConfigureAwait(false))
            return null;
        if (!(await session.Log.ListTopicsAsync(cancellationToken).ConfigureAwait(false)).Contains(topic))
            return 0;
        return (await Consume.ReadTopicAsync(session.Log, topic, IsolationLevel.ReadUncommitted, cancellationToken).ConfigureAwait(false)).Count;
    }

    /// <summary>Writes records of three ages and watches which of them are deleted, first by default and then with a shorter retention.</summary>
    public static async Task<Finding[]> FindAsync(ExperimentContext context, int messages, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync(
            "kept", 1, cancellationToken, new Dictionary<string, string> { [TopicConfiguration.SegmentMs] = Milliseconds(SegmentAge) }).ConfigureAwait(false);
        foreach (int days in new[] { 8, 6, 0 })
        {
            await ProduceAsync(session.Log, topic, messages, TimeSpan.FromDays(days), cancellationToken).ConfigureAwait(false);
            await Task.Delay(2 * SegmentAge, cancellationToken).ConfigureAwait(false);
        }

        TopicDescription description = await session.Log.DescribeTopicAsync(topic, cancellationToken).ConfigureAwait(false);
        TopicConfigurationValue retention = description.Configuration[TopicConfiguration.RetentionMs];
        long deletedByDefault = await WaitForLogStartAsync(session.Log, topic, messages, cancellationToken).ConfigureAwait(false);
        if (deletedByDefault == 0 && context.Target is ServerTarget { IsGiven: true })
            return [Observe.Nothing(SevenDays, QuickBroker), Observe.Nothing(Adjustable, QuickBroker)];
        await session.Log.AlterTopicConfigurationAsync(
            topic, new Dictionary<string, string?> { [TopicConfiguration.RetentionMs] = Milliseconds(TimeSpan.FromDays(5)) }, cancellationToken).ConfigureAwait(false);
        long deletedAfterwards = await WaitForLogStartAsync(session.Log, topic, 2 * messages, cancellationToken).ConfigureAwait(false);
        return
        [
            Observe.That(
                SevenDays, retention is { IsDefault: true } && retention.Value == Milliseconds(TimeSpan.FromDays(7)) && deletedByDefault == messages,
                $"A topic without settings says retention.ms {retention.Value}. Of {messages} records each stamped 8 days, 6 days and 0 days old, the first {deletedByDefault} were deleted.",
                $"retention.ms is {retention.Value} and {deletedByDefault} records were deleted", isEssential: true),
            Observe.That(
                Adjustable, deletedAfterwards == 2 * messages,
                $"With retention.ms set to 5 days the records of 6 days ago went too: the log now starts at {deletedAfterwards}.",
                $"the log starts at {deletedAfterwards} after retention.ms was set to 5 days"),
        ];
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static async Task ProduceAsync(ILogBroker log, string topic, int messages, TimeSpan age, CancellationToken cancellationToken)
    {
        await using ILogProducer producer = log.CreateProducer();
        DateTimeOffset timestamp = DateTimeOffset.UtcNow - age;
        for (int id = 0; id < messages; id++)
        {
            ProducerRecord record = new(topic, null, (ReadOnlyMemory<byte>?)TaggedBody.Create(id)) { Timestamp = timestamp };
            await producer.EnqueueAsync(record, null, cancellationToken).ConfigureAwait(false);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the log starts at an offset, or for as long as retention may take, and then a little for what must not happen.</summary>
    /// <returns>The first offset.</returns>
    private static async Task<long> WaitForLogStartAsync(ILogBroker log, string topic, long expected, CancellationToken cancellationToken)
    {
        TopicPartition partition = new(topic, 0);
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < RetentionLimit && (await log.GetOffsetsAsync(partition, cancellationToken).ConfigureAwait(false)).LogStart < (Offset)expected);

        // Two more rounds of retention, in case it takes more than it should.
        await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken).ConfigureAwait(false);
        return (await log.GetOffsetsAsync(partition, cancellationToken).ConfigureAwait(false)).LogStart;
    }
}
