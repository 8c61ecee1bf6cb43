using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Consumes over failures of the broker until cancelled: acknowledges or commits what it has processed, and connects again where that fails.</summary>
internal static class SteadyConsumer
{
    private const ushort Prefetch = 200;
    private const int MaxPollRecords = 500;

    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>How it settles, for reports.</summary>
    public static string SettlementOf(ModelKind model) => model == ModelKind.Log ? "a commit after each poll" : "each delivery acknowledged";

    public static async Task RunAsync(TargetSession session, ModelKind model, string name, Action<int> onMessage, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await (model == ModelKind.Log
                    ? ReadTopicAsync(session, name, onMessage, cancellationToken)
                    : ReadQueueAsync(session, name, onMessage, cancellationToken)).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (MessagingException)
            {
                await Task.Delay(RetryDelay, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static async Task ReadTopicAsync(TargetSession session, string name, Action<int> onMessage, CancellationToken cancellationToken)
    {
        ILogConsumer consumer = session.Log.CreateConsumer(new ConsumerOptions
        {
            GroupId = session.Name(name),
            OffsetReset = OffsetReset.Earliest,
            SessionTimeout = session.SessionTimeout,
            HeartbeatInterval = session.SessionTimeout / 4,
        });
        try
        {
            await consumer.SubscribeAsync([session.Name(name)], null, cancellationToken).ConfigureAwait(false);
            while (true)
            {
                IReadOnlyList<LogRecord> records = await consumer.PollAsync(PollTimeout, MaxPollRecords, cancellationToken).ConfigureAwait(false);
                foreach (LogRecord record in records)
                    onMessage(TaggedBody.ReadId(record.Value));
                if (records.Count > 0)
                    await TryCommitAsync(consumer, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await Closing.WithinLimitAsync(consumer).ConfigureAwait(false);
        }
    }

    private static async Task TryCommitAsync(ILogConsumer consumer, CancellationToken cancellationToken)
    {
        try
        {
            await consumer.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (MessagingException)
        {
            // The group's coordinator may have been on the node that died. The next commit covers this one; until then the records would come again.
        }
    }

    private static async Task ReadQueueAsync(TargetSession session, string name, Action<int> onMessage, CancellationToken cancellationToken)
    {
        IExchangeChannel channel = await session.ConsumingExchanges.OpenChannelAsync(new ChannelOptions { PublisherConfirms = false }, cancellationToken).ConfigureAwait(false);
        try
        {
            IQueueConsumer consumer = await channel
                .ConsumeAsync(session.Name(name), new QueueConsumerOptions { Prefetch = Prefetch }, cancellationToken).ConfigureAwait(false);
            await foreach (Delivery delivery in consumer.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                onMessage(TaggedBody.ReadId(delivery.Body));
                await delivery.AckAsync(multiple: false, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await Closing.WithinLimitAsync(channel).ConfigureAwait(false);
        }
    }
}
