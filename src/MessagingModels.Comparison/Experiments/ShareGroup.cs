using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Two consumers of one partition in a share group (KIP-932), through Kafka's own console tools: librdkafka has no share consumer.</summary>
internal static class ShareGroup
{
    private const int EachTakes = 50;
    private const string Statement = "Only one member of a group reads a partition.";

    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(15);

    public static async Task JudgeAsync(ExperimentContext context, KafkaTarget target, CancellationToken cancellationToken)
    {
        if (KafkaTools.Find(target) is not { } tools)
        {
            context.Judge(ClaimText.LogQueues, Observe.Nothing(Statement, "share groups, KIP-932: Kafka 4.2 or later, and its own tools (KAFKA_HOME, java, a broker without login or TLS), as the client library has no share consumer"));
            return;
        }

        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        string topic = await session.CreateTopicAsync("shared", 1, cancellationToken).ConfigureAwait(false);
        int[] taken;
        try
        {
            taken = await ReadTogetherAsync(session, target, tools, topic, cancellationToken).ConfigureAwait(false);
        }
        catch (ToolFailedException exception)
        {
            context.Judge(ClaimText.LogQueues, Observe.Nothing(Statement, $"share groups, KIP-932: Kafka 4.2 or later ({exception.Message})"));
            return;
        }

        bool isShared = taken.All(static count => count > 0);
        context.Judge(
            ClaimText.LogQueues,
            Observe.That(
                Statement, !isShared, $"Two members of a share group took {taken[0]} and {taken[1]} records of one partition while it was written.",
                $"true up to Kafka 4.1; with share groups (KIP-932) two members took {taken[0]} and {taken[1]} records of one partition at the same time", isEssential: true));
    }

    private static async Task<int[]> ReadTogetherAsync(
        TargetSession session, KafkaTarget target, KafkaTools tools, string topic, CancellationToken cancellationToken)
    {
        string group = session.Name("share");
        target.ShareGroups.Add(group);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<int>[] members = [.. Enumerable.Range(0, 2).Select(_ => tools.ReadSharedAsync(topic, group, EachTakes, ReadLimit, cancellationToken))];
        Task writing = WriteAsync(session, topic, stop.Token);
        try
        {
            return await Task.WhenAll(members).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }
    }

    /// <summary>Writes for as long as the members read: they begin at the end of the topic.</summary>
    private static async Task WriteAsync(TargetSession session, string topic, CancellationToken stop)
    {
        await using ILogProducer producer = session.Log.CreateProducer();
        try
        {
            for (int id = 0; ; id++)
            {
                await producer.ProduceAsync(new ProducerRecord(topic, null, (ReadOnlyMemory<byte>?)System.Text.Encoding.ASCII.GetBytes($"record {id}")), stop).ConfigureAwait(false);
                await Task.Delay(5, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The members have what they came for.
        }
    }
}
