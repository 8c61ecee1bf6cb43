using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessagingModels.Broker.Hosting;

/// <summary>What of a running broker cannot be used: coordinators, partitions and queues whose log is corrupt go on failing while the rest works.</summary>
internal static class EmbeddedHealth
{
    /// <summary>Looks at the coordinators and at every partition and queue, whatever virtual host it is in.</summary>
    /// <returns>The reason for each that cannot be used, by its name.</returns>
    public static async ValueTask<IReadOnlyDictionary<string, object>> FindErrorsAsync(EmbeddedBroker broker, CancellationToken cancellationToken)
    {
        ILogBroker log = broker.Log;
        SortedDictionary<string, object> errors = new(StringComparer.Ordinal);
        if (broker.Groups.Failure is { } groups)
            errors["coordinator of groups"] = groups.Message;
        if (broker.Transactions.Failure is { } transactions)
            errors["coordinator of transactions"] = transactions.Message;
        foreach (string topic in await log.ListTopicsAsync(cancellationToken).ConfigureAwait(false))
        {
            TopicDescription description;
            try
            {
                description = await log.DescribeTopicAsync(topic, cancellationToken).ConfigureAwait(false);
            }
            catch (LogException gone) when (gone.ErrorCode is LogErrorCode.UnknownTopicOrPartition)
            {
                continue;
            }

            foreach (PartitionDescription partition in description.Partitions)
            {
                if (partition.Error is { } error)
                    errors[$"partition {new TopicPartition(topic, partition.Partition)}"] = error;
            }
        }

        foreach ((string virtualHost, QueueDescription queue) in broker.ListAllQueues())
        {
            if (queue.Error is { } error)
                errors[NameOf(virtualHost, queue.Declaration.Name)] = error;
        }

        return errors;
    }

    private static string NameOf(string virtualHost, string queue)
        => virtualHost == EmbeddedBroker.DefaultVirtualHost ? $"queue {queue}" : $"queue {queue} of the virtual host {virtualHost}";

    /// <summary>The first reason in words, all of them as data.</summary>
    public static HealthCheckResult Summarize(IReadOnlyDictionary<string, object> errors)
    {
        if (errors.Count == 0)
            return HealthCheckResult.Healthy("The embedded broker is running and its store is sound.");
        (string name, object reason) = errors.First();
        string others = errors.Count == 1
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" {errors.Count - 1} more cannot be used either.");
        return HealthCheckResult.Unhealthy($"The {name} cannot be used: {reason}{others}", data: errors);
    }
}
