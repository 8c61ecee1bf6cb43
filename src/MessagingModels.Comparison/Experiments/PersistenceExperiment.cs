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
    private const string GoneByDefault = "A message is gone after a restart unless its publisher says otherwise.";
    private const string DurableSurvive = "Durable messages survive a restart.";
    private const string BothNeeded = "Both are needed, the durable queue and the persistent message.";
    private const string OnDiskByDefault = "Messages are on disk by default.";
    private const string OwnProcess = "a broker that this run started as a local process, so that it may restart it";

    public ExperimentInfo Info { get; } = new(
        "persistence", "Persistence: what a restart and the time leave",
        $"{Messages} messages of each kind are published, the broker is closed and opened again on the same directory, and what is left is counted. "
        + "Where messages live that nothing was said of is read from the growth of the data directory while they wait in a queue. "
        + "Retention is shown by records with a timestamp of the past, since a run cannot wait for 7 days.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        if (context.Offers(ModelKind.Exchange))
        {
            context.Step("queues over a restart");
            await RunExchangeAsync(context, cancellationToken).ConfigureAwait(false);
        }

        if (context.Offers(ModelKind.Log))
        {
            context.Step("topics over a restart");
            await RunLogAsync(context, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task RunExchangeAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        Finding inMemory = await DefaultStorage.FindAsync(context, cancellationToken).ConfigureAwait(false);
        await using TargetSession session = await context.OpenAsync(Durability.PageCache, cancellationToken).ConfigureAwait(false);
        string? refusal = null;
        foreach (bool durable in new[] { true, false })
        {
            try
            {
                string queue = await session.DeclareQueueAsync(QueueName(durable), cancellationToken, durable).ConfigureAwait(false);
                await PublishAsync(session.Exchanges, queue, 0, MessageProperties.Empty, cancellationToken).ConfigureAwait(false);
                await PublishAsync(session.Exchanges, queue, Messages, MessageProperties.PersistentOnly, cancellationToken).ConfigureAwait(false);
            }
            catch (MessagingException exception) when (!durable)
            {
                refusal = exception.Message;
            }
        }

        if (!await TryRestartAsync(session, cancellationToken).ConfigureAwait(false))
        {
            context.Judge(
                ClaimText.ExchangePersistence,
                inMemory, Observe.Nothing(GoneByDefault, OwnProcess), Observe.Nothing(DurableSurvive, OwnProcess), Observe.Nothing(BothNeeded, OwnProcess));
            return;
        }

        (int transient, int persistent) = await CountAsync(session.Exchanges, session.Name(QueueName(true)), cancellationToken).ConfigureAwait(false);
        (int otherTransient, int otherPersistent) = await CountAsync(session.Exchanges, session.Name(QueueName(false)), cancellationToken).ConfigureAwait(false);
        context.Judge(
            ClaimText.ExchangePersistence,
            inMemory,
            Observe.That(
                GoneByDefault, transient == 0,
                $"Published without properties to a durable queue: {transient} of {Messages} were there after a restart.",
                $"{transient} of {Messages} messages published without properties survived"),
            Observe.That(
                DurableSurvive, persistent == Messages,
                $"Marked persistent, in a durable queue: {persistent} of {Messages} were there.", $"{Messages - persistent} of {Messages} were gone", isEssential: true),
            Observe.That(
                BothNeeded, otherTransient + otherPersistent == 0,
                refusal is null
                    ? $"In a queue that is not durable: {otherPersistent} persistent and {otherTransient} transient ones of {Messages} each were there."
                    : $"This version does not declare shared queues that are not durable: {refusal}",
                $"{otherPersistent} persistent messages survived in a queue that is not durable"));
    }

    /// <returns>False where this run may not restart the broker, which then goes on as before.</returns>
    internal static async Task<bool> TryRestartAsync(TargetSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.RestartAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
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
        Finding onDisk = await FindOnDiskAsync(context, cancellationToken).ConfigureAwait(false);
        context.Step("retention");
        Finding[] retention = await LogRetention.FindAsync(context, Messages, cancellationToken).ConfigureAwait(false);
        context.Judge(ClaimText.LogPersistence, [onDisk, .. retention]);
    }

    private static async Task<Finding> FindOnDiskAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        List<(Durability Level, int Kept)> kept = [];
        foreach (Durability level in context.Target.Levels.Where(static level => level <= Durability.PageCache))
        {
            if (await LogRetention.CountAfterRestartAsync(context.Target, level, Messages, cancellationToken).ConfigureAwait(false) is not { } count)
                return Observe.Nothing(OnDiskByDefault, OwnProcess);
            kept.Add((level, count));
        }

        return Observe.Under(
            "the broker has a data directory, as a server has by default; an embedded broker without one keeps its log in memory",
            OnDiskByDefault, kept[^1].Kept == Messages, kept.Min(static run => run.Kept) == Messages,
            $"After a restart there were, of {Messages}: {string.Join(", ", kept.Select(static run => $"{run.Kept} with durability {run.Level}"))}. No flag was set on topic or message.",
            $"only {kept[^1].Kept} of {Messages} were there", isEssential: true);
    }
}
