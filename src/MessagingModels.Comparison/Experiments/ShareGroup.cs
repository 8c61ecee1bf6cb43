using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Two consumers of one partition in a share group (KIP-932), through Kafka's own console tools: librdkafka has no share consumer.</summary>
internal static class ShareGroup
{
    // From the moment on at which both have got something, each is to get that much more while writing goes on.
    private const int EachTakes = 50;
    private const string Statement = "Only one member of a group reads a partition.";

    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WriteInterval = TimeSpan.FromMilliseconds(5);

    public static async Task JudgeAsync(ExperimentContext context, KafkaTarget target, CancellationToken cancellationToken)
    {
        if (KafkaTools.Find(target) is not { } tools)
        {
            context.Judge(ClaimText.LogQueues, NotTried($"its own tools ({KafkaTools.Needs}), as the client library has no share consumer"));
            return;
        }

        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync("shared", 1, cancellationToken).ConfigureAwait(false);
        try
        {
            SharedOffsets offsets = await ReadTogetherAsync(session, target, tools, topic, cancellationToken).ConfigureAwait(false);
            context.Judge(ClaimText.LogQueues, FromOffsets(offsets));
        }
        catch (ToolFailedException exception)
        {
            context.Judge(ClaimText.LogQueues, NotTried($"share groups, which this broker refused ({exception.Message})"));
        }
    }

    /// <summary>What the offsets that two members got say of the claim.</summary>
    internal static Finding FromOffsets(SharedOffsets offsets)
    {
        int first = offsets.Of(0).Length;
        int second = offsets.Of(1).Length;
        if (first == 0 || second == 0)
            return NotTried($"two members that get records; within {ReadLimit.TotalSeconds:0} s one got {first} and the other {second}, so that it may not have joined in time");
        if (offsets.Overlap is not { } overlap)
        {
            return offsets.CountTogether() < 2 * EachTakes
                ? NotTried($"more time for two members together: once the second had its first record, {offsets.CountTogether()} came in all")
                : Observe.That(
                    Statement, true,
                    $"Two members of a share group read one partition while it was written; one got {first} records, the other {second}, but they did not take turns.", "", isEssential: true);
        }

        string shared = $"two members took {overlap.First} and {overlap.Second} of the records at offsets {overlap.From} to {overlap.To} of one partition, with {overlap.Changes} changes from one to the other";
        return Observe.That(
            Statement, false, $"In a share group, while it was written, {shared}.", $"true up to Kafka 4.1; with share groups (KIP-932) {shared}", isEssential: true);
    }

    private static Finding NotTried(string needs) => Observe.Nothing(Statement, $"share groups, KIP-932: Kafka 4.2 or later, and {needs}");

    private static async Task<SharedOffsets> ReadTogetherAsync(
        TargetSession session, KafkaTarget target, KafkaTools tools, string topic, CancellationToken cancellationToken)
    {
        string group = session.Name("share");
        target.ShareGroups.Add(group);
        SharedOffsets offsets = new();
        await Load.WhileAsync(
            [
                stop => WriteAsync(session, topic, stop),
                stop => tools.ReadSharedAsync(topic, group, offset => offsets.Add(0, offset), stop),
                stop => tools.ReadSharedAsync(topic, group, offset => offsets.Add(1, offset), stop),
            ],
            running => WaitAsync(offsets, running, cancellationToken), cancellationToken).ConfigureAwait(false);
        return offsets;
    }

    private static async Task<bool> WaitAsync(SharedOffsets offsets, Task running, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadLimit);
        while (!limit.IsCancellationRequested)
        {
            if (running.IsCompleted)
                await running.ConfigureAwait(false);
            if (offsets.Overlap is { } overlap && Math.Min(overlap.First, overlap.Second) >= EachTakes)
                return true;
            await Task.Delay(WriteInterval, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Writes for as long as the members read: they begin at the end of the topic.</summary>
    private static async Task WriteAsync(TargetSession session, string topic, CancellationToken stop)
    {
        await using ILogProducer producer = session.Log.CreateProducer();
        try
        {
            for (int id = 0; ; id++)
            {
                await producer.ProduceAsync(new ProducerRecord(topic, null, (ReadOnlyMemory<byte>?)TaggedBody.Create(id)), stop).ConfigureAwait(false);
                await Task.Delay(WriteInterval, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The members have what they came for.
        }
    }
}
