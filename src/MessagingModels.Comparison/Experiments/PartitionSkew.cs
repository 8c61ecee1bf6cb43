using System.Globalization;
using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>How unevenly the workload's keys fill partitions: the busiest partition sets the pace of a group.</summary>
internal static class PartitionSkew
{
    private const string Topic = "skewed";
    private const int Partitions = 8;

    public static async Task ReportAsync(ExperimentContext context, TargetSession session, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadMessage> messages = context.Workload.Take(context.Scale.ClaimMessages);
        string topic = await session.CreateTopicAsync(Topic, Partitions, cancellationToken).ConfigureAwait(false);
        await Fill.LogAsync(session, DeliveryCheck.ToRecords(topic, messages), cancellationToken).ConfigureAwait(false);

        long[] counts = new long[Partitions];
        for (int partition = 0; partition < Partitions; partition++)
            counts[partition] = (await session.Log.GetOffsetsAsync(new TopicPartition(topic, partition), cancellationToken).ConfigureAwait(false)).HighWatermark;
        Dictionary<string, string> settings = new()
        {
            ["partitions"] = Partitions.ToString(CultureInfo.InvariantCulture),
            ["partitioner"] = "murmur2 of the key",
            ["messages"] = Figures.Count(messages.Count),
        };
        context.Measured(ModelKind.Log, "busiest partition over the mean", $"{Partitions} partitions", "x", [Statistics.Imbalance(counts)], settings);
        context.AddChart(new Chart
        {
            Title = "Partition skew: what the workload's keys do to 8 partitions",
            Kind = ChartKind.Bars,
            XLabel = "partition",
            YLabel = "messages",
            Categories = [.. Enumerable.Range(0, Partitions).Select(static partition => partition.ToString(CultureInfo.InvariantCulture))],
            Series = [new(context.SeriesName(ModelKind.Log), ModelKind.Log, [.. counts.Select(static (count, i) => new ChartPoint(i, count))])],
            Caption = $"The most frequent of {Figures.Count(context.Workload.Summary.Keys)} keys has {Figures.Share(context.Workload.Summary.LargestKeyShare)} of the messages. "
                + "A group is as fast as the member that has the busiest partition; a queue has no such member.",
        });
    }
}
