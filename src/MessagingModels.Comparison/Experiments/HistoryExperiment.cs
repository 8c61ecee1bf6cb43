using System.Text.RegularExpressions;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Claims that were true once: what the versions of today do with them.</summary>
internal sealed class HistoryExperiment : IExperiment
{
    private const int Messages = 200;

    public ExperimentInfo Info { get; } = new(
        "history", "Claims that were true once",
        "Sentences of older comparisons, tried on the version at hand: a stream is read twice from its first message; a policy asks for mirrored queues; "
        + "two members of a Kafka share group, run with Kafka's own console tools, read one partition at the same time.");

    public async Task RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        if (context.Offers(ModelKind.Exchange))
        {
            context.Step("reading a stream again");
            await JudgeReplayAsync(context, cancellationToken).ConfigureAwait(false);
        }

        if (context.Target is RabbitMqTarget)
        {
            context.Step("mirrored queues");
            await JudgeMirroringAsync(context, cancellationToken).ConfigureAwait(false);
        }

        if (context.Target is KafkaTarget kafka && context.Scale.IsFull)
        {
            context.Step("share groups");
            await ShareGroup.JudgeAsync(context, kafka, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task JudgeReplayAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        string classic = await session.DeclareQueueAsync("consumed", cancellationToken).ConfigureAwait(false);
        await PublishAsync(session, classic, cancellationToken).ConfigureAwait(false);
        int first = (await Consume.DrainAsync(session.Exchanges, classic, cancellationToken).ConfigureAwait(false)).Count;
        int again = (await Consume.DrainAsync(session.Exchanges, classic, cancellationToken).ConfigureAwait(false)).Count;

        string stream = await session.DeclareQueueAsync("stream", cancellationToken, type: QueueType.Stream).ConfigureAwait(false);
        await PublishAsync(session, stream, cancellationToken).ConfigureAwait(false);
        int streamFirst = await ReadStreamAsync(session, stream, cancellationToken).ConfigureAwait(false);
        int streamAgain = await ReadStreamAsync(session, stream, cancellationToken).ConfigureAwait(false);
        context.Judge(
            ClaimText.ExchangeReplay,
            Observe.That(
                "From a classic queue a consumed message is gone.", first == Messages && again == 0,
                $"{first} of {Messages} messages were consumed; a second consumer got {again}.", $"a second consumer got {again} messages"),
            Observe.That(
                "No type of queue keeps it.", streamAgain < Messages,
                $"A stream gave {streamFirst} of {Messages} messages to a first reader and {streamAgain} to a second one, from the first offset each.",
                $"true up to RabbitMQ 3.8; since 3.9 there are streams, and one gave {streamAgain} of {Messages} messages a second time", isEssential: true));
    }

    private static async Task PublishAsync(TargetSession session, string queue, CancellationToken cancellationToken)
    {
        await using IExchangeChannel channel = await session.Exchanges.OpenChannelAsync(null, cancellationToken).ConfigureAwait(false);
        for (int id = 0; id < Messages; id++)
            await channel.EnqueueAsync("", queue, TaggedBody.Create(id), MessageProperties.PersistentOnly, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <returns>How many different messages came, at most all.</returns>
    private static async Task<int> ReadStreamAsync(TargetSession session, string stream, CancellationToken cancellationToken)
    {
        Tally tally = new(1, Messages);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = Consume.RunQueueConsumerAsync(
            session.Exchanges, stream, new QueueConsumerOptions { Prefetch = 100, StreamOffset = StreamOffset.First },
            (delivery, _) => tally.AddAsync(0, TaggedBody.ReadId(delivery.Body)), stop.Token);
        await tally.WaitAsync(reading, cancellationToken).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
        return tally.Ids[0].Distinct().Count();
    }

    private static async Task JudgeMirroringAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        string version = context.Target.Description.Version;
        string policy = session.Name("mirrored");
        string answer;
        bool isAccepted;
        try
        {
            await session.Exchanges.SetPolicyAsync(
                new Policy(policy, new Regex("^" + Regex.Escape(policy)), new Dictionary<string, object?> { ["ha-mode"] = "all" }), cancellationToken).ConfigureAwait(false);
            await session.Exchanges.DeletePolicyAsync(policy, cancellationToken).ConfigureAwait(false);
            (isAccepted, answer) = (true, "accepted it");
        }
        catch (MessagingException exception)
        {
            (isAccepted, answer) = (false, $"refused it: {exception.Message}");
        }
        catch (NotSupportedException exception)
        {
            context.Judge(ClaimText.MirroredQueues, Observe.Nothing("A policy mirrors queues.", exception.Message));
            return;
        }

        context.Judge(
            ClaimText.MirroredQueues,
            Observe.That(
                "A policy mirrors queues.", isAccepted, $"RabbitMQ {version}, asked for a policy with ha-mode all, {answer}",
                $"true up to RabbitMQ 3.13; mirrored queues were removed with 4.0, and quorum queues took their place (experiment cluster); {version} refuses the policy",
                isEssential: true));
    }
}
