using System.Diagnostics;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Measuring;

/// <summary>Ways of reading that several experiments share.</summary>
internal static class Consume
{
    /// <summary>How many records a poll hands out at most.</summary>
    public const int MaxPollRecords = 500;

    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(20);
    // Members learn of a rebalance with a heartbeat: the default of 3 s would make that the longest part of a join.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(20);

    /// <summary>Takes everything that is ready in a queue, acknowledged as it is taken.</summary>
    /// <exception cref="ChannelException">There is no such queue.</exception>
    public static async Task<List<Delivery>> DrainAsync(IExchangeBroker exchanges, string queue, CancellationToken cancellationToken)
    {
        List<Delivery> deliveries = [];

        // A count lets a consumer take them many at a time. RabbitMQ needs its management API for one: without it they are fetched one by one.
        long ready = exchanges.Capabilities.Supports(ExchangeFeature.QueueDescriptions)
            ? (await exchanges.DescribeQueueAsync(queue, cancellationToken).ConfigureAwait(false)).ReadyMessages
            : 0;
        await using IExchangeChannel channel = await exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        if (ready > 0)
        {
            await using IQueueConsumer consumer = await channel.ConsumeAsync(queue, new QueueConsumerOptions { AutoAck = true }, cancellationToken).ConfigureAwait(false);
            await TakeAsync(consumer, ready, deliveries, cancellationToken).ConfigureAwait(false);
        }

        // More than was counted would be a finding, not something to leave behind.
        while (await channel.GetAsync(queue, autoAck: true, cancellationToken).ConfigureAwait(false) is { } delivery)
            deliveries.Add(delivery);
        return deliveries;
    }

