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
            await MirroredQueues.JudgeAsync(context, cancellationToken).ConfigureAwait(false);
        }

        if (context.Target is KafkaTarget kafka)
        {
            if (!context.Scale.IsFull)
                throw new NotSupportedException("a quick run has no time for share groups.");
            context.Step("share groups");
            await ShareGroup.JudgeAsync(context, kafka, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task JudgeReplayAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        string classic = await session.DeclareQueueAsync("consumed", cancellationToken, type: QueueType.Classic).ConfigureAwait(false);
        await Fill.QueueAsync(session, classic, Messages, cancellationToken).ConfigureAwait(false);
        int first = (await Consume.DrainAsync(session.Exchanges, classic, cancellationToken).ConfigureAwait(false)).Count;
        int again = (await Consume.DrainAsync(session.Exchanges, classic, cancellationToken).ConfigureAwait(false)).Count;
        Capabilities<ExchangeFeature> capabilities = session.Exchanges.Capabilities;
        (int First, int Again)? stream = null;
        if (capabilities.Supports(ExchangeFeature.Streams))
        {
            string name = await session.DeclareQueueAsync("stream", cancellationToken, type: QueueType.Stream).ConfigureAwait(false);
            await Fill.QueueAsync(session, name, Messages, cancellationToken).ConfigureAwait(false);
            int read = await ReadStreamAsync(session, name, cancellationToken).ConfigureAwait(false);
            stream = (read, await ReadStreamAsync(session, name, cancellationToken).ConfigureAwait(false));
        }

        context.Judge(
            ClaimText.ExchangeReplay,
            Observe.That(
                "From a classic queue a consumed message is gone.", first == Messages && again == 0,
                $"{first} of {Messages} messages were consumed; a second consumer got {again}.", $"{first} of {Messages} messages could be consumed and a second consumer got {again}"),
            FromStream(stream, capabilities.Note(ExchangeFeature.Streams)));
    }

    /// <summary>What two readers of a stream say of the claim: it stands where the second got nothing; one that got less than all shows a loss, which is told.</summary>
    /// <param name="stream">How many messages each got; null where there are no streams.</param>
    /// <param name="whyNone">Why there are none.</param>
    internal static Finding FromStream((int First, int Again)? stream, string whyNone)
    {
        const string Statement = "No type of queue keeps it.";
        if (stream is not { } read)
            return Observe.That(Statement, true, $"This version has no streams: {whyNone}.", "", isEssential: true);
        string lost = Math.Min(read.First, read.Again) is var least && least < Messages ? $"; {Messages - least} did not come within {Tally.QuietLimit.TotalSeconds:0} s of the last one" : "";
        return Observe.That(
            Statement, read.Again == 0,
            $"A stream gave {read.First} of {Messages} messages to a first reader and {read.Again} to a second one, from the first offset each{lost}.",
            $"true up to RabbitMQ 3.8; since 3.9 there are streams, and one gave {read.Again} of {Messages} messages a second time{lost}", isEssential: true);
    }

    /// <returns>How many different messages came, at most all.</returns>
    private static async Task<int> ReadStreamAsync(TargetSession session, string stream, CancellationToken cancellationToken)
    {
        Tally tally = new(1, Messages);
        QueueConsumerOptions options = new() { Prefetch = 100, StreamOffset = StreamOffset.First };
        await tally.FillAsync(
            [(handle, stop) => Consume.RunQueueConsumerAsync(session, stream, options, (delivery, _) => handle(TaggedBody.ReadId(delivery.Body)), stop)],
            static (_, _) => Task.CompletedTask, cancellationToken).ConfigureAwait(false);
        return tally.Ids[0].Distinct().Count();
    }
}