    /// <summary>Takes a number of messages, or fewer where no more come for a while: what was counted and cannot be had is the caller's finding.</summary>
    private static async Task TakeAsync(IQueueConsumer consumer, long count, List<Delivery> deliveries, CancellationToken cancellationToken)
    {
        using CancellationTokenSource quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(EndLimit);
        try
        {
            await foreach (Delivery delivery in consumer.ReadAsync(quiet.Token).ConfigureAwait(false))
            {
                deliveries.Add(delivery);
                if (deliveries.Count == count)
                    return;
                quiet.CancelAfter(EndLimit);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing came for the whole of the limit.
        }
    }

    /// <summary>Reads a topic from its first record to the end it has now, outside any group.</summary>
    public static Task<List<LogRecord>> ReadTopicAsync(ILogBroker log, string topic, IsolationLevel isolation, CancellationToken cancellationToken)
        => ReadTopicsAsync(log, [topic], isolation, cancellationToken);

    /// <summary>Reads topics from their first records to the ends they have now, outside any group.</summary>
    public static async Task<List<LogRecord>> ReadTopicsAsync(
        ILogBroker log, IReadOnlyCollection<string> topics, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        List<TopicPartition> partitions = [];
        foreach (string topic in topics)
        {
            TopicDescription description = await log.DescribeTopicAsync(topic, cancellationToken).ConfigureAwait(false);
            partitions.AddRange(description.Partitions.Select(partition => new TopicPartition(topic, partition.Partition)));
        }

        await using ILogConsumer consumer = log.CreateConsumer(new ConsumerOptions { OffsetReset = OffsetReset.Earliest, IsolationLevel = isolation });
        await consumer.AssignAsync(partitions, cancellationToken).ConfigureAwait(false);
        await consumer.SeekToBeginningAsync(partitions, cancellationToken).ConfigureAwait(false);
        Dictionary<TopicPartition, long> ends = [];
        foreach (TopicPartition partition in partitions)
        {
            PartitionOffsets offsets = await log.GetOffsetsAsync(partition, cancellationToken).ConfigureAwait(false);
            ends[partition] = isolation == IsolationLevel.ReadCommitted ? offsets.LastStable : offsets.HighWatermark;
        }

        // Markers of transactions at the end of a partition have offsets but are not handed out, and a client may never say that it is past them.
        List<LogRecord> records = [];
        long lastArrival = Stopwatch.GetTimestamp();
        while (partitions.Exists(partition => consumer.Position(partition) < (Offset)ends[partition]) && Stopwatch.GetElapsedTime(lastArrival) < EndLimit)
        {
            IReadOnlyList<LogRecord> polled = await consumer.PollAsync(Quiet, MaxPollRecords, cancellationToken).ConfigureAwait(false);
            if (polled.Count > 0)
                lastArrival = Stopwatch.GetTimestamp();
            records.AddRange(polled);
        }

        return records;
    }

    /// <summary>Joins members to a group of an empty topic and waits until the partitions are dealt out.</summary>
    /// <exception cref="InvalidOperationException">The group did not settle in time.</exception>
    public static async Task<GroupMembers> JoinAsync(
        ILogBroker log, string group, string topic, int members, int partitions, CancellationToken cancellationToken)
    {
        GroupMembers joined = new([.. Enumerable.Range(0, members).Select(_ => log.CreateConsumer(
            new ConsumerOptions { GroupId = group, OffsetReset = OffsetReset.Earliest, HeartbeatInterval = Heartbeat }))]);
        try
        {
            long start = Stopwatch.GetTimestamp();
            await Task.WhenAll(joined.Select(async consumer =>
            {
                await consumer.SubscribeAsync([topic], null, cancellationToken).ConfigureAwait(false);
                while (!joined.IsSettled(partitions))
                {
                    IReadOnlyList<LogRecord> early = await consumer.PollAsync(Quiet, 1, cancellationToken).ConfigureAwait(false);
                    if (early.Count > 0 || Stopwatch.GetElapsedTime(start) > JoinLimit)
                        throw new InvalidOperationException($"The group {group} of {members} members did not settle on {partitions} partitions of an empty topic within {JoinLimit.TotalSeconds:0} s.");
                }
            })).ConfigureAwait(false);
            return joined;
        }
        catch
        {
            await joined.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A member of a group as a worker.</summary>
    public static Worker ToWorker(ILogConsumer member)
        => (handle, stop) => RunMemberAsync(member, (record, _) => handle(TaggedBody.ReadId(record.Value)), stop);

    /// <summary>Hands what a member polls to a handler, record by record, and commits after each poll, until cancelled.</summary>
    public static async Task RunMemberAsync(
        ILogConsumer consumer, Func<LogRecord, CancellationToken, ValueTask> handle, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                foreach (LogRecord record in await consumer.PollAsync(Quiet, MaxPollRecords, cancellationToken).ConfigureAwait(false))
                    await handle(record, cancellationToken).ConfigureAwait(false);
                await consumer.CommitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The experiment has what it waited for.
        }
    }

    /// <summary>Hands deliveries to a handler one after the other and acknowledges each, until cancelled; over the session's connection for consumers.</summary>
    public static Task RunQueueConsumerAsync(
        TargetSession session, string queue, ushort prefetch, Func<Delivery, CancellationToken, ValueTask> handle, CancellationToken cancellationToken)
        => RunQueueConsumerAsync(session, queue, new QueueConsumerOptions { Prefetch = prefetch }, handle, cancellationToken);

    /// <inheritdoc cref="RunQueueConsumerAsync(TargetSession, string, ushort, Func{Delivery, CancellationToken, ValueTask}, CancellationToken)"/>
    public static async Task RunQueueConsumerAsync(
        TargetSession session, string queue, QueueConsumerOptions options, Func<Delivery, CancellationToken, ValueTask> handle, CancellationToken cancellationToken)
    {
        await using IQueueConsumer consumer = await session.ConsumingExchanges.ConsumeAsync(queue, options, cancellationToken).ConfigureAwait(false);
        try
        {
            await foreach (Delivery delivery in consumer.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                await handle(delivery, cancellationToken).ConfigureAwait(false);

                // What was handled is acknowledged even where the experiment has all it wanted meanwhile.
                await delivery.AckAsync(multiple: false, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The experiment has what it waited for.
        }
    }
}
